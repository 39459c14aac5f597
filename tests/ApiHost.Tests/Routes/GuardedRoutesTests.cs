using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Who may not use a route. The front end's own doing, whoever hosts the grains.</summary>
public sealed class GuardedRoutesTests : HttpTests
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
        ("GET", "/admin/accounts/acme/keys/x"), ("PATCH", "/admin/accounts/acme/keys/x"), ("POST", "/admin/accounts/acme/keys/x/rotate"),
        ("GET", "/admin/cluster"), ("POST", "/admin/cluster/silos/x/drain"), ("GET", "/admin/grains/account/acme"),
        ("POST", "/admin/grains/account/acme/deactivate"), ("POST", "/admin/grains/account/acme/move"),
    ];

    private static readonly (string Method, string Path)[] CustomerRoutes =
    [
        ("GET", "/v1/wallet"), ("GET", "/v1/keys"), ("POST", "/v1/keys"), ("GET", "/v1/keys/x"), ("PATCH", "/v1/keys/x"), ("POST", "/v1/keys/x/rotate"), ("DELETE", "/v1/keys/x"),
    ];

    public static TheoryData<string, string> Guarded => [.. ServiceRoutes.Concat(AdminRoutes).Concat(CustomerRoutes)];

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
        string key = await this.Host.MakeKeyAsync("acme", """{"scopes":["*","admin","service","cluster"]}""");

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
    public async Task Other_addresses_and_methods_are_problems_too()
    {
        (await this.Host.GetAsync("/nothing/here", null)).ExpectProblem(HttpStatusCode.NotFound, "route_not_found");
        (await this.Host.GetAsync("/v1/verify", null)).ExpectProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    private Task<Answered> SendAsync(string method, string path, string? key) => this.Host.SendAsync(new HttpMethod(method), path, method == "GET" ? null : "{}", key);
}
