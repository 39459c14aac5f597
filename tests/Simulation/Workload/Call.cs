using OrleansBilling.Account;
using OrleansBilling.Keys;
using OrleansBilling.Simulation.Nodes;

namespace OrleansBilling.Simulation.Workload;

/// <summary>One call of one client, and what is known of it.</summary>
internal sealed class Call
{
    /// <summary>How far a host's clock may be off while it decides.</summary>
    public const long SkewAllowedNanos = 500_000_000;

    private static readonly KeyProof Shown = new("", "", "");

    public required int Id { get; init; }

    public required GrainId Grain { get; init; }

    public required Command Command { get; init; }

    /// <summary>Names the command's body: equal for repeats, different where anything that the client said differs.</summary>
    public required int Body { get; init; }

    public required SimNode Node { get; init; }

    /// <summary>A read that has to come out right first, or null.</summary>
    public Call? Guard { get; init; }

    /// <summary>When its client gives up, or 0.</summary>
    public long PatienceNanos { get; init; }

    /// <summary>Whether it may be asked in one go with others of its grain.</summary>
    public bool MayBeInOrder => this.Guard is null && this.PatienceNanos == 0 && this.Command.RefersTo == 0;

    public int Incarnation { get; set; }

    /// <summary>The node's prices.</summary>
    public Tariff? Tariff { get; set; }

    public long StartNanos { get; set; }

    /// <summary>How often the world had been at rest when the call began.</summary>
    public long StartRests { get; set; }

    public long EndNanos { get; set; }

    /// <summary>The same when it ended.</summary>
    public long EndRests { get; set; }

    /// <summary>The row that this call wrote, or 0.</summary>
    public long RowSeq { get; set; }

    public CallState State { get; set; }

    public Reply? Reply { get; set; }

    /// <summary>Of a read that was right only its outcome matters any more; what it showed may be large.</summary>
    public void Forget() => this.Reply = this.Reply is AccountView or KeyView ? Shown : this.Reply;

    /// <summary>The node was frozen, or its clock wrong, while the call was under way: no time is asked of it.</summary>
    public bool Excused { get; set; }

    /// <summary>The lowest and the highest the node's clock was off while the call was under way.</summary>
    public long MinSkew { get; set; }

    public long MaxSkew { get; set; }

    /// <summary>Whether its row was last in a batch that failed for other grains, or for what passes.</summary>
    public bool IsSpared { get; set; }

    /// <summary>Whether it was asked in one go with others, before or after them.</summary>
    public bool IsInOrder { get; set; }

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool Detached { get; set; }

    /// <summary>What the client does next.</summary>
    public Action? Then { get; set; }

    /// <inheritdoc/>
    public override int GetHashCode() => this.Id;
}

/// <summary>How far a call is.</summary>
internal enum CallState
{
    UnderWay,

    /// <summary>Answered.</summary>
    Ended,

    /// <summary>Its client gave up, or its node is gone: it may have been recorded or not.</summary>
    Lost,
}
