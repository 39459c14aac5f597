using Microsoft.Extensions.Configuration;
using OrleansBilling.ApiHost.Configuration;

namespace OrleansBilling.ApiHost.Tests.Startup;

public sealed class BillingOptionsTests
{
    [Fact]
    public void Prices_are_read_to_the_nano()
    {
        BillingOptions options = Read(
            out IReadOnlyList<string> mistakes,
            ("Prices:Models:m:InputPer1K", "0.015"), ("Prices:Models:m:OutputPer1K", "0.000000001"), ("Prices:Endpoints:/v1/x", "2"));

        Assert.Empty(mistakes);
        ModelPriceOptions model = Assert.Single(options.Prices.Models);
        Assert.Equal(("m", 15_000_000_000L, 1_000L), (model.Model, model.Input, model.Output));
        Assert.Equal((model.Input, model.Output), (model.Cached, model.Reasoning));
        Assert.Equal(("/v1/x", 2_000_000_000L), (options.Prices.Endpoints[0].Key, options.Prices.Endpoints[0].Value));
    }

    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        Read(
            out IReadOnlyList<string> mistakes,
            ("ConectionString", "x"), ("Shared", "perhaps"), ("Lanes", "0"), ("MaxActivations", "-1"), ("HeadsInterval", "10"), ("Pepper", "c2hvcnQ="), ("PepperFile", "/no/such/file"),
            ("Prices:Models:m:InputPer1K", "1e-3"), ("Prices:Models:m:InputPerK", "1"), ("Prices:Endpoints:/x", "-1"), ("Tiers:free:api_request", "many"));

        foreach (string name in new[]
        {
            "Billing:ConectionString", "Billing:Shared", "Billing:Lanes", "Billing:MaxActivations", "Billing:HeadsInterval", "Billing:Pepper must", "Billing:PepperFile:", "both set",
            "Billing:Prices:Models:m:InputPer1K", "Billing:Prices:Models:m:InputPerK", "Billing:Prices:Endpoints:/x", "Billing:Tiers:free:api_request",
        })
        {
            Assert.Contains(mistakes, m => m.Contains(name, StringComparison.Ordinal));
        }

        Assert.Equal(12, mistakes.Count);
    }

    [Fact]
    public void A_bad_pepper_is_told_of_without_being_shown()
    {
        Read(out IReadOnlyList<string> mistakes, ("Pepper", "not-a-good-one"));

        Assert.DoesNotContain("not-a-good-one", Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_has_to_be_set_but_the_connection_string()
    {
        BillingOptions options = Read(out IReadOnlyList<string> mistakes);

        Assert.Empty(mistakes);
        Assert.Null(options.ConnectionString);
        Assert.NotNull(options.QuotasOf("any"));
    }

    private static BillingOptions Read(out IReadOnlyList<string> mistakes, params (string Name, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Billing:" + s.Name, (string?)s.Value)))
            .Build();
        return BillingOptionsReader.Read(configuration, out mistakes);
    }
}
