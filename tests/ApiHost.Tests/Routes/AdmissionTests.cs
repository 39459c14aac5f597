using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

public class AdmissionTests : HttpTests
{
    private static readonly (string Method, string Path)[] ServiceRoutes =
    [
        ("POST", "/v1/verify"), ("POST", "/v1/charges"), ("POST", "/v1/charges/acme/1/reversals"), ("POST", "/v1/holds"),
        ("POST", "/v1/holds/acme/1/extend"), ("POST", "/v1/holds/acme/1/capture"), ("POST", "/v1/holds/acme/1/release"),
    ];

    private static readonly (string Method, string Path)[] AdminRoutes =
    [
        ("POST", "/admin/accounts"), ("GET", "/admin/accounts/acme"), ("POST", "/admin/accounts/acme/credits"), ("PUT", "/admin/accounts/acme/balance"),
        ("PUT", "/admin/accounts/acme/limits"), ("PUT", "/admin/accounts/acme/tier"), ("POST", "/admin/accounts/acme/quota/reset"),
        ("PUT", "/admin/accounts/acme/workspaces/lab"), ("POST", "/admin/accounts/acme/suspend"), ("POST", "/admin/accounts/acme/resume"),
        ("POST", "/admin/accounts/acme/close"), ("POST", "/admin/accounts/acme/keys"), ("GET", "/admin/accounts/acme/keys"), ("DELETE", "/admin/accounts/acme/keys/x"),
        ("GET", "/admin/cluster"), ("POST", "/admin/cluster/silos/x/drain"), ("GET", "/admin/grains/account/acme"),
        ("POST", "/admin/grains/account/acme/deactivate"), ("POST", "/admin/grains/account/acme/move"),
    ];

    public static TheoryData<string, string> Guarded => [.. ServiceRoutes.Concat(AdminRoutes).Append(("GET", "/v1/wallet"))];

    public static TheoryData<string, string> NotForCustomers => [.. ServiceRoutes.Concat(AdminRoutes)];

    public static TheoryData<string, string> NotForServices => [.. AdminRoutes];

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Without_a_key_it_is_401(string method, string path)
    {
        (await this.SendAsync(method, path, null)).ExpectProblem(HttpStatusCode.Unauthorized, "key_missing");
        (await this.SendAsync(method, path, "sk_nonsense")).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
    }

    [Theory]
    [MemberData(nameof(NotForCustomers))]
    public async Task A_customers_key_is_not_enough_whatever_its_scopes(string method, string path)
    {
        await this.Host.OpenAsync("acme");
        string key = await this.Host.MakeKeyAsync("acme", """{"scopes":["*","admin","service"]}""");

        (await this.SendAsync(method, path, key)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
    }

    [Theory]
    [MemberData(nameof(NotForServices))]
    public async Task A_services_key_is_not_enough_for_an_operators_route(string method, string path)
    {
        string key = await this.Host.MakeKeyAsync("system", """{"scopes":["service"]}""");

        (await this.SendAsync(method, path, key)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
    }

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

    [Fact]
    public async Task Other_addresses_and_methods_are_problems_too()
    {
        (await this.Host.GetAsync("/nothing/here", null)).ExpectProblem(HttpStatusCode.NotFound, "route_not_found");
        (await this.Host.GetAsync("/v1/verify", null)).ExpectProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    private Task<Answered> SendAsync(string method, string path, string? key) => this.Host.SendAsync(new HttpMethod(method), path, method == "GET" ? null : "{}", key);
}
