using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Turns;

/// <summary>What a turn did.</summary>
internal enum TurnKind
{
    /// <summary>The activation may not be used any more; nothing was decided.</summary>
    Gone,

    /// <summary>The journal's queue is full; nothing was decided.</summary>
    Full,

    /// <summary>A command was accepted and its rows are queued.</summary>
    Accepted,

    /// <summary>A repeat, found among the recent replies.</summary>
    Replay,

    /// <summary>A denial or a read; at most expiries were queued.</summary>
    Answer,
}

/// <summary>A turn's result.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Reply">The reply to give once <paramref name="After"/> is durable.</param>
/// <param name="SeqSeen">The number of the last row that the turn had seen or made.</param>
/// <param name="After">The unit the reply has to wait for; null when all that was seen is durable.</param>
internal readonly record struct Turn(TurnKind Kind, Reply? Reply, long SeqSeen, Unit? After)
{
    /// <summary>Nothing was decided: load the grain again.</summary>
    public static readonly Turn Gone = new(TurnKind.Gone, null, 0, null);

    /// <summary>Nothing was decided: the queue is full.</summary>
    public static readonly Turn Full = new(TurnKind.Full, null, 0, null);
}

/// <summary>What a turn may know besides the command.</summary>
internal readonly record struct TurnInputs(
    long NowNanos, IPrices Prices, Event? Referenced, long ReferencedAtNanos, EngineOptions Options, RecentReplies Recent);

/// <summary>A grain as loaded and checked.</summary>
internal readonly record struct LoadedState(object State, long Seq, long AtNanos, ChainHash Hash, long SnapshotSeq);
