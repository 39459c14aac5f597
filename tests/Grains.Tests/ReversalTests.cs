using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class ReversalTests
{
    [Fact]
    public void A_reversal_gives_money_back_to_its_grants_last_taken_first()
    {
        AccountUnderTest account = Open().Given(Topup(4), Topup(4), Charge(7));
        ChargeReversed first = account.When(Reverse(4, 5)).Then<ChargeReversed>();
        Assert.Equal([(3, 3), (2, 2)], first.Gives!.Select(g => (g.Grant, g.Nanos)));
        Assert.Equal((5, 5, 6, 2, 0), (first.AmountNanos, first.ReversedNanos, first.BalanceNanos, first.TotalSpentNanos, first.Quantity));
        ChargeReversed last = account.When(Reverse(4)).Then<ChargeReversed>();
        Assert.Equal((2, 7, 8, 0, 1), (last.AmountNanos, last.ReversedNanos, last.BalanceNanos, last.TotalSpentNanos, last.Quantity));
        account.When(Reverse(4)).Then(Outcome.ReversalExceedsCharge, "charge", 7, 7, 0);
    }

    [Fact]
    public void No_more_than_the_charge_is_reversed() =>
        Open().Given(Topup(10), Charge(7), Reverse(3, 3)).When(Reverse(3, 5)).Then(Outcome.ReversalExceedsCharge, "charge", 7, 3, 5);

    [Fact]
    public void Only_charges_and_captures_can_be_reversed() => Open().Given(Topup(10), Authorize(1))
        .When(Reverse(2)).Then(Outcome.ChargeNotFound)
        .When(Reverse(3)).Then(Outcome.ChargeNotFound)
        .When(Reverse(99)).Then(Outcome.ChargeNotFound)
        .When(Reverse(3, 0)).ThenInvalid("amountNanos");

    [Fact]
    public void A_grant_that_is_gone_is_opened_again_with_its_terms_and_ends_at_once_when_its_time_has_passed()
    {
        AccountUnderTest account = Open().Given(
            new PostCredit { Kind = CreditKind.Bonus, AmountNanos = 5, Priority = 3, ExpiresAtNanos = Start + Hour }, Charge(5), Reverse(3));
        GrantView grant = Assert.Single(account.View.Grants);
        Assert.Equal(new GrantView(2, CreditKind.Bonus, 5, 3, Start + Hour), grant);
        account.Given(Charge(5)).After(2 * Hour).Given(Reverse(5)).HasBalance(5).Settle().HasBalance(0);
        Assert.IsType<GrantExpired>(account.Rows[^1].Event);
    }

    [Fact]
    public void What_had_been_debt_reduces_debt()
    {
        AccountUnderTest account = Open(creditLimit: 10).Given(Topup(4), Charge(7)).HasBalance(-3);
        Assert.Null(account.When(Reverse(3, 2)).Then<ChargeReversed>().Gives);
        account.HasBalance(-1).Given(Reverse(3)).HasBalance(4);
        Assert.Equal(0, account.State.Debt);
    }

    [Fact]
    public void Debt_that_was_paid_since_comes_back_as_a_new_grant()
    {
        AccountUnderTest account = Open(creditLimit: 10).Given(Charge(7), Topup(10));
        ChargeReversed reversed = account.When(Reverse(2)).Then<ChargeReversed>();
        Assert.Equal([new GrantPart(4, 7, Kind: CreditKind.Refund)], reversed.Gives!);
        account.HasBalance(10);
    }

    [Fact]
    public void Counters_are_restored_in_the_windows_that_still_run()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", 2)).Given(
            Topup(100),
            Key("k", caps: new Caps { DailyNanos = 10, MonthlyNanos = 10, TotalNanos = 20 }),
            new SetWorkspace("w", new Caps { TotalNanos = 10 }),
            Charge(10, key: "k", workspace: "w"));
        account.When(Charge(10, key: "k", workspace: "w")).Then(Outcome.KeyDailyCapExceeded);
        account.Given(Reverse(5), Charge(10, key: "k", workspace: "w"));

        // The next day: the month and the totals come back, the day's counter has begun anew.
        account.After(Day).Given(Reverse(7), Charge(4, key: "k", workspace: "w"), Reverse(9, 1)).When(Charge(8, key: "k"))
            .Then(Outcome.KeyDailyCapExceeded, "key_daily_cap", 10, 3, 8, Start + (36 * Hour));

        // The next month: only totals.
        account.After(30 * Day).Given(Charge(1, key: "k", workspace: "w"), Reverse(9)).When(Charge(21, key: "k"))
            .Then(Outcome.KeyDailyCapExceeded, "key_daily_cap", 10, 1, 21, Start + (30 * Day) + (36 * Hour));
        Assert.Equal([1, 1, 1], account.View.Keys[0].Limits.Select(l => l.Used));
    }

    [Fact]
    public void A_workspace_gets_back_only_what_it_had_counted()
    {
        AccountUnderTest account = Open().Given(Topup(100), Charge(10, workspace: "w"), new SetWorkspace("w", new Caps { TotalNanos = 5 }), Charge(5, workspace: "w"));
        account.Given(Reverse(3)).When(Charge(1, workspace: "w")).Then(Outcome.WorkspaceTotalCapExceeded, "workspace_total_cap", 5, 5, 1);
        account.Given(Reverse(5), Charge(5, workspace: "w"));
    }

    [Fact]
    public void The_meter_gets_its_quantity_back_with_the_last_part_unless_it_was_reset_since()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", 5)).Given(Topup(100), Charge(10, quantity: 5));
        account.Given(Reverse(3, 9)).When(Charge(1)).Then(Outcome.QuotaExceeded).Given(Reverse(3), Charge(1, quantity: 4));
        account.Given(new ResetQuota("api_request", "gesture"), Charge(1, quantity: 3), Reverse(6))
            .When(Charge(1, quantity: 3)).Then(Outcome.QuotaExceeded, "quota:api_request", 5, 3, 3, Csv.Instant("2026-04-01T00:00:00Z"));
    }

    [Fact]
    public void A_captured_part_is_reversed_in_the_windows_it_counted_in()
    {
        AccountUnderTest account = Open().Given(Topup(100), new SetLimits { DailyCapNanos = 10 }, Authorize(8, ttl: 2 * Day)).After(Day);
        account.Given(Capture(4, 13)).When(Charge(6)).Then(Outcome.DailyCapExceeded);
        ChargeReversed reversed = account.When(Reverse(5, 7)).Then<ChargeReversed>();
        Assert.Equal((4, Start, 5), (reversed.Hold, reversed.PlacedAtNanos, reversed.ExcessNanos));
        account.When(Charge(11)).Then(Outcome.DailyCapExceeded, "daily_cap", 10, 0, 11, Start + (36 * Hour)).Given(Reverse(5)).HasBalance(100);
    }

    [Fact]
    public void A_charge_of_nothing_is_reversed_once_for_its_quantity()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", 1)).Given(Charge(0)).When(Charge(0)).Then(Outcome.QuotaExceeded);
        account.Given(Reverse(2), Charge(0)).When(Reverse(2)).Then(Outcome.ReversalExceedsCharge);
    }

    [Fact]
    public void After_180_days_it_is_too_late_and_the_charge_is_forgotten()
    {
        AccountUnderTest account = Open().Given(Topup(100), Charge(10), Reverse(3, 1)).After(Day).Given(Charge(5));
        account.At(Start + (180 * Day)).Given(Reverse(3, 1)).After(1).When(Reverse(3, 1)).Then(Outcome.ReversalTooLate);
        account.Given(Reverse(5, 1));
        Assert.Equal([5], account.State.Reversals.ToArray().Select(r => r.Charge));
    }
}
