using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Heads;

/// <summary>Exports the heads of the chains that changed, from time to time and when the host stops; of several hosts, one does.</summary>
/// <param name="reader">What changed.</param>
/// <param name="folder">Where it goes.</param>
/// <param name="interval">How often.</param>
/// <param name="time">Paces it.</param>
/// <param name="log">Where trouble is told of.</param>
internal sealed class HeadsExport(HeadReader reader, HeadsFolder folder, TimeSpan interval, TimeProvider time, ILogger<HeadsExport> log)
{
    /// <summary>The longest that an export may take; the first of a large journal reads all of it.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromHours(1);

    /// <summary>The longest that the last one may hold up a stop; the next start makes up for it.</summary>
    public static readonly TimeSpan LongestTimeAtStop = TimeSpan.FromSeconds(10);

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="ct">Ends the loop.</param>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(interval, time, ct);
                await this.ExportAsync(LongestTime, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Exports what changed since the last file; what goes wrong is told to the log.</summary>
    /// <param name="longest">How long it may take.</param>
    /// <param name="ct">Gives up.</param>
    public async Task ExportAsync(TimeSpan longest, CancellationToken ct)
    {
        using CancellationTokenSource limit = new(longest, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            if (await reader.TryBeginAsync(either.Token) is not { } now)
            {
                return;
            }

            HeadFile? last = folder.ReadLast();
            HeadPosition? since = last is null ? null : new HeadPosition(last.Header.Database, last.Header.NextTx);
            (string? path, long count) = await folder.AddAsync(
                last, now, time.GetUtcNow(), writer => reader.ReadAsync(since, now, writer.Add, either.Token));
            if (path is not null)
            {
                log.HeadsWritten(count, path);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            log.HeadsNotWritten($"It took longer than {longest}.");
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Whatever it is: heads must not wait for a restart of the host.
            log.HeadsNotWritten(e.Message);
        }
    }
}
