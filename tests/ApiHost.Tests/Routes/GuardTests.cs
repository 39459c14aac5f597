using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>
/// Who may use which route, for every route there is (<see cref="RouteRow.All"/>), and that no customer sees or touches what is
/// another's. On a real PostgreSQL.
/// </summary>
public class GuardTests(PostgresFixture postgres) : IAsyncLifetime
{
    // What only the other customer has: its name, and texts that stand in all it has done.
    private const string Other = "other-customer";
    private const string Secret = "other-secret";

    private readonly List<PostgresHost> hosts = [];
    private HttpClient client = null!;
    private string admin = null!;

    protected virtual int Hosts => 1;

    public async ValueTask InitializeAsync()
    {
        string database = await postgres.Server.CreateDatabaseAsync();
        string pepper = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        for (int i = 0; i < this.Hosts; i++)
        {
            this.hosts.Add(await PostgresHost.StartAsync(database, pepper, this.Hosts > 1 ? ["--Billing:Shared=true"] : []));
        }

        this.admin = this.hosts[0].FirstAdminKey!;
        this.client = new HttpClient(new Alternating([.. this.hosts.Select(h => h.Address)])) { BaseAddress = this.hosts[0].Address, Timeout = Answered.Patience };
    }

    public async ValueTask DisposeAsync()
    {
        this.client.Dispose();
        foreach (PostgresHost host in this.hosts)
        {
            await host.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Every_route_is_in_the_table_with_the_scope_that_it_states()
    {
        IEnumerable<string> mapped = this.hosts[0].Routes.Select(r => $"{r.Method} {r.Pattern} {r.Scope}".TrimEnd());

        Assert.Equal(RouteRow.All.Select(r => $"{r.Name} {r.Scope}".TrimEnd()).Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(RouteRow.All.Where(r => r.Pattern.StartsWith("/admin", StringComparison.Ordinal)), r => Assert.Equal((For.Vendor, true), (r.Audience, r.Scope is not null)));
    }

    [Fact]
    public async Task Without_a_key_it_is_401_but_for_what_is_open_to_all()
    {
        foreach (RouteRow route in RouteRow.All)
        {
            Answered none = await this.SendAsync(route, null, "acme");
            Answered nonsense = await this.SendAsync(route, "sk_nonsense", "acme");
            if (route.Audience == For.All)
            {
                Assert.True(none.Status == HttpStatusCode.OK, route.Name);
                continue;
            }

            Assert.True((none.Status, none.Code) == (HttpStatusCode.Unauthorized, "key_missing"), $"{route.Name}: {none.Text}");
            Assert.True((nonsense.Status, nonsense.Code) == (HttpStatusCode.Unauthorized, "key_invalid"), $"{route.Name}: {nonsense.Text}");
        }
    }

    [Fact]
    public async Task The_vendors_routes_take_the_scope_they_state_and_no_customers_key_whatever_its_scopes()
    {
        string[] scopes = [.. RouteRow.All.Select(r => r.Scope).OfType<string>().Distinct(StringComparer.Ordinal)];
        await this.OpenAsync("acme", "own");
        string customer = await this.MakeKeyAsync("acme", ["*", "admin", .. scopes]);
        foreach (RouteRow route in RouteRow.All.Where(r => r.Audience == For.Vendor))
        {
            string others = await this.MakeKeyAsync("system", [.. scopes.Where(s => s != route.Scope)]);

            Answered refused = await this.SendAsync(route, customer, "acme");
            Answered missing = await this.SendAsync(route, others, "acme");
            Assert.True((refused.Status, refused.Code) == (HttpStatusCode.Forbidden, "scope_missing"), $"{route.Name}: {refused.Text}");
            Assert.True((missing.Status, missing.Code, missing.Member("scope")) == (HttpStatusCode.Forbidden, "scope_missing", route.Scope), $"{route.Name}: {missing.Text}");
        }

        // None of that has done anything.
        Assert.Equal("active", (await this.AdminAsync("GET", "/admin/accounts/acme")).Member("status"));
        foreach (string scope in scopes)
        {
            string only = await this.MakeKeyAsync("system", [scope]);
            foreach (RouteRow route in RouteRow.All.Where(r => r.Audience == For.Vendor && r.Scope == scope))
            {
                Answered admitted = await this.SendAsync(route, only, "acme");
                Assert.True(admitted.Status != HttpStatusCode.Unauthorized && admitted.Code != "scope_missing", $"{route.Name}: {admitted.Text}");
            }
        }
    }

    [Fact]
    public async Task A_customer_that_lacks_a_scope_is_told_which()
    {
        string key = await this.OpenAsync("acme", "own");
        foreach (RouteRow route in RouteRow.All.Where(r => r.Audience == For.Customer && r.Scope is not null))
        {
            Answered missing = await this.SendAsync(route, key, "acme");
            Assert.True((missing.Status, missing.Code, missing.Member("scope")) == (HttpStatusCode.Forbidden, "scope_missing", route.Scope), $"{route.Name}: {missing.Text}");
        }
    }

    [Fact]
    public async Task A_key_of_the_vendors_own_account_needs_a_scope_for_customers_routes_too()
    {
        string[] scopes = [.. RouteRow.All.Select(r => r.Scope).OfType<string>().Distinct(StringComparer.Ordinal)];
        foreach (IGrouping<string, RouteRow> routes in RouteRow.All.Where(r => r.Audience == For.Customer).GroupBy(r => r.Scope ?? "read", StringComparer.Ordinal))
        {
            string others = await this.MakeKeyAsync("system", [.. scopes.Where(s => s != routes.Key)]);
            string only = await this.MakeKeyAsync("system", [routes.Key]);
            foreach (RouteRow route in routes)
            {
                Answered missing = await this.SendAsync(route, others, "system");
                Answered admitted = await this.SendAsync(route, only, "system");
                Assert.True((missing.Status, missing.Code, missing.Member("scope")) == (HttpStatusCode.Forbidden, "scope_missing", routes.Key), $"{route.Name}: {missing.Text}");
                Assert.True(admitted.Status != HttpStatusCode.Unauthorized && admitted.Code != "scope_missing", $"{route.Name}: {admitted.Text}");
            }
        }
    }

    [Fact]
    public async Task A_key_that_is_bound_to_a_workspace_reaches_nothing_of_the_others()
    {
        string elsewhere = (await this.OpenAsync("acme", Secret)).Split('_')[^2];
        await this.AdminAsync("POST", "/v1/holds", $$"""{"account":"acme","amount":1,"workspace":"{{Secret}}","ttlSeconds":600}""");
        await this.AdminAsync("PATCH", $"/admin/accounts/acme/keys/{elsewhere}", $$"""{"workspace":"{{Secret}}"}""");
        string key = (await this.AdminAsync("POST", "/admin/accounts/acme/keys", """{"scopes":["*"],"workspace":"lab"}""")).Expect(HttpStatusCode.Created).Member("key");
        string before = await this.StateAsync("acme");
        foreach (RouteRow route in RouteRow.All.Where(r => r.Audience == For.Customer))
        {
            foreach (string query in new[] { "", "?workspace=" + Secret, "?keyId=" + elsewhere })
            {
                Answered answer = await this.SendAsync(route, key, "acme", elsewhere, Secret, 4, query);
                Assert.True((int)answer.Status < 500, $"{route.Name}: {answer.Text}");
                string said = answer.Json.TryGetProperty("detail", out _) ? "" : answer.Text;
                Assert.False(said.Contains(Secret, StringComparison.Ordinal) || said.Contains(elsewhere, StringComparison.Ordinal), $"{route.Name}{query}: {answer.Text}");
                Assert.True(!route.Changes || answer.Status is HttpStatusCode.Forbidden, $"{route.Name}: {answer.Text}");
            }
        }

        Assert.Equal(before, await this.StateAsync("acme"));
    }

    [Fact]
    public async Task No_customer_sees_or_touches_what_is_anothers()
    {
        await this.OpenAsync("acme", "own");
        string key = await this.MakeKeyAsync("acme", ["*"]);
        string theirs = (await this.OpenAsync(Other, Secret)).Split('_')[^2];
        string before = await this.StateAsync(Other);
        long entry = 4;

        foreach (RouteRow route in RouteRow.All.Where(r => r.Audience == For.Customer))
        {
            // The other's ids in the path, its name where a customer might think to put it.
            foreach (string query in new[] { "", "?account=" + Other, "?keyId=" + theirs, "?workspace=" + Secret })
            {
                Answered answer = await this.SendAsync(route, key, Other, theirs, Secret, entry, query);
                Assert.True((int)answer.Status < 500, $"{route.Name}: {answer.Text}");
                string said = answer.Json.TryGetProperty("detail", out _) ? "" : answer.Text;
                Assert.False(said.Contains(Other, StringComparison.Ordinal) || said.Contains(Secret, StringComparison.Ordinal), $"{route.Name}{query}: {answer.Text}");

                // A workspace is a name that every account may give.
                bool named = route.Pattern.Contains('{', StringComparison.Ordinal) && !route.Pattern.Contains("{workspace}", StringComparison.Ordinal);
                Assert.True(!named || answer.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{route.Name}: {answer.Text}");
            }
        }

        Assert.Equal(before, await this.StateAsync(Other));
    }

    [Fact]
    public async Task Other_addresses_and_methods_are_problems_too()
    {
        (await Answered.SendAsync(this.client, HttpMethod.Get, "/nothing/here", null, null)).ExpectProblem(HttpStatusCode.NotFound, "route_not_found");
        (await Answered.SendAsync(this.client, HttpMethod.Get, "/v1/verify", null, null)).ExpectProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    private async Task<string> StateAsync(string name)
    {
        // Without the moment of the look, and without when its keys looked last.
        JsonObject account = JsonNode.Parse((await this.AdminAsync("GET", "/admin/accounts/" + name)).Expect(HttpStatusCode.OK).Text)!.AsObject();
        account.Remove("at");
        foreach (JsonNode? key in account["keys"]!.AsArray())
        {
            key!.AsObject().Remove("lastUsedAt");
        }

        return account.ToJsonString();
    }

    private async Task<string> OpenAsync(string account, string text)
    {
        (await this.AdminAsync("POST", "/admin/accounts", $$"""{"id":"{{account}}","currency":"EUR"}""")).Expect(HttpStatusCode.Created);
        (await this.AdminAsync("POST", $"/admin/accounts/{account}/credits", $$"""{"kind":"topup","amount":10,"reference":"{{text}}"}""")).Expect(HttpStatusCode.Created);
        (await this.AdminAsync("PUT", $"/admin/accounts/{account}/workspaces/{text}", "{}")).Expect(HttpStatusCode.OK);
        (await this.AdminAsync("POST", "/v1/charges", $$"""{"account":"{{account}}","amount":1,"workspace":"{{text}}","requestId":"{{text}}"}""")).Expect(HttpStatusCode.OK);
        return await this.MakeKeyAsync(account, []);
    }

    private async Task<string> MakeKeyAsync(string account, string[] scopes)
    {
        string list = string.Join(',', scopes.Select(s => $"\"{s}\""));
        return (await this.AdminAsync("POST", $"/admin/accounts/{account}/keys", $$"""{"scopes":[{{list}}]}""")).Expect(HttpStatusCode.Created).Member("key");
    }

    private Task<Answered> AdminAsync(string method, string path, string? body = null) => Answered.SendAsync(this.client, new HttpMethod(method), path, body, this.admin);

    private Task<Answered> SendAsync(RouteRow route, string? key, string account, string keyId = "x", string requestId = "r-1", long entry = 1, string query = "") =>
        Answered.SendAsync(this.client, new HttpMethod(route.Method), route.Path(account, keyId, requestId, entry) + query, route.Body?.Replace("KEY", key, StringComparison.Ordinal), key);
}

public sealed class GuardOnTwoHostsTests(PostgresFixture postgres) : GuardTests(postgres)
{
    protected override int Hosts => 2;
}
