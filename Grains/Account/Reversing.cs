using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// Undoing a charge or a captured part, whole or in parts. Money goes back the way it was taken, last first: what had been debt
/// reduces debt (or, where that was paid since, becomes a new grant), the rest goes back to its grants.
/// </summary>
internal static class Reversing
{
    private const string ChargeLimit = "charge";

    public static Decision Decide(AccountState s, long seq, ReverseCharge c, in TurnContext context)
    {
        if (c.AmountNanos is <= 0 or > Money.MaxAmountNanos)
        {
            return Decision.Invalid("amountNanos", $"It is {c.AmountNanos}; give 1 to {Money.MaxAmountNanos} nanos, or none for all that is left.");
        }

        if ((Lifecycle.OptionalReasonProblem(c.Reason) ?? Lifecycle.NotChangeable(s)) is { } denied)
        {
            return denied;
        }

        return context.Referenced switch
        {
            Charged charged => Reverse(s, seq, c, in context, new Spent(charged)),
            HoldCaptured captured => Reverse(s, seq, c, in context, new Spent(captured)),
            _ => Decision.Deny(Outcome.ChargeNotFound),
        };
    }

    public static void Apply(AccountState s, ChargeReversed e, long atNanos)
    {
        long given = 0;
        foreach (GrantPart part in e.Gives ?? [])
        {
            Wallet.Give(s, part);
            given += part.Nanos;
        }

        Wallet.Forgive(s, e.AmountNanos - given);
        Wallet.PayDebt(s);
        s.TotalSpent -= e.AmountNanos;
        long countedBy = e.Hold != 0 ? e.Hold : e.Charge;
        long countedAt = e.Hold != 0 ? e.PlacedAtNanos : e.ChargedAtNanos;
        Spending.GiveBack(s, e.Key, e.Workspace, e.AmountNanos - e.ExcessNanos, countedBy, countedAt);
        Spending.GiveBack(s, e.Key, e.Workspace, e.ExcessNanos, e.Charge, e.ChargedAtNanos);
        Quotas.GiveBack(s, e.Meter, e.Quantity, countedBy, countedAt);
        Remember(s, e, atNanos);
    }

    private static Decision Reverse(AccountState s, long seq, ReverseCharge c, in TurnContext context, in Spent spent)
    {
        int known = Search(s, c.Charge);
        long before = known >= 0 ? s.Reversals[known].Nanos : 0;
        long left = spent.Amount - before;
        long amount = c.AmountNanos ?? left;
        if (amount > left || (known >= 0 && left == 0))
        {
            return Decision.Deny(Outcome.ReversalExceedsCharge, new Limit(ChargeLimit, spent.Amount, before, amount));
        }

        if (context.NowNanos - context.ReferencedAtNanos > Ceilings.ReversibleNanos)
        {
            return Decision.Deny(Outcome.ReversalTooLate);
        }

        if (known < 0 && s.Reversals.Count - CountOld(s, context.NowNanos) >= Ceilings.Reversals)
        {
            return Decision.Deny(Outcome.TooMany);
        }

        GrantPart[]? gives = Gives(s, seq + 1, spent, before, amount, out int opened);
        if (s.Grants.Count + opened > Ceilings.Grants)
        {
            return Decision.Deny(Outcome.TooMany);
        }

        if (s.Balance + amount > Money.MaxTotalNanos)
        {
            return Decision.Deny(Outcome.Overflow);
        }

        long excess = Math.Min(spent.Excess, before + amount) - Math.Min(spent.Excess, before);
        return Decision.Accept(new ChargeReversed
        {
            Charge = c.Charge,
            AmountNanos = amount,
            ReversedNanos = before + amount,
            BalanceNanos = s.Balance + amount,
            HeldNanos = s.Held,
            TotalSpentNanos = s.TotalSpent - amount,
            Gives = gives,
            ChargedAtNanos = context.ReferencedAtNanos,
            Hold = spent.Hold,
            PlacedAtNanos = spent.PlacedAt,
            ExcessNanos = excess,
            Key = spent.Key,
            Workspace = spent.Workspace,
            Meter = spent.Meter,
            Quantity = before + amount == spent.Amount && !spent.Internal ? spent.Quantity : 0,
            Reason = c.Reason,
        });
    }

