namespace OrleansBilling.Hosting.Commit;

/// <summary>
/// The clock of one batch, its retries and the halves it is split into: what is tried is over in time for the oldest command in it.
/// </summary>
internal sealed class BatchTime(TimeProvider time, TimeSpan limit)
{
    private readonly long started = time.GetTimestamp();
    private TimeSpan longest;

    /// <summary>How long the next attempt may take.</summary>
    public TimeSpan Left => limit - time.GetElapsedTime(this.started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Whether one more attempt, after a pause, would be over in time if it took as long as the longest so far.</summary>
    public bool AllowsOneMore(TimeSpan pause) => time.GetElapsedTime(this.started) + pause + this.longest < limit;

    /// <summary>One attempt, begun then, is over.</summary>
    public void Count(long began)
    {
        TimeSpan took = time.GetElapsedTime(began);
        this.longest = took > this.longest ? took : this.longest;
    }
}
