using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>The states that a call's answer may be from: some rows of one history, then those of the one that a switched server went on with.</summary>
/// <param name="History">The history.</param>
/// <param name="Call">The call.</param>
/// <param name="From">The last durable row when the call began, or when this history did.</param>
/// <param name="To">The last one when the call ended, or when this history did.</param>
/// <param name="Then">What came after this history, or null.</param>
internal sealed record Span(GrainAudit History, Call Call, long From, long To, Span? Then)
{
    /// <summary>Whether something is true of one of the histories, as they are now.</summary>
    public bool Any(Func<GrainAudit, bool> isTrue) => isTrue(this.History) || this.Then?.Any(isTrue) == true;
}
