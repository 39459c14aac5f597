using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class CreditTests
{
    [Theory]
    [InlineData(CreditKind.Topup, 5)]
    [InlineData(CreditKind.Bonus, 5)]
    [InlineData(CreditKind.Refund, 5)]
    [InlineData(CreditKind.Adjustment, 5)]
    [InlineData(CreditKind.Adjustment, -5)]
    [InlineData(CreditKind.PaymentRefund, 5)]
    [InlineData(CreditKind.Dispute, 5)]
    public void Each_kind_has_its_sign(CreditKind kind, long nanos)
    {
        long expected = kind is CreditKind.PaymentRefund or CreditKind.Dispute ? -nanos : nanos;
        CreditPosted posted = Open().When(Credit(kind, nanos)).Then<CreditPosted>();
        Assert.Equal((kind, expected, expected, Math.Max(expected, 0)), (posted.Kind, posted.AmountNanos, posted.BalanceNanos, posted.GrantNanos));
    }

    [Fact]
    public void Grants_are_spent_by_priority_then_earliest_end_then_age()
    {
        AccountUnderTest account = Open().Given(
            Topup(1),
            Topup(1),
            Topup(1, expires: Start + Day),
            Topup(1, expires: Start + Hour),
            Topup(1, priority: 10),
            Topup(1, priority: 60, expires: Start + Minute));
        Charged charged = account.When(Charge(6)).Then<Charged>();
        Assert.Equal([6, 5, 4, 2, 3, 7], charged.Takes!.Select(t => t.Grant));
    }

    [Fact]
    public void A_grant_ends_by_itself_with_what_is_left_in_it()
    {
        AccountUnderTest account = Open().Given(Topup(10, expires: Start + Hour), Topup(5), Charge(4));
        account.At(Start + Hour - 1).Settle().HasBalance(11);
        account.At(Start + Hour).Settle().HasBalance(5);
        GrantExpired expired = Assert.IsType<GrantExpired>(account.Rows[^1].Event);
        Assert.Equal((2, 6, 5, Start + Hour), (expired.Grant, expired.AmountNanos, expired.BalanceNanos, expired.DueAtNanos));
    }

    [Fact]
    public void What_is_due_happens_in_due_order_before_a_denial_too()
    {
        AccountUnderTest account = Open().Given(
            Topup(1, expires: Start + (3 * Hour)), Topup(1, expires: Start + Hour), Topup(9), Authorize(2, ttl: 2 * Hour), Topup(1, expires: Start + Hour));

        // The hold had set grants 3 and 2 aside: they are due once it gives them back.
        account.After(Day).When(Charge(100)).Then(Outcome.InsufficientCredit);
        Assert.Equal(
            "GrantExpired 6, HoldExpired 5, GrantExpired 3, GrantExpired 2",
            string.Join(", ", account.Rows.Skip(6).Select(row => row.Event switch
            {
                GrantExpired e => $"GrantExpired {e.Grant}",
                HoldExpired e => $"HoldExpired {e.Hold}",
                _ => row.Event.ToString(),
            })));
        account.HasBalance(9);
    }

    [Fact]
    public void What_is_due_at_the_same_instant_happens_by_number()
    {
        AccountUnderTest account = Open().Given(
            Topup(1, priority: 60, expires: Start + Hour), Topup(1, priority: 10, expires: Start + Hour), Authorize(0, ttl: Hour), Topup(1, expires: Start + Hour));
        account.After(Hour).Settle();
        Assert.Equal([2L, 3L, 4L, 5L], account.Rows.Skip(5).Select(row => row.Event is HoldExpired hold ? hold.Hold : ((GrantExpired)row.Event).Grant));
    }

    [Fact]
    public void Debits_may_go_below_any_limit_and_credit_pays_the_debt_first()
    {
        AccountUnderTest account = Open().Given(Topup(10), Credit(CreditKind.Dispute, 25)).HasBalance(-15);
        account.When(Charge(1)).Then(Outcome.InsufficientCredit, "available_credit", -15, 0, 1);
        CreditPosted posted = account.When(Topup(20)).Then<CreditPosted>();
        Assert.Equal((5, 5), (posted.GrantNanos, posted.BalanceNanos));
        Assert.Equal([5], account.View.Grants.Select(g => g.RemainingNanos));
        posted = account.Given(Credit(CreditKind.PaymentRefund, 9)).When(Topup(4)).Then<CreditPosted>();
        Assert.Equal((0, 0), (posted.GrantNanos, posted.BalanceNanos));
        Assert.Empty(account.View.Grants);
    }

    [Theory]
    [InlineData(7, -3)]
    [InlineData(10, 0)]
    [InlineData(12, 2)]
    [InlineData(-4, -14)]
    public void Setting_the_balance_is_recorded_as_the_adjustment_it_is(long target, long adjustment)
    {
        CreditPosted posted = Open().Given(Topup(10)).When(new SetBalance { BalanceNanos = target }).Then<CreditPosted>();
        Assert.Equal((CreditKind.Adjustment, adjustment, target), (posted.Kind, posted.AmountNanos, posted.BalanceNanos));
    }

    [Fact]
    public void Wrong_credits_name_their_field() => Open()
        .When(Topup(0)).ThenInvalid("amountNanos")
        .When(Topup(-1)).ThenInvalid("amountNanos")
        .When(Topup(Money.MaxAmountNanos + 1)).ThenInvalid("amountNanos")
        .When(Credit(CreditKind.Adjustment, 0)).ThenInvalid("amountNanos")
        .When(Credit(CreditKind.Adjustment, -Money.MaxAmountNanos - 1)).ThenInvalid("amountNanos")
        .When(Credit((CreditKind)99, 1)).ThenInvalid("kind")
        .When(Topup(1, priority: 101)).ThenInvalid("priority")
        .When(Topup(1, priority: -1)).ThenInvalid("priority")
        .When(Topup(1, expires: Start)).ThenInvalid("expiresAtNanos")
        .When(Credit(CreditKind.Dispute, 1) with { ExpiresAtNanos = Start + 1 }).ThenInvalid("expiresAtNanos")
        .When(Topup(1) with { Reference = "a\0b" }).ThenInvalid("reference")
        .When(Topup(1) with { Reason = new string('x', 257) }).ThenInvalid("reason")
        .When(new SetBalance { BalanceNanos = Money.MaxAmountNanos + 1 }).ThenInvalid("balanceNanos");

    [Fact]
    public void A_balance_beyond_its_range_is_an_outcome()
    {
        AccountUnderTest account = Open();
        for (int i = 0; i < 8; i++)
        {
            account.Given(Topup(Money.MaxAmountNanos));
        }

        account.When(Topup(1)).Then(Outcome.Overflow)
            .Given(new SetBalance { BalanceNanos = -Money.MaxAmountNanos });
        for (int i = 0; i < 7; i++)
        {
            account.Given(Credit(CreditKind.Dispute, Money.MaxAmountNanos));
        }

        account.When(Credit(CreditKind.Dispute, 1)).Then(Outcome.Overflow);
    }

    [Fact]
    public void Grants_have_a_ceiling_which_spent_ones_do_not_count_against()
    {
        AccountUnderTest account = Open();
        for (int i = 0; i < 1_000; i++)
        {
            account.Given(Topup(1));
        }

        account.When(Topup(1)).Then(Outcome.TooMany).Given(Charge(1), Topup(1));
    }
}