    // Walks the takes from the end: skips what went back before, then gives back this amount.
    private static GrantPart[]? Gives(AccountState s, long row, in Spent spent, long before, long amount, out int opened)
    {
        SmallList<GrantPart> gives = default;
        opened = 0;
        long skip = before;
        long rest = amount;
        long wasDebt = Take(spent.Amount - Wallet.Sum(spent.Takes), ref skip, ref rest);
        if (wasDebt > s.Debt)
        {
            gives.Add(new GrantPart(row, wasDebt - s.Debt, Kind: CreditKind.Refund));
            opened++;
        }

        for (int i = (spent.Takes?.Length ?? 0) - 1; i >= 0 && rest > 0; i--)
        {
            GrantPart part = spent.Takes![i];
            long back = Take(part.Nanos, ref skip, ref rest);
            if (back > 0)
            {
                gives.Add(part with { Nanos = back });
                opened += Wallet.Find(s, part.Grant) < 0 ? 1 : 0;
            }
        }

        return gives.Count == 0 ? null : gives.ToArray();
    }

    private static long Take(long available, ref long skip, ref long rest)
    {
        long skipped = Math.Min(available, skip);
        long taken = Math.Min(available - skipped, rest);
        skip -= skipped;
        rest -= taken;
        return taken;
    }

    private static void Remember(AccountState s, ChargeReversed e, long atNanos)
    {
        // Rows' times grow with their numbers, so the oldest stand in front.
        s.Reversals.RemoveRange(0, CountOld(s, atNanos));
        int at = Search(s, e.Charge);
        if (at < 0)
        {
            at = ~at;
            s.Reversals.Insert(at, new Reversal { Charge = e.Charge, ChargedAt = e.ChargedAtNanos });
        }

        s.Reversals[at].Nanos = e.ReversedNanos;
    }

    private static int CountOld(AccountState s, long now)
    {
        Span<Reversal> all = s.Reversals.AsSpan();
        int old = 0;
        while (old < all.Length && now - all[old].ChargedAt > Ceilings.ReversibleNanos)
        {
            old++;
        }

        return old;
    }

    private static int Search(AccountState s, long charge)
    {
        Span<Reversal> all = s.Reversals.AsSpan();
        int low = 0;
        int high = all.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (all[middle].Charge == charge)
            {
                return middle;
            }

            if (all[middle].Charge < charge)
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

    // What a charge and a captured part have in common.
    private readonly struct Spent
    {
        public Spent(Charged e)
        {
            this.Amount = e.AmountNanos;
            this.Takes = e.Takes;
            this.Meter = e.Meter;
            this.Quantity = e.Quantity;
            this.Key = e.Key;
            this.Workspace = e.Workspace;
            this.Internal = e.Internal;
        }

        public Spent(HoldCaptured e)
        {
            this.Amount = e.AmountNanos;
            this.Takes = e.Takes;
            this.Meter = e.Meter;
            this.Quantity = e.Quantity;
            this.Key = e.Key;
            this.Workspace = e.Workspace;
            this.Internal = e.Internal;
            this.Hold = e.Hold;
            this.PlacedAt = e.PlacedAtNanos;
            this.Excess = e.ExcessNanos;
        }

        public long Amount { get; }

        public GrantPart[]? Takes { get; }

        public string Meter { get; }

        public long Quantity { get; }

        public string? Key { get; }

        public string? Workspace { get; }

        public bool Internal { get; }

        public long Hold { get; }

        public long PlacedAt { get; }

        public long Excess { get; }
    }
}
