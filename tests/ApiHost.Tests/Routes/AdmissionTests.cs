using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What keys open.</summary>
public class AdmissionTests : HttpTests
{
    [Fact]
    public async Task A_services_key_charges_and_ends_with_its_revocation()
    {
        await this.Host.OpenAsync("acme");
        Answered made = await this.Host.PostAsync("/admin/accounts/system/keys", """{"scopes":["service"]}""");
        const string body = """{"account":"acme","amount":1}""";

        (await this.Host.SendAsync(HttpMethod.Post, "/v1/charges", body, made.Member("key"))).Expect(HttpStatusCode.OK);
        (await this.Host.AdminAsync(HttpMethod.Delete, $"/admin/accounts/system/keys/{made.Member("keyId")}")).Expect(HttpStatusCode.OK);

        (await this.Host.SendAsync(HttpMethod.Post, "/v1/charges", body, made.Member("key"))).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
    }

    [Fact]
    public async Task A_customer_sees_its_own_wallet_by_either_header()
    {
        string acme = await this.Host.OpenAsync("acme", "10");
        string other = await this.Host.OpenAsync("other", "3");
        using HttpRequestMessage byHeader = new(HttpMethod.Get, "/v1/wallet");
        byHeader.Headers.Add("X-API-Key", other);

        Assert.Equal("acme", (await this.Host.GetAsync("/v1/wallet", acme)).Expect(HttpStatusCode.OK).Member("account"));
        Answered wallet = (await this.Host.SendAsync(byHeader)).Expect(HttpStatusCode.OK);
        Assert.Equal("other", wallet.Member("account"));
        Assert.Equal("3", wallet["balance"]);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        Assert.Equal("live", (await this.Host.GetAsync("/health/live", null)).Expect(HttpStatusCode.OK).Member("status"));
        Assert.Equal("ready", (await this.Host.GetAsync("/health/ready", null)).Expect(HttpStatusCode.OK).Member("status"));
    }
}
