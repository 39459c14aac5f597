using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;
using OrleansBilling.Json;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>Finishes from the journal what a crash left between an account that recorded a key and the key's proof.</summary>
/// <param name="issuer">Makes sure of proofs; repeats do no harm.</param>
/// <param name="outbox">What the journal has recorded, in commit order.</param>
/// <param name="time">Paces the loop.</param>
/// <param name="log">Where trouble is told of.</param>
internal sealed class KeyOutbox(KeyIssuer issuer, Outbox outbox, TimeProvider time, ILogger<KeyOutbox> log)
{
    private const string CursorName = "key-proofs";
    private const int BatchSize = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="ct">Ends the loop.</param>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await this.DrainAsync(ct);
                await Task.Delay(Interval, time, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Finishes all that is left now, or as much as can be.</summary>
    /// <param name="ct">Gives up.</param>
    public async Task DrainAsync(CancellationToken ct)
    {
        try
        {
            OutboxPosition done = await outbox.ReadCursorAsync(CursorName, ct);
            while (await outbox.ReadSideEffectsAsync(done, BatchSize, ct) is { Count: > 0 } effects)
            {
                foreach (SideEffect effect in effects)
                {
                    if (!await this.FinishAsync(effect.Row, ct))
                    {
                        return;
                    }

                    done = effect.Position;
                }

                await outbox.SaveCursorAsync(CursorName, done, ct);
            }
        }
        catch (Exception e) when (e is JournalUnavailableException or InvalidOperationException)
        {
            log.OutboxNotRead(e.Message);
        }
    }

    private async Task<bool> FinishAsync(JournalRow row, CancellationToken ct)
    {
        if (EventJson.Read(row.Type, row.Data) is not KeyCreated created)
        {
            return true;
        }

        Reply reply = await issuer.IssueAsync(row.Grain.Key, created, ct);
        if (reply.Outcome is Outcome.Accepted or Outcome.KeyExists)
        {
            return true;
        }

        log.ProofNotRecorded(created.Key, row.Grain.Key, reply.Outcome);
        return false;
    }
}
