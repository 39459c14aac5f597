using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>The account as readers see it. A counter whose window is over shows 0.</summary>
internal static class Views
{
    /// <summary>What stands for a limit that does not exist.</summary>
    private const long NoMax = -1;

    public static Decision Decide(AccountState s, long seq, long now) =>
        s.Status == AccountStatus.None ? Decision.Deny(Outcome.AccountNotFound) : Decision.Reply(Of(s, seq, now));

    /// <summary>One key's policy.</summary>
    public static KeyView Of(KeyState key, AccountState s, long now)
    {
        Windows windows = Windows.At(s, now);
        return Of(s, key, in windows, now);
    }

    private static AccountView Of(AccountState s, long seq, long now)
    {
        Windows windows = Windows.At(s, now);
        return new AccountView
        {
            Seq = seq,
            AtNanos = now,
            Status = s.Status,
            Mode = s.Mode,
            Currency = s.Currency,
            Zone = s.Zone,
            AnchorDay = s.AnchorDay,
            BalanceNanos = s.Balance,
            HeldNanos = s.Held,
            CreditLimitNanos = s.CreditLimit,
            TotalSpentNanos = s.TotalSpent,
            LowBalanceNanos = s.LowBalance == AccountState.NoThreshold ? null : s.LowBalance,
            Tier = s.Tier,
            Day = new Window(windows.Day.Start, windows.Day.End),
            Month = new Window(windows.Month.Start, windows.Month.End),
            Limits = AccountLimits(s, in windows),
            Grants = Grants(s),
            Holds = Holds(s),
            Keys = Keys(s, in windows, now),
            Workspaces = Workspaces(s, in windows),
        };
    }

    private static KeyView Of(AccountState s, KeyState key, in Windows windows, long now) => new(
        key.Id,
        key.Prefix,
        key.Name,
        key.Type,
        key.Scopes ?? [],
        key.Revoked,
        key.Expires == long.MaxValue ? null : key.Expires,
        key.Workspace,
        BudgetLimits(in key.Counter.Budget, in windows, LimitNames.Key))
    {
        Mode = s.Mode,
        Rates = RateLimits(key, in windows, now),
        Addresses = key.Extras?.Addresses,
        Metadata = key.Extras?.Metadata,
        LastUsedAtNanos = key.LastUsed == 0 ? null : key.LastUsed,
        Requests = key.Requests,
        Successor = key.Successor?.Id,
    };

    private static Limit[] RateLimits(KeyState key, in Windows windows, long now)
    {
        SmallList<Limit> limits = default;
        KeyRates.AddChecks(ref limits, key, in windows, now, 0);
        return limits.Count == 0 ? [] : limits.ToArray();
    }

    private static Limit[] AccountLimits(AccountState s, in Windows windows)
    {
        Limit[] limits = new Limit[2 + s.Meters.Count];
        limits[0] = new Limit(LimitNames.Account.Daily, s.Budget.DailyCap, windows.DayUse(in s.Budget), 0, windows.Day.End);
        limits[1] = new Limit(LimitNames.Account.Monthly, s.Budget.MonthlyCap, windows.MonthUse(in s.Budget), 0, windows.Month.End);
        for (int i = 0; i < s.Meters.Count; i++)
        {
            ref MeterState meter = ref s.Meters[i];
            long max = meter.Max == MeterState.Unlimited ? NoMax : meter.Max;
            limits[2 + i] = new Limit(SharedNames.Quota(meter.Name), max, windows.IsNewMonth ? 0 : meter.Used, 0, windows.Month.End);
        }

        return limits;
    }

    private static Limit[] BudgetLimits(in Budget budget, in Windows windows, LimitNames names) =>
    [
        new Limit(names.Daily, budget.DailyCap, windows.DayUse(in budget), 0, windows.Day.End),
        new Limit(names.Monthly, budget.MonthlyCap, windows.MonthUse(in budget), 0, windows.Month.End),
        new Limit(names.Total, budget.TotalCap, budget.Total, 0),
    ];

    private static GrantView[] Grants(AccountState s)
    {
        GrantView[] views = new GrantView[s.Grants.Count];
        for (int i = 0; i < views.Length; i++)
        {
            ref Grant grant = ref s.Grants[i];
            views[i] = new GrantView(
                grant.Number, grant.Kind, grant.Free + grant.Held, grant.Priority, grant.Expires == long.MaxValue ? null : grant.Expires);
        }

        return views;
    }

    private static HoldView[] Holds(AccountState s)
    {
        HoldView[] views = new HoldView[s.Holds.Count];
        for (int i = 0; i < views.Length; i++)
        {
            HoldState hold = s.Holds[i];
            views[i] = new HoldView(
                hold.Number, hold.Remaining, hold.Captured, hold.PlacedAt, hold.Expires, hold.Key, hold.Workspace, hold.Meter, hold.Quantity);
        }

        return views;
    }

    private static KeyView[] Keys(AccountState s, in Windows windows, long now)
    {
        KeyView[] views = new KeyView[s.Keys.Count];
        for (int i = 0; i < views.Length; i++)
        {
            views[i] = Of(s, s.Keys[i], in windows, now);
        }

        return views;
    }

    private static WorkspaceView[] Workspaces(AccountState s, in Windows windows)
    {
        WorkspaceView[] views = new WorkspaceView[s.Workspaces.Count];
        for (int i = 0; i < views.Length; i++)
        {
            WorkspaceState workspace = s.Workspaces[i];
            views[i] = new WorkspaceView(workspace.Name, BudgetLimits(in workspace.Budget, in windows, LimitNames.Workspace));
        }

        return views;
    }
}
