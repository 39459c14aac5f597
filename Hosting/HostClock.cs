using Microsoft.Extensions.Logging;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting;

/// <summary>
/// The host's time, given out only while it is proven to be right. The journal's clock is read now and then; between two readings
/// the monotonic clock says what the journal's must show, so a clock that is set meanwhile is seen at the next turn.
/// </summary>
internal sealed class HostClock(IJournal journal, EngineOptions options, TimeProvider time, ILogger logger)
{
    private const long MaxAgeNanos = 60_000_000_000;
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryTime = TimeSpan.FromMilliseconds(250);

    private readonly long maxSkewNanos = options.MaxClockSkew.Ticks * 100;
    private readonly Lock gate = new();
    private volatile Reading? reading;
    private TaskCompletionSource<bool>? comparing;
    private bool toldOfTrouble;

    /// <summary>Whether the host may decide.</summary>
    public bool Agrees => this.TryNow(out _);

    /// <summary>The host's time.</summary>
    /// <param name="nowNanos">Nanos since the Unix epoch, in whole microseconds.</param>
    /// <returns>False if it may be further from the journal's than allowed, or nothing is known of the journal's.</returns>
    public bool TryNow(out long nowNanos)
    {
        nowNanos = 0;
        if (this.reading is not { } known)
        {
            return false;
        }

        // Twice: a thread that is put aside between the two clocks sees a jump where there is none.
        for (int i = 0; i < 2; i++)
        {
            long timestamp = time.GetTimestamp();
            nowNanos = this.WallNanos();
            if (this.SkewMaxNanos(known, timestamp, nowNanos) <= this.maxSkewNanos)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Compares the clocks now and then, more often while they do not agree.</summary>
    public async Task KeepAsync(CancellationToken ct)
    {
        TimeSpan retry = RetryTime < options.HousekeepingInterval ? RetryTime : options.HousekeepingInterval;
        while (true)
        {
            try
            {
                await Task.Delay(this.Agrees ? options.HousekeepingInterval : retry, time, ct);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await this.CompareAsync();
        }
    }

    /// <summary>Reads the journal's clock, once for all who ask meanwhile.</summary>
    /// <returns>Whether the clocks agree; where it could not be read, whether they still do.</returns>
    public Task<bool> CompareAsync()
    {
        TaskCompletionSource<bool> source;
        lock (this.gate)
        {
            if (this.comparing is not null)
            {
                return this.comparing.Task;
            }

            this.comparing = source = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = this.RunAsync(source);
        return source.Task;
    }

    private async Task RunAsync(TaskCompletionSource<bool> source)
    {
        try
        {
            await this.ReadAsync();
        }
        catch (Exception e)
        {
            Log.LoopFailed(logger, e);
        }

        lock (this.gate)
        {
            this.comparing = null;
        }

        source.SetResult(this.Agrees);
    }

    private async Task ReadAsync()
    {
        long before = time.GetTimestamp();
        long journalNow;
        try
        {
            using CancellationTokenSource limit = new(ReadTime, time);
            journalNow = await journal.ReadClockAsync(limit.Token);
        }
        catch (Exception e) when (e is JournalUnavailableException or OperationCanceledException)
        {
            if (this.IsNews())
            {
                Log.ClockNotRead(logger, e.Message);
            }

            return;
        }

        Reading read = new(journalNow, before, time.GetTimestamp());
        if (this.reading is not { } known || this.IsBetter(read, known))
        {
            this.reading = known = read;
        }

        long wall = this.WallNanos();
        long skew = this.SkewMaxNanos(known, time.GetTimestamp(), wall);
        if (skew > this.maxSkewNanos)
        {
            if (this.IsNews())
            {
                Log.ClockSkewed(logger, skew / 1_000_000);
            }
        }
        else if (this.toldOfTrouble)
        {
            this.toldOfTrouble = false;
            Log.ClockAgrees(logger);
        }
    }

    // What took long says little: an earlier reading stands against it while it is young, unless they contradict each other.
    private bool IsBetter(Reading read, Reading known)
    {
        long most = this.Nanos(known.Before, read.After);
        long passed = read.JournalNanos - known.JournalNanos;
        long took = this.Nanos(read.Before, read.After);
        return took <= this.Nanos(known.Before, known.After)
            || most > (took <= this.maxSkewNanos ? MaxAgeNanos / 2 : MaxAgeNanos)
            || passed > most
            || passed < this.Nanos(known.After, read.Before);
    }

    // How far the wall's clock may be off: the journal read its own at some moment between Before and After.
    private long SkewMaxNanos(Reading known, long timestamp, long wallNanos)
    {
        long most = this.Nanos(known.Before, timestamp);
        return most > MaxAgeNanos
            ? long.MaxValue
            : Math.Max(wallNanos - known.JournalNanos - this.Nanos(known.After, timestamp), known.JournalNanos + most - wallNanos);
    }

    private long Nanos(long from, long to) => time.GetElapsedTime(from, to).Ticks * 100;

    private long WallNanos() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond * 1000;

    // Told once: while the clocks do not agree they are compared again and again.
    private bool IsNews() => !this.toldOfTrouble && (this.toldOfTrouble = true);

    /// <summary>The journal's clock, and the monotonic one before it was asked and after it answered.</summary>
    private sealed record Reading(long JournalNanos, long Before, long After);
}
