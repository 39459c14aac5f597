namespace OrleansBilling.Journal.Postgres;

/// <summary>How far the sums of usage have come.</summary>
/// <param name="More">Whether more is waiting that can be read now.</param>
/// <param name="Rows">How many rows this step added.</param>
/// <param name="AsOfNanos">All that was acknowledged before is in them, in nanos since the Unix epoch; null while it is not known.</param>
/// <param name="NowNanos">When the step began, by PostgreSQL's clock.</param>
public sealed record UsageProgress(bool More, int Rows, long? AsOfNanos, long NowNanos)
{
    /// <summary>Whether another host wrote a step first, so that this one was for nothing.</summary>
    internal bool IsLost { get; init; }
}
