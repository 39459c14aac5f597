using OrleansBilling.Account;
using OrleansBilling.Grains.Account;

namespace OrleansBilling.Grains.Tests;

/// <summary>What is always true of an account, worked out independently of how the grain keeps it.</summary>
internal static class Audit
{
    /// <summary>What an event adds to the balance.</summary>
    public static long Entry(Event e) => e switch
    {
        CreditPosted posted => posted.AmountNanos,
        GrantExpired expired => -expired.AmountNanos,
        Charged charged => -charged.AmountNanos,
        HoldCaptured captured => -captured.AmountNanos,
        ChargeReversed reversed => reversed.AmountNanos,
        _ => 0,
    };

    public static void After(AccountState s, Event e, long entries, long heldBefore)
    {
        long free = 0;
        long aside = 0;
        for (int i = 0; i < s.Grants.Count; i++)
        {
            Assert.True(s.Grants[i].Free >= 0 && s.Grants[i].Held >= 0, "A grant is below zero.");
            Assert.True(s.Grants[i].Free > 0 || s.Grants[i].Held > 0, "A grant with nothing in it was kept.");
            free += s.Grants[i].Free;
            aside += s.Grants[i].Held;
        }

        long held = 0;
        long parts = 0;
        for (int i = 0; i < s.Holds.Count; i++)
        {
            Assert.True(s.Holds[i].Remaining >= 0);
            Assert.True(i == 0 || s.Holds[i].Number > s.Holds[i - 1].Number);
            Assert.True(Wallet.Sum(s.Holds[i].Parts) <= s.Holds[i].Remaining);
            held += s.Holds[i].Remaining;
            parts += Wallet.Sum(s.Holds[i].Parts);
        }

        Assert.Equal(entries, s.Balance);
        Assert.Equal(s.Balance, free + aside - s.Debt);
        Assert.Equal(held, s.Held);
        Assert.Equal(parts, aside);
        Assert.True(s.Debt >= 0 && s.TotalSpent >= 0);
        Assert.True(s.Debt == 0 || free == 0, "Free credit and debt stand side by side.");
        NotNegative(s.Budget);
        for (int i = 0; i < s.Keys.Count; i++)
        {
            NotNegative(s.Keys[i].Budget);
        }

        for (int i = 0; i < s.Workspaces.Count; i++)
        {
            NotNegative(s.Workspaces[i].Budget);
        }

        for (int i = 0; i < s.Meters.Count; i++)
        {
            Assert.True(s.Meters[i].Used >= 0, "A meter is below zero.");
        }

        Says(s, e, heldBefore);
    }

    // The numbers that an event says are those of the state after it.
    private static void Says(AccountState s, Event e, long heldBefore)
    {
        (long Balance, long Held, long Spent)? said = e switch
        {
            CreditPosted x => (x.BalanceNanos, heldBefore, s.TotalSpent),
            GrantExpired x => (x.BalanceNanos, heldBefore, s.TotalSpent),
            Charged x => (x.BalanceNanos, x.HeldNanos, x.TotalSpentNanos),
            HoldPlaced x => (x.BalanceNanos, x.HeldNanos, s.TotalSpent),
            HoldCaptured x => (x.BalanceNanos, x.HeldNanos, x.TotalSpentNanos),
            HoldReleased x => (x.BalanceNanos, x.HeldNanos, s.TotalSpent),
            HoldExpired x => (x.BalanceNanos, x.HeldNanos, s.TotalSpent),
            ChargeReversed x => (x.BalanceNanos, x.HeldNanos, x.TotalSpentNanos),
            _ => null,
        };
        if (said is { } numbers)
        {
            Assert.Equal(numbers, (s.Balance, s.Held, s.TotalSpent));
        }

        if (e is Charged { AmountNanos: > 0 } or HoldPlaced { AmountNanos: > 0 } or HoldCaptured { ExcessNanos: > 0 })
        {
            Assert.True(s.Available >= -s.CreditLimit, "Available fell below the credit limit.");
        }
    }

    private static void NotNegative(Budget budget) =>
        Assert.True(budget.Day >= 0 && budget.Month >= 0 && budget.Total >= 0, "A counter is below zero.");
}
