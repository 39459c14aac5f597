using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Credits, debits and reversals.</summary>
internal sealed partial class Ledger
{
    private const int GrantsMax = 1_000;
    private const int ReversalsMax = 10_000;

    private Verdict? NotUsable() => this.status switch
    {
        AccountStatus.None => Verdict.Deny(Outcome.AccountNotFound),
        AccountStatus.Closed => Verdict.Deny(Outcome.AccountClosed),
        _ => null,
    };

    private Verdict DecideCredit(PostCredit c)
    {
        long change = c.Kind is CreditKind.PaymentRefund or CreditKind.Dispute ? -c.AmountNanos : c.AmountNanos;
        return this.NotUsable() ?? this.Posted(c.Kind, change, c.Priority, c.ExpiresAtNanos, c.Reference, c.Reason);
    }

    private Verdict DecideSetBalance(SetBalance c) => this.NotUsable()
        ?? this.Posted(CreditKind.Adjustment, c.BalanceNanos - this.Balance, GrantPart.UsualPriority, null, null, c.Reason);

    private Verdict Posted(CreditKind kind, long change, int priority, long? expires, string? reference, string? reason)
    {
        long grant = change > 0 ? Math.Max(0, change - this.debt) : 0;
        if (grant > 0 && this.grants.Count >= GrantsMax)
        {
            return Verdict.Deny(Outcome.TooMany);
        }

        if ((Int128)this.Balance + change > Money.MaxTotalNanos || (Int128)this.Available + change < -Money.MaxTotalNanos)
        {
            return Verdict.Deny(Outcome.Overflow);
        }

        List<(LedgerGrant Grant, long Nanos)> takes = change < 0 ? this.TakeFree(-change) : [];
        return Verdict.Accept(new CreditPosted
        {
            Kind = kind,
            AmountNanos = change,
            BalanceNanos = this.Balance + change,
            GrantNanos = grant,
            Priority = grant > 0 ? priority : 0,
            ExpiresAtNanos = grant > 0 ? expires : null,
            Takes = takes.Count == 0 ? null : [.. takes.Select(t => t.Grant.Part(t.Nanos))],
            Reference = reference,
            Reason = reason,
        });
    }

    private void ApplyCredit(CreditPosted x, long seq)
    {
        if (x.AmountNanos < 0)
        {
            this.Spend(x.Takes, -x.AmountNanos);
            return;
        }

        this.debt -= x.AmountNanos - x.GrantNanos;
        if (x.GrantNanos > 0)
        {
            LedgerGrant grant = new() { Seq = seq, Kind = x.Kind, Priority = x.Priority, Expires = x.ExpiresAtNanos };
            this.AddGrant(grant);
            this.Change(grant, x.GrantNanos);
        }
    }

