using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// What charges and holds have in common: who spends how much, every limit in the order of <see cref="Outcome"/>, and the
/// counters. A limit is only checked for what is wanted of it: a request that costs nothing is not refused for money.
/// </summary>
internal static class Spending
{
    public const string AvailableCredit = "available_credit";

    /// <summary>Who spends how much, or why not: input, account, key, price.</summary>
    /// <param name="s">The state.</param>
    /// <param name="c">The charge or hold.</param>
    /// <param name="context">Time and prices.</param>
    /// <param name="spend">Who spends how much.</param>
    /// <param name="denial">Why not.</param>
    /// <param name="isNew">False for what was requested before: where, from where, for what and how often is no longer asked.</param>
    public static bool TryResolve(AccountState s, SpendCommand c, in TurnContext context, out Spend spend, out Decision denial, bool isNew = true)
    {
        spend = default;
        if (SpendInput.Problem(c) is { } invalid)
        {
            denial = invalid;
            return false;
        }

        KeyState? key = KeyPolicies.Find(s, c.Key);
        if (isNew && key?.Workspace is not null && c.Workspace is not null && !string.Equals(key.Workspace, c.Workspace, StringComparison.Ordinal))
        {
            denial = Decision.Invalid("workspace", $"The key always spends in workspace '{key.Workspace}'; name that one, or none.");
            return false;
        }

        if (Lifecycle.NotSpendable(s) is { } notSpendable)
        {
            denial = notSpendable;
            return false;
        }

        if (c.Key is not null
            && (KeyPolicies.Unusable(key, context.NowNanos) ?? (isNew ? KeyPolicies.NotAllowed(key!, c.Address, c.Scope) : null)) is { } unusable)
        {
            denial = unusable;
            return false;
        }

        string? workspace = isNew ? key?.Workspace ?? c.Workspace : c.Workspace;
        bool isInternal = key?.Type == KeyType.Internal;
        spend.Meter = c.Meter;
        spend.Quantity = c.Quantity;
        spend.KeyId = c.Key;
        spend.WorkspaceName = workspace;
        spend.Internal = isInternal;
        spend.Key = isInternal ? null : key?.Counter;
        spend.Requester = isNew ? key : null;
        spend.Workspace = isInternal ? null : Limits.FindWorkspace(s, workspace);
        return TryPrice(c.AmountNanos, c.Usage, null, context.Prices, ref spend, out denial);
    }

    /// <summary>The amount as given, or priced. An internal key costs nothing, so it needs no price.</summary>
    public static bool TryPrice(long? amountNanos, Usage? usage, string? version, IPrices prices, ref Spend spend, out Decision denial)
    {
        denial = default;
        if (spend.Internal)
        {
            spend.Amount = 0;
            return true;
        }

        if (amountNanos is { } given)
        {
            spend.Amount = given;
            return true;
        }

        if (!prices.TryPrice(usage!, version, out Cost cost))
        {
            denial = Decision.Deny(Outcome.PriceNotFound);
            return false;
        }

        spend.Amount = cost.Nanos;
        spend.PriceVersion = cost.Version;
        return true;
    }

    /// <summary>Every limit, in order; false with the first that refuses.</summary>
    public static bool IsWithinLimits(AccountState s, in Spend spend, in Windows windows, long now, out Decision denial)
    {
        if (spend.Internal)
        {
            return KeyRates.IsWithin(spend.Requester, in windows, now, out denial);
        }

        if (spend.Amount > Money.MaxAmountNanos
            || s.TotalSpent + spend.Amount > Money.MaxTotalNanos
            || s.Held + spend.Amount > Money.MaxTotalNanos
            || s.Available - spend.Amount < -Money.MaxTotalNanos
            || s.Budget.Total + spend.Amount > Money.MaxTotalNanos
            || spend.Key?.Budget.Total + spend.Amount > Money.MaxTotalNanos
            || spend.Workspace?.Budget.Total + spend.Amount > Money.MaxTotalNanos)
        {
            denial = Decision.Deny(Outcome.Overflow);
            return false;
        }

        if (!KeyRates.IsWithin(spend.Requester, in windows, now, out denial) || !IsWithinQuota(s, in spend, in windows, out denial))
        {
            return false;
        }

        long amount = spend.Amount;
        if (amount == 0)
        {
            return true;
        }

        if (spend.Key is { } key && !IsWithin(in key.Budget, amount, in windows, LimitNames.Key, Outcome.KeyDailyCapExceeded, out denial))
        {
            return false;
        }

        if (spend.Workspace is { } workspace
            && !IsWithin(in workspace.Budget, amount, in windows, LimitNames.Workspace, Outcome.WorkspaceDailyCapExceeded, out denial))
        {
            return false;
        }

        if (!IsWithin(in s.Budget, amount, in windows, LimitNames.Account, Outcome.DailyCapExceeded, out denial))
        {
            return false;
        }

        if (s.Available - amount < -s.CreditLimit)
        {
            denial = Decision.Deny(Outcome.InsufficientCredit, new Limit(AvailableCredit, s.Balance + s.CreditLimit, s.Held, amount));
            return false;
        }

        return true;
    }

