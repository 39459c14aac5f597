using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class ChargeTests
{
    [Fact]
    public void A_charge_takes_its_amount_and_says_balance_and_total()
    {
        Charged charged = Open().Given(Topup(10 * Unit)).When(Charge(3 * Unit)).Then<Charged>();
        Assert.Equal((3 * Unit, 7 * Unit, 3 * Unit), (charged.AmountNanos, charged.BalanceNanos, charged.TotalSpentNanos));
        Assert.Equal([new GrantPart(2, 3 * Unit)], charged.Takes!);
        Assert.Null(charged.Checks);
    }

    [Fact]
    public void A_charge_beyond_what_is_available_is_refused_with_the_numbers() =>
        Open().Given(Topup(10 * Unit), Authorize(4 * Unit))
            .When(Charge((6 * Unit) + 1))
            .Then(Outcome.InsufficientCredit, "available_credit", 10 * Unit, 4 * Unit, (6 * Unit) + 1)
            .HasBalance(10 * Unit, 4 * Unit)
            .When(Charge(6 * Unit)).Then(Outcome.Accepted)
            .HasBalance(4 * Unit, 4 * Unit);

    [Fact]
    public void A_usage_is_priced_from_the_table()
    {
        AccountUnderTest account = Open();
        account.Prices = new PriceTable(new PriceVersion
        {
            Version = "v1",
            Models = new Dictionary<string, ModelPrice>(StringComparer.Ordinal)
            {
                ["large"] = new() { InputNanosPerMillion = 15 * Unit, OutputNanosPerMillion = 45 * Unit },
            },
        });
        Charged charged = account.Given(Topup(10 * Unit))
            .When(new Charge { Usage = new Usage { Model = "large", InputTokens = 6548, OutputTokens = 108 } })
            .Then<Charged>();
        Assert.Equal((103_080_000, "v1"), (charged.AmountNanos, charged.PriceVersion));
        account.HasBalance(9_896_920_000);
        account.When(new Charge { Usage = new Usage { Model = "unknown" } }).Then(Outcome.PriceNotFound);
    }
}
