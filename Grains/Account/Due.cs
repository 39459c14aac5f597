using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>What happens by itself, worked out when looked at: expiries of holds and grants in due order, by number where they tie.</summary>
internal static class Due
{
    /// <summary>Something may be due at this time.</summary>
    public static void NotBefore(AccountState s, long nanos) => s.NothingDueBefore = Math.Min(s.NothingDueBefore, nanos);

    public static Event? Next(AccountState s, long now)
    {
        // An expiry took available below the threshold.
        if (s.LowBalanceArmed && s.Available < s.LowBalance)
        {
            return new LowBalanceCrossed(s.LowBalance, s.Available);
        }

        if (now < s.NothingDueBefore)
        {
            return null;
        }

        long due = long.MaxValue;
        long number = long.MaxValue;
        int grantAt = -1;
        HoldState? hold = null;
        Span<Grant> grants = s.Grants.AsSpan();
        for (int i = 0; i < grants.Length; i++)
        {
            if (grants[i].Free > 0 && IsSooner(grants[i].Expires, grants[i].Number, due, number))
            {
                (due, number, grantAt) = (grants[i].Expires, grants[i].Number, i);
            }
        }

        if (NextHold(s, now) is { } candidate && IsSooner(candidate.Expires, candidate.Number, due, number))
        {
            (due, number, hold) = (candidate.Expires, candidate.Number, candidate);
        }

        if (due > now)
        {
            s.NothingDueBefore = due;
            return null;
        }

        return hold is not null
            ? new HoldExpired(hold.Number, hold.Remaining, s.Balance, s.Held - hold.Remaining, due)
            : new GrantExpired
            {
                Grant = number,
                AmountNanos = grants[grantAt].Free,
                BalanceNanos = s.Balance - grants[grantAt].Free,
                DueAtNanos = due,
            };
    }

    // The hold that is due first, or the one that will be. Many may be due at once, and each is asked for anew: they are looked for
    // once and put in order. Whatever else happens to the account ends what is known of them.
    private static HoldState? NextHold(AccountState s, long now)
    {
        while (s.DueHolds is { } known && known.TryPeek(out HoldState? next) && next.Expires <= now)
        {
            if (Holds.Find(s, next.Number) >= 0)
            {
                return next;
            }

            // It has been ended since.
            known.Dequeue();
        }

        s.DueHolds = null;
        HoldState? first = null;
        List<HoldState>? due = null;
        foreach (HoldState candidate in s.Holds.AsSpan())
        {
            if (first is null || IsSooner(candidate.Expires, candidate.Number, first.Expires, first.Number))
            {
                first = candidate;
            }

            if (candidate.Expires <= now)
            {
                (due ??= []).Add(candidate);
            }
        }

        if (due is { Count: > 1 })
        {
            due.Sort(static (x, y) => x.Expires != y.Expires ? x.Expires.CompareTo(y.Expires) : x.Number.CompareTo(y.Number));
            s.DueHolds = new Queue<HoldState>(due);
        }

        return first;
    }

    private static bool IsSooner(long due, long number, long otherDue, long otherNumber) =>
        due < otherDue || (due == otherDue && number < otherNumber);
}
