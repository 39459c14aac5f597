using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class LowBalanceTests
{
    [Fact]
    public void A_crossing_is_said_once_in_the_same_decision_until_available_was_back()
    {
        AccountUnderTest account = Open().Given(Topup(10), new SetLimits { LowBalanceNanos = 5 });
        account.Given(Charge(5)).ThenNothingElse();
        LowBalanceCrossed crossed = account.Given(Charge(1)).ThenAlso<LowBalanceCrossed>();
        Assert.Equal((5, 4), (crossed.ThresholdNanos, crossed.AvailableNanos));
        account.Given(Charge(1)).ThenNothingElse().Given(Topup(1)).ThenNothingElse().Given(Charge(1)).ThenNothingElse();
        account.Given(Topup(2)).ThenNothingElse().Given(Charge(1)).ThenAlso<LowBalanceCrossed>();
    }

    [Fact]
    public void Holds_debits_and_more_than_was_held_cross_too_and_releases_rearm()
    {
        AccountUnderTest account = Open().Given(Topup(10), new SetLimits { LowBalanceNanos = 5 });
        account.Given(Authorize(6)).ThenAlso<LowBalanceCrossed>();
        account.Given(Capture(4, 2)).ThenNothingElse().Given(Credit(CreditKind.Dispute, 4)).ThenAlso<LowBalanceCrossed>();
        account.Given(Topup(2), Authorize(1)).ThenNothingElse();
        account.Given(Capture(10, 2)).ThenAlso<LowBalanceCrossed>();
    }

    [Fact]
    public void An_expiry_that_crosses_is_followed_by_the_crossing_before_anything_else()
    {
        AccountUnderTest account = Open().Given(Topup(10, expires: Start + Hour), Topup(3), new SetLimits { LowBalanceNanos = 5 });
        account.After(2 * Hour).Settle();
        Assert.IsType<GrantExpired>(account.Rows[^2].Event);
        Assert.Equal(new LowBalanceCrossed(5, 3), account.Rows[^1].Event);
        account.Settle();
        Assert.Equal(6, account.Seq);
    }

    [Fact]
    public void After_a_crash_between_expiry_and_crossing_it_is_still_said()
    {
        AccountUnderTest account = Open().Given(Topup(10, expires: Start + Hour), new SetLimits { LowBalanceNanos = 5 }).After(2 * Hour);
        account.Record(Grains.Account.AccountGrain.Instance.NextDue(account.State, account.Now)!);
        account.Restored().Settle();
        Assert.IsType<LowBalanceCrossed>(account.Rows[^1].Event);
    }

    [Fact]
    public void A_threshold_set_above_what_is_available_says_nothing_until_it_was_reached() =>
        Open().Given(Topup(3), new SetLimits { LowBalanceNanos = 5 }).ThenNothingElse().Given(Charge(1)).ThenNothingElse();
}
