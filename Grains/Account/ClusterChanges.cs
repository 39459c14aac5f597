using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// The record of what operators do about where grains live, in the vendor's own account: no grain's state changes by it, and the
/// record of changes has to have it all the same.
/// </summary>
internal static class ClusterChanges
{
    public static Decision Decide(AccountState s, AskClusterChange c) =>
        Problem("what", c.What)
        ?? Problem("target", c.Target)
        ?? (c.Silo is null ? null : Problem("silo", c.Silo))
        ?? Lifecycle.OptionalReasonProblem(c.Reason)
        ?? Lifecycle.NotChangeable(s)
        ?? Decision.Accept(new ClusterChangeAsked(c.What, c.Target, c.Silo, c.Reason));

    public static Decision Decide(AccountState s, EndClusterChange c) =>
        Problem("result", c.Result)
        ?? Lifecycle.NotChangeable(s)
        ?? Decision.Accept(new ClusterChangeEnded(c.Change, c.Result!));

    private static Decision? Problem(string field, string? text) => Text.NameProblem(text) is { } problem ? Decision.Invalid(field, problem) : null;
}
