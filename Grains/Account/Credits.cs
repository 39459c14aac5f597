using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>Credit put on the account and taken off it other than by charges.</summary>
internal static class Credits
{
    public static Decision Decide(AccountState s, PostCredit c, long now)
    {
        if (Problem(c, now) is { } invalid)
        {
            return invalid;
        }

        bool isDebit = c.Kind is CreditKind.PaymentRefund or CreditKind.Dispute;
        return Post(s, c.Kind, isDebit ? -c.AmountNanos : c.AmountNanos, c.Priority, c.ExpiresAtNanos, c.Reference, c.Reason);
    }

    public static Decision Decide(AccountState s, SetBalance c)
    {
        if (c.BalanceNanos is < -Money.MaxAmountNanos or > Money.MaxAmountNanos)
        {
            return Decision.Invalid("balanceNanos", $"It is {c.BalanceNanos}; give at most {Money.MaxAmountNanos} nanos of either sign.");
        }

        return Lifecycle.OptionalReasonProblem(c.Reason)
            ?? Post(s, CreditKind.Adjustment, c.BalanceNanos - s.Balance, GrantPart.UsualPriority, null, null, c.Reason);
    }

    public static void Apply(AccountState s, CreditPosted e, long seq)
    {
        if (e.AmountNanos < 0)
        {
            Wallet.Take(s, -e.AmountNanos, e.Takes);
            return;
        }

        Wallet.Forgive(s, e.AmountNanos - e.GrantNanos);
        if (e.GrantNanos > 0)
        {
            Wallet.Give(s, new GrantPart(seq, e.GrantNanos, e.Priority, e.ExpiresAtNanos, e.Kind));
        }
    }

    public static void Apply(AccountState s, GrantExpired e) =>
        Wallet.Take(s, e.AmountNanos, [new GrantPart(e.Grant, e.AmountNanos)]);

    private static Decision? Problem(PostCredit c, long now)
    {
        if (!Enum.IsDefined(c.Kind))
        {
            return Decision.Invalid("kind", $"{(int)c.Kind} is not a kind of credit.");
        }

        long least = c.Kind == CreditKind.Adjustment ? -Money.MaxAmountNanos : 1;
        if (c.AmountNanos == 0 || c.AmountNanos < least || c.AmountNanos > Money.MaxAmountNanos)
        {
            return Decision.Invalid("amountNanos", $"It is {c.AmountNanos}; give {least} to {Money.MaxAmountNanos} nanos, not 0.");
        }

        if (c.Priority is < 0 or > 100)
        {
            return Decision.Invalid("priority", $"It is {c.Priority}; give 0 (spent first) to 100.");
        }

        if (c.ExpiresAtNanos is { } expires)
        {
            if (c.AmountNanos < 0 || c.Kind is CreditKind.PaymentRefund or CreditKind.Dispute)
            {
                return Decision.Invalid("expiresAtNanos", "A debit does not expire; leave it out.");
            }

            if (expires <= now || expires == long.MaxValue)
            {
                return Decision.Invalid("expiresAtNanos", $"It is {expires}, which is not a time to come (now is {now}); give a later one, or null for never.");
            }
        }

        return Text.OptionalProblem(c.Reference, Text.MaxReasonChars) is { } problem
            ? Decision.Invalid("reference", problem)
            : Lifecycle.OptionalReasonProblem(c.Reason);
    }

    private static Decision Post(AccountState s, CreditKind kind, long nanos, int priority, long? expires, string? reference, string? reason)
    {
        if (Lifecycle.NotChangeable(s) is { } denied)
        {
            return denied;
        }

        long paysDebt = nanos > 0 ? Math.Min(nanos, s.Debt) : 0;
        long grant = nanos > 0 ? nanos - paysDebt : 0;
        if (grant > 0 && s.Grants.Count >= Ceilings.Grants)
        {
            return Decision.Deny(Outcome.TooMany);
        }

        Int128 balance = (Int128)s.Balance + nanos;
        if (balance > Money.MaxTotalNanos || balance - s.Held < -Money.MaxTotalNanos)
        {
            return Decision.Deny(Outcome.Overflow);
        }

        return LowBalance.Accept(
            s,
            new CreditPosted
            {
                Kind = kind,
                AmountNanos = nanos,
                BalanceNanos = (long)balance,
                GrantNanos = grant,
                Priority = grant > 0 ? priority : 0,
                ExpiresAtNanos = grant > 0 ? expires : null,
                Takes = nanos < 0 ? Wallet.Plan(s, -nanos) : null,
                Reference = reference,
                Reason = reason,
            },
            (long)balance - s.Held);
    }
}
