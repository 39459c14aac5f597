using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>A charge: check every limit and deduct, all or nothing.</summary>
internal static class Charging
{
    public static Decision Decide(AccountState s, Charge c, in TurnContext context) =>
        Spending.TryResolve(s, c, in context, out Spend spend, out Decision denial)
            ? Decide(s, in spend, c.Usage, 0, context.NowNanos)
            : denial;

    /// <summary>Charges what was resolved; also a capture that came late.</summary>
    public static Decision Decide(AccountState s, in Spend spend, Usage? usage, long lateHold, long now)
    {
        Windows windows = Spending.WindowsOf(s, in spend, now);
        if (!Spending.IsWithinLimits(s, in spend, in windows, now, out Decision denial))
        {
            return denial;
        }

        return LowBalance.Accept(
            s,
            new Charged
            {
                AmountNanos = spend.Amount,
                BalanceNanos = s.Balance - spend.Amount,
                HeldNanos = s.Held,
                TotalSpentNanos = s.TotalSpent + spend.Amount,
                Meter = spend.Meter,
                Quantity = spend.Quantity,
                Key = spend.KeyId,
                Workspace = spend.WorkspaceName,
                Usage = usage,
                PriceVersion = spend.PriceVersion,
                Internal = spend.Internal,
                Takes = spend.Amount == 0 ? null : Wallet.Plan(s, spend.Amount),
                Day = windows.DayToRecord,
                Month = windows.MonthToRecord,
                Checks = Spending.Checks(s, in spend, in windows, now),
                LateHold = lateHold,
            },
            s.Available - spend.Amount);
    }

    public static void Apply(AccountState s, Charged e, long seq, long atNanos)
    {
        Windows.Enter(s, e.Day, e.Month);
        if (e.LateHold != 0)
        {
            Holds.ForgetExpired(s, e.LateHold);
        }
        else
        {
            KeyRates.Count(s, e.Key, atNanos);
        }

        if (e.Internal)
        {
            return;
        }

        Wallet.Take(s, e.AmountNanos, e.Takes);
        s.TotalSpent += e.AmountNanos;
        Spending.Count(s, e.Key, e.Workspace, e.AmountNanos);
        Quotas.Count(s, e.Meter, e.Quantity, seq);
    }
}
