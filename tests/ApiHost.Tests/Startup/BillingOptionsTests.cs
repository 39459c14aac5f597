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
    public void What_stands_between_the_network_and_the_routes_is_read_and_its_mistakes_are_named()
    {
        BillingOptions good = Read(
            out IReadOnlyList<string> none,
            ("Web:TrustedProxies", "10.0.0.0/8, 2001:db8::1"), ("Web:CorsOrigins:0", "https://app.example.com"), ("Web:CorsOrigins:1", "http://localhost:3000"),
            ("Web:RequireHttps", "true"), ("Web:HstsDays", "30"), ("Web:UnprovenPerMinute", "0"));
        Read(
            out IReadOnlyList<string> mistakes,
            ("Web:TrustedProxies", "10.0.0.0/33,proxy"), ("Web:CorsOrigins", "https://app.example.com/,ftp://x"), ("Web:RequireHttps", "si"), ("Web:HstsDays", "-1"),
            ("Web:UnprovenPerMinute", "many"), ("Web:Cors", "*"), ("SecretsFolder", "/no/such/folder"));

        Assert.Empty(none);
        Assert.Equal(["10.0.0.0/8", "2001:db8::1/128"], good.Web.TrustedProxies.Select(n => n.ToString()), StringComparer.Ordinal);
        Assert.Equal((2, true, 30, 0), (good.Web.CorsOrigins.Count, good.Web.RequireHttps, good.Web.HstsDays, good.Web.UnprovenPerMinute));
        foreach (string name in new[] { "'10.0.0.0/33'", "'proxy'", "'https://app.example.com/'", "'ftp://x'", "Billing:Web:RequireHttps", "Billing:Web:HstsDays", "Billing:Web:UnprovenPerMinute", "Billing:Web:Cors ", "Billing:SecretsFolder" })
        {
            Assert.Contains(mistakes, m => m.Contains(name, StringComparison.Ordinal));
        }

        Assert.Equal(9, mistakes.Count);
    }

    [Fact]
    public void Secrets_come_from_files_named_for_their_settings()
    {
        string folder = Directory.CreateTempSubdirectory("ob-secrets-").FullName;
        File.WriteAllText(Path.Combine(folder, "Billing__ConnectionString"), "Host=db;Database=billing\n");

        BillingOptions options = BillingOptionsReader.Read(
            Frontend.CreateBuilder(["--Billing:SecretsFolder=" + folder, "--Billing:ConnectionString=Host=other"]).Configuration, out IReadOnlyList<string> mistakes);

        Assert.Empty(mistakes);
        Assert.Equal("Host=db;Database=billing", options.ConnectionString);
        Directory.Delete(folder, recursive: true);
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
