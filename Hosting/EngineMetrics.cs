namespace OrleansBilling.Hosting;

/// <summary>What an engine has done since it was made, for whoever publishes it. Counts cost a few nanoseconds; any thread may read.</summary>
public sealed class EngineMetrics
{
    private readonly long[] calls = new long[(int)Enum.GetValues<Outcome>().Max() + 1];
    private long refused;
    private long repeated;
    private long lostSessions;

    /// <summary>
    /// Called after each commit with its rows and how long the journal took; from the lane's loop, which waits for it, and it
    /// must not throw.
    /// </summary>
    public Action<int, TimeSpan>? OnCommit { get; set; }

    /// <summary>Grains whose rows the journal refused because another host had written them.</summary>
    public long RefusedByFence => Volatile.Read(ref this.refused);

    /// <summary>Commands whose request id the journal had already.</summary>
    public long RefusedAsRepeated => Volatile.Read(ref this.repeated);

    /// <summary>Writer sessions that were lost.</summary>
    public long LostSessions => Volatile.Read(ref this.lostSessions);

    /// <summary>How many calls came to an outcome.</summary>
    /// <param name="outcome">The outcome.</param>
    public long Calls(Outcome outcome) => Volatile.Read(ref this.calls[(int)outcome]);

    internal void CountCall(Outcome outcome) => Interlocked.Increment(ref this.calls[(int)outcome]);

    internal void CountRefused() => Interlocked.Increment(ref this.refused);

    internal void CountRepeated() => Interlocked.Increment(ref this.repeated);

    internal void CountLostSession() => Interlocked.Increment(ref this.lostSessions);
}
