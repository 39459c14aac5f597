using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class HoldTests
{
    [Fact]
    public void A_hold_sets_credit_aside_and_a_smaller_capture_gives_the_rest_back()
    {
        AccountUnderTest account = Open().Given(Topup(10));
        HoldPlaced placed = account.When(Authorize(6)).Then<HoldPlaced>();
        Assert.Equal((6, 10, 6, Start + (15 * Minute)), (placed.AmountNanos, placed.BalanceNanos, placed.HeldNanos, placed.ExpiresAtNanos));
        account.When(Charge(5)).Then(Outcome.InsufficientCredit);
        HoldCaptured captured = account.When(Capture(3, 4)).Then<HoldCaptured>();
        Assert.Equal((4, 2, 0, true), (captured.AmountNanos, captured.ReleasedNanos, captured.RemainingNanos, captured.Final));
        account.HasBalance(6).When(Capture(3, 1)).Then(Outcome.HoldEnded).When(Release(3)).Then(Outcome.HoldEnded);
    }

    [Fact]
    public void Several_captures_take_from_one_hold()
    {
        AccountUnderTest account = Open().Given(Topup(10), Authorize(6), Capture(3, 2, final: false)).HasBalance(8, 4);
        HoldCaptured captured = account.When(Capture(3, 1, final: false)).Then<HoldCaptured>();
        Assert.Equal((3, 0, false, 0), (captured.RemainingNanos, captured.ReleasedNanos, captured.Final, captured.Quantity));
        account.HasBalance(7, 3).Given(Release(3)).HasBalance(7);
    }

    [Fact]
    public void More_than_was_held_is_checked_like_a_charge()
    {
        AccountUnderTest account = Open().Given(Topup(10), Authorize(6), Charge(1));
        account.When(Capture(3, 10)).Then(Outcome.InsufficientCredit, "available_credit", 9, 6, 4);
        HoldCaptured captured = account.When(Capture(3, 9)).Then<HoldCaptured>();
        Assert.Equal((3, 0), (captured.ExcessNanos, captured.BalanceNanos));
        Assert.Equal([new GrantPart(2, 6), new GrantPart(2, 3)], captured.Takes!);
    }

    [Fact]
    public void The_excess_counts_against_every_cap_but_what_was_held_does_not_count_twice()
    {
        AccountUnderTest account = Open().Given(
            Topup(100), Key("k", caps: new Caps { TotalNanos = 10 }), new SetLimits { DailyCapNanos = 20 }, Authorize(8, key: "k"));
        account.When(Capture(5, 11)).Then(Outcome.KeyTotalCapExceeded, "key_total_cap", 10, 8, 3);
        HoldCaptured captured = account.When(Capture(5, 10)).Then<HoldCaptured>();
        Assert.Equal([("key_total_cap", 10), ("daily_cap", 10)], captured.Checks!.Select(c => (c.Name, c.Used)));
        account.When(Charge(1, key: "k")).Then(Outcome.KeyTotalCapExceeded);
        account.When(Charge(11)).Then(Outcome.DailyCapExceeded, "daily_cap", 20, 10, 11, Start + (12 * Hour));
    }

    [Fact]
    public void An_excess_counts_in_the_day_of_its_capture()
    {
        AccountUnderTest account = Open().Given(Topup(100), new SetLimits { DailyCapNanos = 10 }, Authorize(8, ttl: 2 * Day)).After(Day);
        account.When(Capture(4, 19)).Then(Outcome.DailyCapExceeded, "daily_cap", 10, 0, 11, Start + (36 * Hour));
        HoldCaptured captured = account.When(Capture(4, 10)).Then<HoldCaptured>();
        Assert.NotNull(captured.Day);
        account.When(Charge(9)).Then(Outcome.DailyCapExceeded, "daily_cap", 10, 2, 9, Start + (36 * Hour)).Given(Charge(8));
    }

    [Fact]
    public void What_is_released_goes_out_of_the_counters_of_its_own_day_only()
    {
        AccountUnderTest account = Open().Given(Topup(100), new SetLimits { DailyCapNanos = 10 }, Authorize(8), Authorize(2, ttl: 2 * Day));
        account.When(Charge(1)).Then(Outcome.DailyCapExceeded).Given(Capture(4, 5)).When(Charge(4)).Then(Outcome.DailyCapExceeded);
        account.Given(Charge(3)).After(Day).Given(Charge(1), Release(5)).When(Charge(10)).Then(Outcome.DailyCapExceeded).Given(Charge(9));
    }

    [Fact]
    public void A_hold_ends_by_itself_and_gives_everything_back()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", 1)).Given(
            Topup(10), new SetWorkspace("w", new Caps { TotalNanos = 5 }), Authorize(5, workspace: "w"));
        account.When(Charge(1, workspace: "w")).Then(Outcome.QuotaExceeded);
        account.After(15 * Minute).Settle().HasBalance(10);
        HoldExpired expired = Assert.IsType<HoldExpired>(account.Rows[^1].Event);
        Assert.Equal((4, 5, Start + (15 * Minute)), (expired.Hold, expired.AmountNanos, expired.DueAtNanos));
        account.Given(Charge(5, workspace: "w"));
    }

    [Fact]
    public void What_a_hold_set_aside_does_not_expire_but_what_it_gives_back_then_does()
    {
        AccountUnderTest account = Open().Given(Topup(10, expires: Start + Hour), Topup(3), Authorize(6, ttl: Day)).After(Hour).Settle();
        account.HasBalance(9, 6).Given(Capture(4, 2, final: false)).HasBalance(7, 4);
        account.Given(Release(4)).Settle().HasBalance(3);
        Assert.Equal((2, 4), Assert.IsType<GrantExpired>(account.Rows[^1].Event) is var e ? (e.Grant, e.AmountNanos) : default);
    }

    [Fact]
    public void What_a_hold_set_aside_is_not_spent_by_others()
    {
        AccountUnderTest account = Open().Given(Topup(5, priority: 1), Topup(5), Authorize(3));
        Assert.Equal([(2, 2), (3, 5)], account.When(Charge(7)).Then<Charged>().Takes!.Select(t => (t.Grant, t.Nanos)));
        Assert.Equal([(2, 3)], account.When(Capture(4, 3)).Then<HoldCaptured>().Takes!.Select(t => (t.Grant, t.Nanos)));
    }

    [Fact]
    public void A_hold_may_reach_into_the_credit_limit_and_what_it_releases_pays_debt_first()
    {
        AccountUnderTest account = Open(creditLimit: 10).Given(Topup(5), Authorize(8));
        account.When(Charge(8)).Then(Outcome.InsufficientCredit, "available_credit", 15, 8, 8);
        account.Given(Charge(7)).HasBalance(-2, 8);
        Assert.Equal(7, account.State.Debt);
        account.Given(Capture(3, 4)).HasBalance(-6);
        Assert.Equal(6, account.State.Debt);
    }

    [Fact]
    public void Extending_moves_the_end()
    {
        AccountUnderTest account = Open().Given(Topup(10), Authorize(6, ttl: Minute)).After(30 * Second).Given(new ExtendHold(3, Hour));
        account.After(59 * Minute).Settle().HasBalance(10, 6).After(Minute).Settle().HasBalance(10);
        account.When(new ExtendHold(3, Hour)).Then(Outcome.HoldEnded).When(new ExtendHold(99, Hour)).Then(Outcome.HoldNotFound);
    }

    [Theory]
    [InlineData(Second - 1)]
    [InlineData((30 * Day) + 1)]
    public void A_time_to_live_out_of_range_is_refused(long ttl) =>
        Open().Given(Topup(10), Authorize(1)).When(Authorize(1, ttl: ttl)).ThenInvalid("ttlNanos").When(new ExtendHold(3, ttl)).ThenInvalid("ttlNanos");

    [Fact]
    public void A_late_capture_is_a_new_charge_once()
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k"), Authorize(6, key: "k", workspace: "w", quantity: 3)).After(Hour);
        Charged charged = account.When(Capture(4, 5)).Then<Charged>();
        Assert.Equal((5, 4, "k", "w", 3), (charged.AmountNanos, charged.LateHold, charged.Key, charged.Workspace, charged.Quantity));
        account.HasBalance(5).When(Capture(4, 5)).Then(Outcome.HoldEnded);
    }

    [Fact]
    public void A_late_capture_checks_what_a_charge_checks()
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k"), Authorize(6, key: "k")).After(Hour).Given(Charge(8));
        account.When(Capture(4, 3)).Then(Outcome.InsufficientCredit).Given(Revoke("k")).When(Capture(4, 1)).Then(Outcome.KeyRevoked);
    }

    [Fact]
    public void A_day_after_it_ended_a_hold_is_not_known_any_more() =>
        Open().Given(Topup(10), Authorize(6)).After((15 * Minute) + Day + 1).When(Capture(3, 5)).Then(Outcome.HoldNotFound);

    [Fact]
    public void A_live_hold_of_a_revoked_key_is_captured_more_included() =>
        Open().Given(Topup(10), Key("k"), Authorize(6, key: "k"), Revoke("k")).When(Capture(4, 7)).Then(Outcome.Accepted).HasBalance(3);

    [Fact]
    public void A_capture_is_priced_with_the_version_the_hold_was_placed_with()
    {
        PriceVersion old = new() { Version = "old", Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/"] = 2 } };
        PriceVersion current = new() { Version = "new", Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/"] = 3 } };
        Usage usage = new() { Endpoint = "/" };
        AccountUnderTest account = Open();
        account.Prices = new PriceTable(old);
        account.Given(Topup(10), new Authorize { Usage = usage, TtlNanos = Minute }, new Authorize { Usage = usage, TtlNanos = Minute });
        account.Prices = new PriceTable(current, old);
        HoldCaptured captured = account.When(new CaptureHold { Hold = 3, Usage = usage }).Then<HoldCaptured>();
        Assert.Equal((2, "old"), (captured.AmountNanos, captured.PriceVersion));
        account.Prices = new PriceTable(current);
        account.When(new CaptureHold { Hold = 4, Usage = usage }).Then(Outcome.PriceNotFound);
    }

    [Fact]
    public void A_hold_of_a_given_amount_pins_the_prices_too()
    {
        PriceVersion old = new() { Version = "old", Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/"] = 2 } };
        PriceVersion current = new() { Version = "new", Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/"] = 3 } };
        AccountUnderTest account = Open();
        account.Prices = new PriceTable(old);
        account.Given(Topup(10), Key("free", KeyType.Internal), Authorize(6));
        Assert.Null(account.When(Authorize(6, key: "free")).Then<HoldPlaced>().PriceVersion);
        account.Prices = new PriceTable(current, old);
        HoldCaptured captured = account.When(new CaptureHold { Hold = 4, Usage = new Usage { Endpoint = "/" } }).Then<HoldCaptured>();
        Assert.Equal((2, "old"), (captured.AmountNanos, captured.PriceVersion));
    }

    [Fact]
    public void Capturing_nothing_ends_the_hold_and_uses_its_quantity()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", 1)).Given(Topup(10), Authorize(6), Capture(3, 0)).HasBalance(10);
        account.When(Charge(1)).Then(Outcome.QuotaExceeded);
    }

    [Fact]
    public void Open_holds_have_a_ceiling()
    {
        AccountUnderTest account = Open();
        for (int i = 1; i <= 10_000; i++)
        {
            AccountGrainOf(account, i);
        }

        account.When(Authorize(0)).Then(Outcome.TooMany);
    }

    // Their order is compared with the rule's words at every step.
    [Fact]
    public void Many_that_are_due_at_once_expire_in_due_order_grants_between_them()
    {
        AccountUnderTest account = Open();
        for (int i = 0; i < 20; i++)
        {
            account.Given(Topup(10) with { ExpiresAtNanos = Start + Hour + (i * 7 % 20 * Minute) });
        }

        for (int i = 0; i < 200; i++)
        {
            account.Given(Authorize(i % 2, Hour + (i * 37 % 30 * Minute)));
        }

        int before = account.Rows.Count;
        account.After(3 * Hour).Settle();
        Assert.Equal(0, account.State.Holds.Count);
        Assert.Equal(200, account.Rows.Skip(before).Count(row => row.Event is HoldExpired));
        account.HasBalance(0);
    }

    // Straight into the state: ten thousand audited commands would take minutes.
    private static void AccountGrainOf(AccountUnderTest account, int number) => Grains.Account.AccountGrain.Instance.Apply(
        account.State,
        new HoldPlaced { AmountNanos = 0, BalanceNanos = 0, HeldNanos = 0, ExpiresAtNanos = Start + Hour, Meter = "m", Quantity = 0 },
        1 + number,
        Start);
}
