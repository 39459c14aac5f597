using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Opening, limits, tiers, workspaces, keys; and what a read shows.</summary>
internal sealed partial class Ledger
{
    private const int WorkspacesMax = 1_000;
    private const int KeysMax = 1_000;

    private Verdict DecideOpen(OpenAccount c) => this.status != AccountStatus.None
        ? Verdict.Deny(Outcome.AccountExists)
        : Verdict.Accept(new AccountOpened(c.Currency, c.Zone, c.AnchorDay, c.CreditLimitNanos, c.Tier, (c.Quotas ?? c.TierQuotas)!));

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

    private Verdict DecideCreateKey(CreateKey c)
    {
        if (this.NotUsable() is { } denial)
        {
            return denial;
        }

        if (this.KeyOf(c.Key) is not null)
        {
            return Verdict.Deny(Outcome.KeyExists);
        }

        if (this.keys.Count >= KeysMax)
        {
            return Verdict.Deny(Outcome.TooMany);
        }

        return Verdict.Accept(new KeyCreated
        {
            Key = c.Key,
            Prefix = c.Prefix,
            Name = c.Name,
            Type = c.Type,
            Scopes = c.Scopes.Length == 0 ? null : c.Scopes,
            ExpiresAtNanos = c.ExpiresAtNanos,
            Workspace = c.Workspace,
            Caps = c.Caps == new Caps() ? null : c.Caps,
            Tag = c.Tag,
            Pepper = c.Pepper,
        });
    }

    private Verdict DecideRevoke(RevokeKey c)
    {
        if (this.NotUsable() is { } denial)
        {
            return denial;
        }

        LedgerKey? key = this.KeyOf(c.Key);
        return key is null ? Verdict.Deny(Outcome.KeyNotFound)
            : key.Revoked ? Verdict.Deny(Outcome.KeyRevoked) : Verdict.Accept(new KeyRevoked(c.Key, c.Reason));
    }

    private Verdict DecideCheckKey(CheckKey c, long now)
    {
        Outcome? bad = this.status switch
        {
            AccountStatus.None => Outcome.AccountNotFound,
            AccountStatus.Suspended => Outcome.AccountSuspended,
            AccountStatus.Closed => Outcome.AccountClosed,
            _ => null,
        };
        LedgerKey? key = this.KeyOf(c.Key);
        bad ??= key is null ? Outcome.KeyNotFound
            : key.Revoked ? Outcome.KeyRevoked
            : key.Created.ExpiresAtNanos <= now ? Outcome.KeyExpired
            : c.Scope is not null && !(key.Created.Scopes ?? []).Any(s => s == "*" || s == c.Scope) ? Outcome.ScopeMissing : null;
        return bad is { } outcome ? Verdict.Deny(outcome) : Verdict.Reply(this.ViewOf(key!, now));
    }

    private static long Shown(long? cap) => cap ?? -1;

    private Limit[] CapsView(Caps caps, LedgerScope scope, string prefix, long now, bool all)
    {
        Window inDay = this.DayOf(now);
        Window inMonth = this.MonthOf(now);
        List<Limit> shown = [];
        if (all || caps.DailyNanos is not null)
        {
            shown.Add(new Limit($"{prefix}daily_cap", Shown(caps.DailyNanos), scope.InDay(inDay), 0, inDay.EndNanos));
        }

        if (all || caps.MonthlyNanos is not null)
        {
            shown.Add(new Limit($"{prefix}monthly_cap", Shown(caps.MonthlyNanos), scope.InMonth(inMonth), 0, inMonth.EndNanos));
        }

        if (caps.TotalNanos is not null || (all && prefix.Length > 0))
        {
            shown.Add(new Limit($"{prefix}total_cap", Shown(caps.TotalNanos), scope.Total, 0));
        }

        return [.. shown];
    }

    private KeyView ViewOf(LedgerKey key, long now) => new(
        key.Created.Key, key.Created.Prefix, key.Created.Name, key.Created.Type, key.Created.Scopes ?? [], key.Revoked,
        key.Created.ExpiresAtNanos, key.Created.Workspace, this.CapsView(key.Created.Caps ?? new Caps(), key.Spent, "key_", now, true));

    private AccountView View(long now)
    {
        Caps own = new() { DailyNanos = this.limits.DailyCapNanos, MonthlyNanos = this.limits.MonthlyCapNanos };
        List<Limit> shown = [.. this.CapsView(own, this.spent, "", now, true)];
        foreach (LedgerMeter meter in this.meters)
        {
            shown.Add(new Limit($"quota:{meter.Name}", meter.Max ?? -1, this.Count(meter, now), 0, this.MonthOf(now).EndNanos));
        }

        return new AccountView
        {
            Seq = this.Seq,
            AtNanos = now,
            Status = this.status,
            Currency = this.opened!.Currency,
            Zone = this.opened.Zone,
            AnchorDay = this.opened.AnchorDay,
            BalanceNanos = this.Balance,
            HeldNanos = this.held,
            CreditLimitNanos = this.limits.CreditLimitNanos,
            TotalSpentNanos = this.totalSpent,
            LowBalanceNanos = this.limits.LowBalanceNanos,
            Tier = this.tier,
            Limits = [.. shown],
            Grants = [.. this.grants.Select(g => new GrantView(g.Seq, g.Kind, g.Left, g.Priority, g.Expires))],
            Holds = [.. this.open.Values.Select(h => new HoldView(
                h.Seq, h.Left, h.Captured, h.PlacedAt, h.Expires, h.Placed.Key, h.Placed.Workspace, h.Placed.Meter, h.Placed.Quantity))],
            Keys = [.. this.keys.Select(k => this.ViewOf(k, now))],
            Workspaces = [.. this.workspaces.Where(w => w.Value.Caps is not null)
                .Select(w => new WorkspaceView(w.Key, this.CapsView(w.Value.Caps!, w.Value.Spent, "workspace_", now, true)))],
        };
    }
}
