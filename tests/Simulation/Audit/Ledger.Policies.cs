using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Opening, limits, workspaces, zones, and what is on record only.</summary>
internal sealed partial class Ledger
{
    private const int WorkspacesMax = 1_000;

    private Verdict DecideOpen(OpenAccount c) => this.status != AccountStatus.None
        ? Verdict.Deny(Outcome.AccountExists)
        : Verdict.Accept(new AccountOpened(c.Currency, c.Zone, c.AnchorDay, c.CreditLimitNanos, c.Tier, (c.Quotas ?? c.TierQuotas)!) { Mode = c.Mode, Reason = c.Reason });

    private Verdict DecideLimits(SetLimits c) =>
        this.NotUsable() ?? Verdict.Accept(new LimitsSet(c.CreditLimitNanos, c.DailyCapNanos, c.MonthlyCapNanos, c.LowBalanceNanos) { Reason = c.Reason });

    private Verdict DecideWorkspace(SetWorkspace c, long now)
    {
        if ((this.NotUsable() ?? this.NotAsking(c.Maker, now)) is { } denial)
        {
            return denial;
        }

        if (this.KeyOf(c.Maker)?.Created.Workspace is not null)
        {
            return Verdict.Reply(new Denied(Outcome.ExceedsMaker, null, "workspace"));
        }

        bool known = this.workspaces.TryGetValue(c.Workspace, out LedgerWorkspace? workspace) && workspace.Caps is not null;
        return !known && this.workspaces.Count >= WorkspacesMax ? Verdict.Deny(Outcome.TooMany)
            : Verdict.Accept(new WorkspaceSet(c.Workspace, c.Caps) { Reason = c.Reason });
    }

    // The day and the month that run stay, whether anything counted in them or not.
    private Verdict DecideZone(SetZone c, long now) => this.NotUsable() ?? Verdict.Accept(new ZoneSet(c.Zone, c.Reason)
    {
        Day = this.DayOf(now) == this.day ? null : this.DayOf(now),
        Month = this.MonthOf(now) == this.month ? null : this.MonthOf(now),
    });

    private void ApplyZone(ZoneSet x, long at)
    {
        this.Saw(x.Day, x.Month);
        this.zone = x.Zone;
        this.days!.Move(x.Zone, at);
        this.months!.Move(x.Zone, at);
    }

    // A profile can be erased of an account that is closed.
    private Verdict DecideErase(EraseProfile c) =>
        this.status == AccountStatus.None ? Verdict.Deny(Outcome.AccountNotFound) : Verdict.Accept(new ProfileErased(c.Reason));
}
