using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// Capturing holds. What was held is spent as it was set aside; what goes beyond it is checked like a charge against caps and
/// available credit, whatever became of the key meanwhile, and counts in the windows of the capture. A hold that has expired
/// is captured as a new charge, once.
/// </summary>
internal static class Capturing
{
    public static Decision Decide(AccountState s, CaptureHold c, in TurnContext context)
    {
        if ((SpendInput.Problem(c.AmountNanos, c.Usage) ?? Lifecycle.NotChangeable(s)) is { } denied)
        {
            return denied;
        }

        int at = Holds.Find(s, c.Hold);
        if (at >= 0)
        {
            return Capture(s, s.Holds[at], c, in context);
        }

        return Holds.FindExpired(s, c.Hold, context.NowNanos) is { } expired
            ? CaptureLate(s, expired, c, in context)
            : Holds.NotOpen(s, c.Hold, context.NowNanos);
    }

    public static void Apply(AccountState s, HoldCaptured e)
    {
        HoldState hold = s.Holds[Holds.Find(s, e.Hold)];
        hold.Used = true;
        if (!e.Internal)
        {
            Windows.Enter(s, e.Day, e.Month);
            long covered = e.AmountNanos - e.ExcessNanos;
            long setAside = Math.Min(covered, Wallet.Sum(hold.Parts));
            int first = 0;
            for (long rest = setAside; rest > 0; first++)
            {
                Wallet.TakeHeld(s, e.Takes![first].Grant, e.Takes[first].Nanos);
                rest -= e.Takes[first].Nanos;
            }

            s.Balance -= setAside;
            hold.Parts = Rest(hold.Parts, setAside);
            hold.Remaining -= covered;
            hold.Captured += e.AmountNanos;
            s.Held -= covered;
            Wallet.Take(s, e.AmountNanos - setAside, e.Takes?[first..]);
            s.TotalSpent += e.AmountNanos;
            Spending.Count(s, e.Key, e.Workspace, e.ExcessNanos);
        }

        if (e.Final)
        {
            Holds.End(s, e.Hold);
            Holds.RememberEnded(s, e.Hold);
        }
    }

    private static Decision Capture(AccountState s, HoldState hold, CaptureHold c, in TurnContext context)
    {
        Spend excess = new()
        {
            Meter = hold.Meter,
            KeyId = hold.Key,
            WorkspaceName = hold.Workspace,
            Internal = hold.Internal,
            Key = KeyPolicies.Find(s, hold.Key)?.Counter,
            Workspace = Limits.FindWorkspace(s, hold.Workspace),
        };
        if (!Spending.TryPrice(c.AmountNanos, c.Usage, hold.PriceVersion, context.Prices, ref excess, out Decision denial))
        {
            return denial;
        }

        long amount = excess.Amount;
        long covered = Math.Min(amount, hold.Remaining);
        long setAside = Math.Min(covered, Wallet.Sum(hold.Parts));
        if (amount > Money.MaxAmountNanos || s.TotalSpent + amount > Money.MaxTotalNanos)
        {
            return Decision.Deny(Outcome.Overflow);
        }

        excess.Amount = amount - covered;
        Windows windows = default;
        if (excess.Amount > 0)
        {
            windows = Windows.At(s, context.NowNanos);
            if (!Spending.IsWithinLimits(s, in excess, in windows, context.NowNanos, out denial))
            {
                return denial;
            }
        }

        long left = hold.Remaining - covered;
        long released = c.Final ? left : 0;
        return LowBalance.Accept(
            s,
            new HoldCaptured
            {
                Hold = hold.Number,
                AmountNanos = amount,
                ReleasedNanos = released,
                RemainingNanos = left - released,
                Final = c.Final,
                BalanceNanos = s.Balance - amount,
                HeldNanos = s.Held - covered - released,
                TotalSpentNanos = s.TotalSpent + amount,
                Takes = Join(First(hold.Parts, setAside), amount > setAside ? Wallet.Plan(s, amount - setAside) : null),
                Meter = hold.Meter,
                Quantity = hold.Used ? 0 : hold.Quantity,
                Key = hold.Key,
                Workspace = hold.Workspace,
                PlacedAtNanos = hold.PlacedAt,
                ExcessNanos = excess.Amount,
                Day = windows.DayToRecord,
                Month = windows.MonthToRecord,
                Usage = c.Usage,
                PriceVersion = excess.PriceVersion,
                Internal = hold.Internal,
                Checks = excess.Amount > 0 ? Spending.Checks(s, in excess, in windows, context.NowNanos) : null,
            },
            s.Available - excess.Amount + released);
    }

    private static Decision CaptureLate(AccountState s, ExpiredHold hold, CaptureHold c, in TurnContext context)
    {
        Charge late = new()
        {
            AmountNanos = c.AmountNanos,
            Meter = hold.Meter,
            Quantity = hold.Quantity,
            Key = hold.Key,
            Workspace = hold.Workspace,
            Usage = c.Usage,
        };
        return Spending.TryResolve(s, late, in context, out Spend spend, out Decision denial, isNew: false)
            ? Charging.Decide(s, in spend, c.Usage, hold.Number, context.NowNanos)
            : denial;
    }

    // The parts that make up the first nanos of some parts.
    private static GrantPart[]? First(GrantPart[]? parts, long nanos)
    {
        SmallList<GrantPart> first = default;
        for (int i = 0; nanos > 0; i++)
        {
            long taken = Math.Min(nanos, parts![i].Nanos);
            first.Add(taken == parts[i].Nanos ? parts[i] : parts[i] with { Nanos = taken });
            nanos -= taken;
        }

        return first.Count == 0 ? null : first.ToArray();
    }

    // What some parts are without their first nanos.
    private static GrantPart[]? Rest(GrantPart[]? parts, long nanos)
    {
        SmallList<GrantPart> rest = default;
        foreach (GrantPart part in parts ?? [])
        {
            long taken = Math.Min(nanos, part.Nanos);
            nanos -= taken;
            if (part.Nanos > taken)
            {
                rest.Add(taken == 0 ? part : part with { Nanos = part.Nanos - taken });
            }
        }

        return rest.Count == 0 ? null : rest.ToArray();
    }

    private static GrantPart[]? Join(GrantPart[]? first, GrantPart[]? second) =>
        first is null ? second : second is null ? first : [.. first, .. second];
}
