using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Opening, limits, tiers, workspaces, keys.</summary>
internal sealed partial class Ledger
{
    private const int WorkspacesMax = 1_000;

    private Verdict DecideOpen(OpenAccount c) => this.status != AccountStatus.None
        ? Verdict.Deny(Outcome.AccountExists)
        : Verdict.Accept(new AccountOpened(c.Currency, c.Zone, c.AnchorDay, c.CreditLimitNanos, c.Tier, (c.Quotas ?? c.TierQuotas)!) { Mode = c.Mode });

    private Verdict DecideLimits(SetLimits c) =>
        this.NotUsable() ?? Verdict.Accept(new LimitsSet(c.CreditLimitNanos, c.DailyCapNanos, c.MonthlyCapNanos, c.LowBalanceNanos));

    private Verdict DecideWorkspace(SetWorkspace c)
    {
        if (this.NotUsable() is { } denial)
        {
            return denial;
        }

        bool known = this.workspaces.TryGetValue(c.Workspace, out LedgerWorkspace? workspace) && workspace.Caps is not null;
        return !known && this.workspaces.Count >= WorkspacesMax ? Verdict.Deny(Outcome.TooMany) : Verdict.Accept(new WorkspaceSet(c.Workspace, c.Caps));
    }
}
