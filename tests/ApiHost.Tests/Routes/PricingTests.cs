using System.Net;
using System.Security.Cryptography;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>The prices as operators see them. On a real PostgreSQL, which numbers them.</summary>
public sealed class PricingTests(PostgresFixture postgres)
{
    private readonly string pepper = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task The_prices_of_this_host_are_shown_and_every_version_that_any_host_had()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        await using PostgresHost one = await PostgresHost.StartAsync(database, this.pepper, "--Billing:Shared=true");
        string admin = one.FirstAdminKey!;
        Assert.Equal("""["1"]""", (await one.GetAsync("/admin/pricing", admin)).Expect(HttpStatusCode.OK)["versions"]);
        await using PostgresHost other = await PostgresHost.StartAsync(
            database, this.pepper, "--Billing:Shared=true", "--Billing:Prices:Models:tiny:InputPer1K=0.000000001", "--Billing:Prices:Models:tiny:CachedPer1K=0", "--Billing:Prices:Endpoints:/v1/x=2.5");

        Answered first = (await one.GetAsync("/admin/pricing", admin)).Expect(HttpStatusCode.OK);
        Answered second = (await other.GetAsync("/admin/pricing", admin)).Expect(HttpStatusCode.OK);
        Answered past = (await other.GetAsync("/admin/pricing/1", admin)).Expect(HttpStatusCode.OK);
        Answered theirs = (await one.GetAsync("/admin/pricing/2", admin)).Expect(HttpStatusCode.OK);

        Assert.Equal(("\"1\"", "true", """["1","2"]""", "0.015", "0.045"),
            (first["version"], first["current"], first["versions"], first["models.demo-large.inputPer1K"], first["models.demo-large.outputPer1K"]));
        Assert.Equal(("\"2\"", "true", "0.000000001", "0"), (second["version"], second["current"], second["models.tiny.inputPer1K"], second["models.tiny.cachedPer1K"]));
        Assert.Equal("2.5", second.Json.GetProperty("endpoints").GetProperty("/v1/x").GetRawText());
        Assert.Equal((first["models"], "false"), (past["models"], past["current"]));
        Assert.Equal((second["models"], "false"), (theirs["models"], theirs["current"]));
        (await one.GetAsync("/admin/pricing/3", admin)).ExpectProblem(HttpStatusCode.NotFound, "price_version_not_found");
        (await one.GetAsync("/admin/pricing/a%0Ab", admin)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "version");
    }
}