    private Verdict DecideReverse(ReverseCharge c, long now)
    {
        if (this.NotUsable() is { } denial)
        {
            return denial;
        }

        if (!this.charges.TryGetValue(c.Charge, out LedgerCharge? charge))
        {
            return Verdict.Deny(Outcome.ChargeNotFound);
        }

        long left = charge.Amount - charge.Reversed;
        long amount = c.AmountNanos ?? left;
        bool late = now > charge.At + (180 * DayNanos);
        if (amount > left || charge.Undone)
        {
            // What was reversed need not be remembered for longer than it may be.
            Limit limit = new("charge", charge.Amount, charge.Reversed, amount);
            Verdict forgotten = amount > charge.Amount
                ? Verdict.Deny(Outcome.ReversalExceedsCharge, limit with { Used = 0 })
                : Verdict.Deny(Outcome.ReversalTooLate);
            return Verdict.Deny(Outcome.ReversalExceedsCharge, limit) with { Or = late ? forgotten.Answer : null };
        }

        if (late)
        {
            return Verdict.Deny(Outcome.ReversalTooLate);
        }

        if (!charge.WasReversed && this.reversals >= ReversalsMax && this.charges.Values.Count(x => x.WasReversed && now <= x.At + (180 * DayNanos)) >= ReversalsMax)
        {
            return Verdict.Deny(Outcome.TooMany);
        }

        GrantPart[]? gives = this.Gives(charge, amount);
        if (this.grants.Count + (gives ?? []).Count(g => !this.grants.Exists(x => x.Seq == g.Grant)) > GrantsMax)
        {
            return Verdict.Deny(Outcome.TooMany);
        }

        if ((Int128)this.Balance + amount > Money.MaxTotalNanos)
        {
            return Verdict.Deny(Outcome.Overflow);
        }

        bool whole = charge.Reversed + amount == charge.Amount;
        return Verdict.Accept(new ChargeReversed
        {
            Charge = c.Charge,
            AmountNanos = amount,
            ReversedNanos = charge.Reversed + amount,
            BalanceNanos = this.Balance + amount,
            HeldNanos = this.held,
            TotalSpentNanos = this.totalSpent - amount,
            Gives = gives,
            ChargedAtNanos = charge.At,
            Hold = charge.Hold,
            PlacedAtNanos = charge.PlacedAt,
            ExcessNanos = Math.Max(0, Math.Min(amount, charge.Excess - charge.Reversed)),
            Key = charge.Key,
            Workspace = charge.Workspace,
            Meter = charge.Meter,
            Quantity = whole && !charge.Internal ? charge.Quantity : 0,
            Reason = c.Reason,
        });
    }

    // Last taken first: debt was taken last. A part under the reversal's own number is debt that was paid since.
    private GrantPart[]? Gives(LedgerCharge charge, long amount)
    {
        List<GrantPart> gives = [];
        long skip = charge.Reversed;
        long owed = Math.Max(0, charge.Debt - skip);
        skip = Math.Max(0, skip - charge.Debt);
        long toDebt = Math.Min(amount, owed);
        amount -= toDebt;
        long paidSince = Math.Max(0, toDebt - this.debt);
        if (paidSince > 0)
        {
            gives.Add(new GrantPart(this.Seq + 1, paidSince, Kind: CreditKind.Refund));
        }

        foreach (GrantPart take in charge.Takes.Reverse())
        {
            long skipped = Math.Min(skip, take.Nanos);
            skip -= skipped;
            long give = Math.Min(amount, take.Nanos - skipped);
            amount -= give;
            if (give > 0)
            {
                gives.Add(take with { Nanos = give });
            }
        }

        return gives.Count == 0 ? null : [.. gives];
    }

    private void ApplyReversed(ChargeReversed x, long seq)
    {
        LedgerCharge charge = this.charges[x.Charge];
        this.reversals += charge.WasReversed ? 0 : 1;
        charge.WasReversed = true;
        charge.Reversed += x.AmountNanos;
        charge.Undone = charge.Reversed == charge.Amount;
        this.totalSpent -= x.AmountNanos;
        long toDebt = x.AmountNanos;
        foreach (GrantPart give in x.Gives ?? [])
        {
            toDebt -= give.Nanos;
            LedgerGrant? grant = this.grants.Find(g => g.Seq == give.Grant);
            if (grant is null)
            {
                grant = new LedgerGrant { Seq = give.Grant, Kind = give.Kind, Priority = give.Priority ?? GrantPart.UsualPriority, Expires = give.ExpiresAtNanos };
                this.AddGrant(grant);
            }

            this.Change(grant, give.Nanos);
        }

        this.debt -= toDebt;
        if (!charge.Internal)
        {
            long inHold = x.AmountNanos - x.ExcessNanos;
            if (charge.Hold == 0)
            {
                this.AddSpent(x.Key, x.Workspace, charge.At, charge.Seq, -x.AmountNanos);
                this.GiveCountBack(x.Meter, charge.At, charge.Seq, x.Quantity);
            }
            else
            {
                this.AddSpent(x.Key, x.Workspace, charge.PlacedAt, charge.Hold, -inHold);
                this.AddSpent(x.Key, x.Workspace, charge.At, charge.Seq, -x.ExcessNanos);
                this.GiveCountBack(x.Meter, charge.PlacedAt, charge.Hold, x.Quantity);
            }
        }
    }
}
