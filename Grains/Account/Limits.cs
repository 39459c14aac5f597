using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>The account's own limits, and the caps of workspaces.</summary>
internal static class Limits
{
    public static Decision Decide(AccountState s, SetLimits c)
    {
        if ((CreditLimitProblem(c.CreditLimitNanos)
            ?? CapProblem("dailyCapNanos", c.DailyCapNanos)
            ?? CapProblem("monthlyCapNanos", c.MonthlyCapNanos)) is { } invalid)
        {
            return invalid;
        }

        if (c.LowBalanceNanos is < -Money.MaxAmountNanos or > Money.MaxAmountNanos)
        {
            return Decision.Invalid("lowBalanceNanos", $"It is {c.LowBalanceNanos}; give at most {Money.MaxAmountNanos} nanos of either sign, or null for never.");
        }

        return Lifecycle.OptionalReasonProblem(c.Reason)
            ?? Lifecycle.NotChangeable(s)
            ?? Decision.Accept(new LimitsSet(c.CreditLimitNanos, c.DailyCapNanos, c.MonthlyCapNanos, c.LowBalanceNanos) { Reason = c.Reason });
    }

    public static Decision Decide(AccountState s, SetWorkspace c, long now)
    {
        if (Text.IdProblem(c.Workspace) is { } problem)
        {
            return Decision.Invalid("workspace", problem);
        }

        if ((CapsProblem(c.Caps)
            ?? Lifecycle.OptionalReasonProblem(c.Reason)
            ?? Lifecycle.NotChangeable(s)
            ?? KeyChanges.MakerProblem(s, c.Maker, now)) is { } denied)
        {
            return denied;
        }

        if (KeyPolicies.Find(s, c.Maker)?.Workspace is { } bound)
        {
            return Decision.Deny(Outcome.ExceedsMaker, "workspace", $"The key that asks spends in workspace '{bound}' only, so it cannot set what may be spent.");
        }

        return s.Workspaces.Count >= Ceilings.Workspaces && FindWorkspace(s, c.Workspace) is null
            ? Decision.Deny(Outcome.TooMany)
            : Decision.Accept(new WorkspaceSet(c.Workspace, c.Caps) { Reason = c.Reason });
    }

    /// <summary>What is wrong with a credit limit, or null.</summary>
    public static Decision? CreditLimitProblem(long nanos) => nanos is < 0 or > Money.MaxAmountNanos
        ? Decision.Invalid("creditLimitNanos", $"It is {nanos}; give 0 (prepaid) to {Money.MaxAmountNanos} nanos.")
        : null;

    /// <summary>What is wrong with caps, or null.</summary>
    public static Decision? CapsProblem(Caps? caps) => caps is null
        ? Decision.Invalid("caps", "It is null; give caps, each null for none.")
        : CapProblem("caps.dailyNanos", caps.DailyNanos)
            ?? CapProblem("caps.monthlyNanos", caps.MonthlyNanos)
            ?? CapProblem("caps.totalNanos", caps.TotalNanos);

    public static WorkspaceState? FindWorkspace(AccountState s, string? name)
    {
        if (name is null || s.Workspaces.Count == 0)
        {
            return null;
        }

        int at = SearchWorkspace(s, name);
        return at >= 0 ? s.Workspaces[at] : null;
    }

    public static void Apply(AccountState s, LimitsSet e)
    {
        s.CreditLimit = e.CreditLimitNanos;
        s.Budget.DailyCap = e.DailyCapNanos ?? Budget.None;
        s.Budget.MonthlyCap = e.MonthlyCapNanos ?? Budget.None;

        // A new threshold above what is available is no crossing: whoever sets it knows.
        s.LowBalance = e.LowBalanceNanos ?? AccountState.NoThreshold;
        s.LowBalanceArmed = false;
    }

    public static void Apply(AccountState s, WorkspaceSet e, long seq)
    {
        int at = SearchWorkspace(s, e.Workspace);
        if (at < 0)
        {
            at = ~at;
            s.Workspaces.Insert(at, new WorkspaceState { Name = e.Workspace, Since = seq });
        }

        s.Workspaces[at].Budget.SetCaps(e.Caps);
    }

    private static Decision? CapProblem(string field, long? nanos) => nanos is < 0 or > Money.MaxTotalNanos
        ? Decision.Invalid(field, $"It is {nanos}; give 0 to {Money.MaxTotalNanos} nanos, or null for no cap.")
        : null;

    private static int SearchWorkspace(AccountState s, string name)
    {
        Span<WorkspaceState> all = s.Workspaces.AsSpan();
        int low = 0;
        int high = all.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = string.CompareOrdinal(all[middle].Name, name);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}