    /// <summary>The limits that exist, as they stand after this; null where there are none, so that rows stay narrow.</summary>
    public static Limit[]? Checks(AccountState s, in Spend spend, in Windows windows, long now)
    {
        SmallList<Limit> checks = default;
        KeyRates.AddChecks(ref checks, spend.Requester, in windows, now, 1);
        if (spend.Internal)
        {
            return checks.Count == 0 ? null : checks.ToArray();
        }

        int at = Quotas.Find(s, spend.Meter);
        if (at >= 0 && s.Meters[at].Max != MeterState.Unlimited)
        {
            long used = windows.IsNewMonth ? 0 : s.Meters[at].Used;
            checks.Add(new Limit(SharedNames.Quota(s.Meters[at].Name), s.Meters[at].Max, used + spend.Quantity, spend.Quantity, windows.Month.End));
        }

        if (spend.Key is { } key)
        {
            AddChecks(ref checks, in key.Budget, spend.Amount, in windows, LimitNames.Key);
        }

        if (spend.Workspace is { } workspace)
        {
            AddChecks(ref checks, in workspace.Budget, spend.Amount, in windows, LimitNames.Workspace);
        }

        AddChecks(ref checks, in s.Budget, spend.Amount, in windows, LimitNames.Account);
        return checks.Count == 0 ? null : checks.ToArray();
    }

    /// <summary>Counts a spend against account, key and workspace.</summary>
    public static void Count(AccountState s, string? key, string? workspace, long nanos)
    {
        s.Budget.Count(nanos);
        KeyPolicies.Find(s, key)?.Counter.Budget.Count(nanos);
        Limits.FindWorkspace(s, workspace)?.Budget.Count(nanos);
    }

    /// <summary>The windows that a decision needs: none for an internal key, unless its requests are counted by the day.</summary>
    public static Windows WindowsOf(AccountState s, in Spend spend, long now) =>
        spend.Internal && KeyRates.Of(spend.Requester)?.PerDay is null ? default : Windows.At(s, now);

    /// <summary>Gives back what a row had counted, in the windows that still run.</summary>
    /// <param name="s">The state.</param>
    /// <param name="key">The key that spent.</param>
    /// <param name="workspace">The workspace it was spent in.</param>
    /// <param name="nanos">How much.</param>
    /// <param name="countedBy">The number of the row that counted it.</param>
    /// <param name="countedAt">That row's time.</param>
    public static void GiveBack(AccountState s, string? key, string? workspace, long nanos, long countedBy, long countedAt)
    {
        long day = s.Day.Contains(countedAt) ? nanos : 0;
        long month = s.Month.Contains(countedAt) ? nanos : 0;
        s.Budget.GiveBack(day, month, nanos);
        KeyPolicies.Find(s, key)?.Counter.Budget.GiveBack(day, month, nanos);
        if (Limits.FindWorkspace(s, workspace) is { } known && countedBy > known.Since)
        {
            known.Budget.GiveBack(day, month, nanos);
        }
    }

    private static bool IsWithinQuota(AccountState s, in Spend spend, in Windows windows, out Decision denial)
    {
        denial = default;
        int at = spend.Quantity == 0 ? -1 : Quotas.Find(s, spend.Meter);
        if (at < 0)
        {
            return true;
        }

        ref MeterState meter = ref s.Meters[at];
        long used = windows.IsNewMonth ? 0 : meter.Used;
        if (used + spend.Quantity > Money.MaxTotalNanos)
        {
            denial = Decision.Deny(Outcome.Overflow);
            return false;
        }

        if (meter.Max != MeterState.Unlimited && used + spend.Quantity > meter.Max)
        {
            denial = Decision.Deny(
                Outcome.QuotaExceeded, new Limit(SharedNames.Quota(meter.Name), meter.Max, used, spend.Quantity, windows.Month.End));
            return false;
        }

        return true;
    }

    // The daily, monthly and total outcomes of each owner follow each other in the enum.
    private static bool IsWithin(in Budget budget, long amount, in Windows windows, LimitNames names, Outcome daily, out Decision denial)
    {
        denial = default;
        if (budget.DailyCap != Budget.None && windows.DayUse(in budget) + amount > budget.DailyCap)
        {
            denial = Decision.Deny(daily, new Limit(names.Daily, budget.DailyCap, windows.DayUse(in budget), amount, windows.Day.End));
            return false;
        }

        if (budget.MonthlyCap != Budget.None && windows.MonthUse(in budget) + amount > budget.MonthlyCap)
        {
            denial = Decision.Deny(daily + 1, new Limit(names.Monthly, budget.MonthlyCap, windows.MonthUse(in budget), amount, windows.Month.End));
            return false;
        }

        if (budget.TotalCap != Budget.None && budget.Total + amount > budget.TotalCap)
        {
            denial = Decision.Deny(daily + 2, new Limit(names.Total, budget.TotalCap, budget.Total, amount));
            return false;
        }

        return true;
    }

    private static void AddChecks(ref SmallList<Limit> checks, in Budget budget, long amount, in Windows windows, LimitNames names)
    {
        if (budget.DailyCap != Budget.None)
        {
            checks.Add(new Limit(names.Daily, budget.DailyCap, windows.DayUse(in budget) + amount, amount, windows.Day.End));
        }

        if (budget.MonthlyCap != Budget.None)
        {
            checks.Add(new Limit(names.Monthly, budget.MonthlyCap, windows.MonthUse(in budget) + amount, amount, windows.Month.End));
        }

        if (budget.TotalCap != Budget.None)
        {
            checks.Add(new Limit(names.Total, budget.TotalCap, budget.Total + amount, amount));
        }
    }
}
