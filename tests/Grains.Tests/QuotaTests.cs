using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class QuotaTests
{
    private static readonly long MonthEnd = Csv.Instant("2026-04-01T00:00:00Z");

    [Fact]
    public void A_tier_named_without_quotas_has_those_that_the_host_knows()
    {
        OpenAccount opening = new() { Currency = "USD", Zone = "UTC", Tier = "pro", Quotas = null };
        AccountUnderTest account = new();
        account.When(opening).ThenInvalid("tier");
        account.Given(opening with { TierQuotas = [new QuotaLimit("m", 1)] }, Topup(9), Charge(0, meter: "m")).When(Charge(0, meter: "m")).Then(Outcome.QuotaExceeded);
        account.When(new SetTier("max", null)).ThenInvalid("tier");
        account.Given(new SetTier("max", null) { TierQuotas = [new QuotaLimit("m", 2)] }, Charge(0, meter: "m")).When(Charge(0, meter: "m")).Then(Outcome.QuotaExceeded);
        account.Given(new SetTier("own", []) { TierQuotas = [new QuotaLimit("m", 2)] }, Charge(0, meter: "m"));
    }

    [Fact]
    public void A_meter_is_limited_per_billing_month()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("agent_execution", 3)).Given(Charge(0, meter: "agent_execution", quantity: 2));
        account.When(Charge(0, meter: "agent_execution", quantity: 2)).Then(Outcome.QuotaExceeded, "quota:agent_execution", 3, 2, 2, MonthEnd);
        account.Given(Charge(0, meter: "agent_execution"), Charge(0, meter: "other", quantity: 1_000_000));
        account.At(MonthEnd - 1).When(Charge(0, meter: "agent_execution")).Then(Outcome.QuotaExceeded);
        account.At(MonthEnd).Given(Charge(0, meter: "agent_execution", quantity: 3));
    }

    [Fact]
    public void A_tier_change_keeps_what_is_used()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("m", 3)).Given(Charge(0, meter: "m", quantity: 3), new SetTier("pro", [new QuotaLimit("m", 5)]));
        account.When(Charge(0, meter: "m", quantity: 3)).Then(Outcome.QuotaExceeded, "quota:m", 5, 3, 3, MonthEnd);
        account.Given(new SetTier("max", []), Charge(0, meter: "m", quantity: 9), new SetTier("free", [new QuotaLimit("m", 1)]));
        account.When(Charge(0, meter: "m")).Then(Outcome.QuotaExceeded, "quota:m", 1, 12, 1, MonthEnd);
    }

    [Fact]
    public void Null_is_unlimited_and_counted()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("m", null)).Given(Charge(0, meter: "m", quantity: 1_000_000_000_000));
        Assert.Equal(new Limit("quota:m", -1, 1_000_000_000_000, 0, MonthEnd), account.View.Limits[2]);
    }

    [Fact]
    public void A_reset_sets_one_meter_or_all_to_zero()
    {
        AccountUnderTest account = Open(quotas: [new QuotaLimit("m", 1), new QuotaLimit("n", 1)]).Given(Charge(0, meter: "m"), Charge(0, meter: "n"));
        account.When(new ResetQuota("x", "test")).Then(Outcome.MeterNotFound);
        account.Given(new ResetQuota("m", "test"), Charge(0, meter: "m")).When(Charge(0, meter: "n")).Then(Outcome.QuotaExceeded);
        account.Given(new ResetQuota(null, "test"), Charge(0, meter: "m"), Charge(0, meter: "n"));
    }

    [Fact]
    public void Meters_that_nobody_limits_are_counted_up_to_a_ceiling_and_limited_ones_always()
    {
        AccountUnderTest account = Open();
        for (int i = 0; i < 70; i++)
        {
            account.Given(Charge(0, meter: "m" + i));
        }

        Assert.Equal(64, account.State.Meters.Count);
        account.Given(new SetTier("pro", [new QuotaLimit("m69", 1), new QuotaLimit("m0", 1)]), Charge(0, meter: "m69"));
        account.When(Charge(0, meter: "m69")).Then(Outcome.QuotaExceeded).When(Charge(0, meter: "m0")).Then(Outcome.QuotaExceeded);
        Assert.Equal(64, account.State.Meters.Count);
        account.When(new SetTier("big", [.. Enumerable.Range(0, 65).Select(i => new QuotaLimit("q" + i, 1))])).Then(Outcome.TooMany);
    }

    [Fact]
    public void A_counter_beyond_its_range_is_an_outcome()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", null));
        ref Grains.Account.MeterState meter = ref account.State.Meters[0];
        account.Given(Charge(0));
        meter.Used = Money.MaxTotalNanos;
        account.When(Charge(0)).Then(Outcome.Overflow);
    }
}
