namespace OrleansBilling.Hosting.Journal;

/// <summary>One row of the journal, as stored.</summary>
/// <param name="Grain">The grain's path.</param>
/// <param name="Seq">The row's number in the grain's chain, from 1.</param>
/// <param name="AtNanos">When it was decided, in nanos since the Unix epoch, whole microseconds.</param>
/// <param name="Type">The event's stored type name.</param>
/// <param name="Actor">Who caused it; empty for the system.</param>
/// <param name="RequestId">The request id it answers, or null.</param>
/// <param name="RequestHash">The hash of that request's body, or null.</param>
/// <param name="Data">The event's stored form, UTF-8 JSON.</param>
public sealed record JournalRow(
    GrainId Grain, long Seq, long AtNanos, string Type, string Actor, string? RequestId, byte[]? RequestHash, byte[] Data)
{
    /// <summary>The chain's hash up to and with this row.</summary>
    public ChainHash Hash { get; set; }

    /// <summary>
    /// The hash of the row before, where whoever appends has it at hand: a journal then compares instead of hashing the row again
    /// to see that it follows. Not stored; default for a grain's first row, for one that does not say, and for one that was read.
    /// </summary>
    public ChainHash Previous { get; set; }
}
