using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;

namespace OrleansBilling.Grains.Tests;

public class PriceTests
{
    private static readonly PriceTable Table = new(
        new PriceVersion
        {
            Version = "new",
            Models = Models(new ModelPrice { InputNanosPerMillion = 2_000_000 }),
            Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/search"] = 7, ["/free"] = 0 },
        },
        new PriceVersion { Version = "old", Models = Models(new ModelPrice { InputNanosPerMillion = 1_000_000 }) });

    [Fact]
    public void Every_row_of_the_independent_table_holds_to_the_nano()
    {
        foreach (string[] row in Csv.Rows("costs.csv"))
        {
            long[] n = [.. row.Select(Csv.Number)];
            PriceTable table = new(new PriceVersion
            {
                Version = "v",
                Models = Models(new ModelPrice
                {
                    InputNanosPerMillion = n[1],
                    OutputNanosPerMillion = n[3],
                    CachedNanosPerMillion = n[5],
                    ReasoningNanosPerMillion = n[7],
                    BaseFeeNanos = n[8],
                }),
            });
            Usage usage = new() { Model = "m", InputTokens = n[0], OutputTokens = n[2], CachedTokens = n[4], ReasoningTokens = n[6] };
            Assert.True(table.TryPrice(usage, null, out Cost cost));
            Assert.Equal((string.Join(',', row), n[9]), (string.Join(',', row), cost.Nanos));
        }
    }

    [Theory]
    [InlineData("m", null, 6)]
    [InlineData("m", "/search", 6)]
    [InlineData("unknown", "/search", 7)]
    [InlineData(null, "/search", 7)]
    [InlineData(null, "/free", 0)]
    public void A_known_model_is_priced_before_an_endpoint(string? model, string? endpoint, long nanos)
    {
        Assert.True(Table.TryPrice(new Usage { Model = model, Endpoint = endpoint, InputTokens = 3 }, null, out Cost cost));
        Assert.Equal(new Cost(nanos, "new"), cost);
    }

    [Theory]
    [InlineData("unknown", "/unknown", null)]
    [InlineData(null, null, null)]
    [InlineData("m", null, "older")]
    [InlineData(null, "/search", "old")]
    public void What_is_not_configured_has_no_price(string? model, string? endpoint, string? version) =>
        Assert.False(Table.TryPrice(new Usage { Model = model, Endpoint = endpoint }, version, out _));

    [Fact]
    public void A_pinned_version_prices_as_it_did()
    {
        Assert.True(Table.TryPrice(new Usage { Model = "m", InputTokens = 3 }, "old", out Cost cost));
        Assert.Equal(new Cost(3, "old"), cost);
    }

    [Fact]
    public void A_cost_that_does_not_fit_is_the_largest_there_is()
    {
        PriceTable table = new(new PriceVersion { Version = "v", Models = Models(new ModelPrice { InputNanosPerMillion = Money.MaxAmountNanos }) });
        Assert.True(table.TryPrice(new Usage { Model = "m", InputTokens = 1_000_000_000_000 }, null, out Cost cost));
        Assert.Equal(long.MaxValue, cost.Nanos);
    }

    [Fact]
    public void Absurd_configuration_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new PriceTable(new PriceVersion { Version = "v", Models = Models(new ModelPrice { OutputNanosPerMillion = -1 }) }));
        Assert.Throws<ArgumentException>(() => new PriceTable(new PriceVersion
        {
            Version = "v",
            Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/"] = Money.MaxAmountNanos + 1 },
        }));
        Assert.Throws<ArgumentException>(() => new PriceTable(new PriceVersion { Version = "v" }, new PriceVersion { Version = "v" }));
    }

    private static Dictionary<string, ModelPrice> Models(ModelPrice price) => new(StringComparer.Ordinal) { ["m"] = price };
}
