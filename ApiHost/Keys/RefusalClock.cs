namespace OrleansBilling.ApiHost.Keys;

/// <summary>
/// Lets refusals of keys go at the ticks of a clock, all that are due together. How long it took to find out what is wrong with a key,
/// some microseconds more where a row was found than where none was, is lost in that: measured over many tries, it would tell which
/// keys exist.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RefusalClock(TimeProvider time)
{
    /// <summary>The time between ticks, and the longest that a refusal waits.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly Lock gate = new();
    private Task? next;

    /// <summary>Completes at the next tick.</summary>
    public Task WaitAsync()
    {
        lock (this.gate)
        {
            return this.next ??= this.TickAsync();
        }
    }

    private async Task TickAsync()
    {
        // Delays are whole milliseconds: rounded up, so that none is over before it began.
        long since = time.GetTimestamp() % (long)(Interval.TotalSeconds * time.TimestampFrequency);
        await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling((Interval - time.GetElapsedTime(0, since)).TotalMilliseconds)), time);
        lock (this.gate)
        {
            this.next = null;
        }
    }
}
