using Microsoft.Extensions.Logging;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting;

/// <summary>The host's time in whole microseconds, and whether it agrees with the journal's.</summary>
internal sealed class HostClock(IJournal journal, EngineOptions options, TimeProvider time, ILogger logger)
{
    private volatile bool agrees;
    private volatile bool toldOfTrouble;

    /// <summary>Nanos since the Unix epoch.</summary>
    public long NowNanos => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond * 1000;

    /// <summary>Whether the host may decide.</summary>
    public bool Agrees => this.agrees;

    /// <summary>Compares the clocks. What cannot be read leaves the last verdict.</summary>
    public async Task CompareAsync()
    {
        long before = this.NowNanos;
        long journalNow;
        try
        {
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(3), time);
            journalNow = await journal.ReadClockAsync(limit.Token);
        }
        catch (Exception e) when (e is JournalUnavailableException or OperationCanceledException)
        {
            this.toldOfTrouble = true;
            Log.ClockNotRead(logger, e.Message);
            return;
        }

        // The journal read its clock somewhere between: only what lies outside is skew.
        long after = this.NowNanos;
        long skewNanos = journalNow < before ? before - journalNow : journalNow > after ? journalNow - after : 0;
        bool agreed = skewNanos <= options.MaxClockSkew.Ticks * 100;
        if (!agreed)
        {
            this.toldOfTrouble = true;
            Log.ClockSkewed(logger, skewNanos / 1_000_000);
        }
        else if (this.toldOfTrouble)
        {
            this.toldOfTrouble = false;
            Log.ClockAgrees(logger);
        }

        this.agrees = agreed;
    }
}
