using System.Net;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Changing and rotating keys, and the limits that they can have.</summary>
public class KeyChangeTests : HttpTests
{
    private const string Keys = "/admin/accounts/acme/keys";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await this.Host.OpenAsync("acme");
    }

    [Fact]
    public async Task All_that_a_key_can_have_is_taken_and_shown()
    {
        Answered made = (await this.Host.PostAsync(Keys, """
            {"name":"ci","prefix":"pp_live-","mode":"live","scopes":["api:*"],"rates":{"perMinute":5,"perDay":100},"caps":{"monthly":3},
             "addresses":["10.0.0.0/8","2001:DB8::/32"],"metadata":{"team":"a","use":"ci"}}
            """)).Expect(HttpStatusCode.Created);
        Answered shown = (await this.Host.AdminAsync(HttpMethod.Get, $"{Keys}/{made.Member("keyId")}")).Expect(HttpStatusCode.OK);

        Assert.StartsWith("pp_live-" + ApiKey.Route("acme"), made.Member("key"), StringComparison.Ordinal);
        foreach (Answered answer in new[] { made, shown })
        {
            Assert.Equal("""["10.0.0.0/8","2001:db8::/32"]""", answer["addresses"]);
            Assert.Equal("""{"team":"a","use":"ci"}""", answer["metadata"]);
        }

        Assert.Equal("""{"perMinute":5,"perDay":100}""", made["rates"]);
        Assert.Equal("3", made["caps.monthly"]);
        Assert.Equal("\"live\"", shown["mode"]);
        Assert.Equal("""{"name":"key_rate_minute","max":5,"used":0}""", shown["limits.0"]);
        Assert.Equal("0", shown["requests"]);
        Assert.Equal("-", shown["lastUsedAt"]);
        Assert.DoesNotContain("argon", shown.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_change_says_what_is_to_be_different_and_nothing_else()
    {
        string path = await this.MakeAsync("""{"name":"ci","scopes":["a"],"caps":{"daily":1,"total":5},"rates":{"perMinute":5,"perDay":9},"addresses":["10.0.0.1"],"metadata":{"a":"1","b":"2"},"workspace":"w","expiresAt":"2199-01-01T00:00:00Z"}""");

        Answered same = (await this.Host.AdminAsync(HttpMethod.Patch, path, "{}")).Expect(HttpStatusCode.OK);
        Answered some = (await this.Host.AdminAsync(
            HttpMethod.Patch, path, """{"name":"cd","caps":{"total":null,"monthly":7},"rates":{"perDay":null},"metadata":{"b":null,"c":"3"}}""", "u-1")).Expect(HttpStatusCode.OK);
        Answered again = (await this.Host.AdminAsync(
            HttpMethod.Patch, path, """{"name":"cd","caps":{"total":null,"monthly":7},"rates":{"perDay":null},"metadata":{"b":null,"c":"3"}}""", "u-1")).Expect(HttpStatusCode.OK);
        Answered none = (await this.Host.AdminAsync(
            HttpMethod.Patch, path, """{"name":null,"scopes":null,"expiresAt":null,"workspace":null,"caps":null,"rates":null,"addresses":[],"metadata":null}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("""{"daily":1,"total":5}""", same["caps"]);
        Assert.Equal("""{"a":"1","b":"2"}""", same["metadata"]);
        Assert.Equal("""{"daily":1,"monthly":7}""", some["caps"]);
        Assert.Equal("""{"perMinute":5}""", some["rates"]);
        Assert.Equal("""{"a":"1","c":"3"}""", some["metadata"]);
        Assert.Equal("\"w\"", some["workspace"]);
        Assert.Equal("true", again["replayed"]);
        Assert.Equal("[]", none["scopes"]);
        Assert.All(["name", "expiresAt", "workspace", "caps", "rates", "addresses", "metadata"], member => Assert.Equal("-", none[member]));
    }

    [Theory]
    [InlineData("""{"prefix":"x_"}""", "unknown_field", "prefix")]
    [InlineData("""{"name":"a","name":null}""", "duplicate_field", "name")]
    [InlineData("""{"rates":{"perMinute":0}}""", "invalid", "rates.perMinute")]
    [InlineData("""{"rates":{"perMinute":1.5}}""", "invalid", "rates.perMinute")]
    [InlineData("""{"rates":5}""", "invalid", "rates")]
    [InlineData("""{"caps":{"daily":-1}}""", "invalid", "caps.daily")]
    [InlineData("""{"addresses":["10.0.0.1/8"]}""", "invalid", "addresses[0]")]
    [InlineData("""{"addresses":["here"]}""", "invalid", "addresses[0]")]
    [InlineData("""{"addresses":"10.0.0.1"}""", "invalid", "addresses")]
    [InlineData("""{"scopes":["a*b"]}""", "invalid", "scopes[0]")]
    [InlineData("""{"expiresAt":"2001-01-01T00:00:00Z"}""", "invalid", "expiresAt")]
    [InlineData("""{"metadata":{"a":1}}""", "invalid", "metadata.a")]
    [InlineData("""{"metadata":{"a":"1","a":"2"}}""", "duplicate_field", "metadata.a")]
    public async Task A_wrong_change_names_its_field_and_changes_nothing(string body, string code, string field)
    {
        string path = await this.MakeAsync("""{"name":"ci"}""");
        string before = (await this.Host.AdminAsync(HttpMethod.Get, path)).Text;

        (await this.Host.AdminAsync(HttpMethod.Patch, path, body)).ExpectProblem(HttpStatusCode.BadRequest, code, field);

        Assert.Equal(before, (await this.Host.AdminAsync(HttpMethod.Get, path)).Text);
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_what_has_ended_says_so()
    {
        string path = await this.MakeAsync("{}");

        foreach ((HttpMethod method, string end) in new[] { (HttpMethod.Get, ""), (HttpMethod.Patch, ""), (HttpMethod.Post, "/rotate"), (HttpMethod.Delete, "") })
        {
            (await this.Host.AdminAsync(method, $"{Keys}/unheard{end}")).ExpectProblem(HttpStatusCode.NotFound, "key_not_found");
            (await this.Host.AdminAsync(method, $"/admin/accounts/nobody/keys/x{end}")).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
            (await this.Host.AdminAsync(method, $"/admin/accounts/a%20b/keys/x{end}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "account");
        }

        (await this.Host.PostAsync(path + "/rotate", """{"graceSeconds":2592001}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "graceSeconds");
        (await this.Host.PostAsync(path + "/rotate", "{}")).Expect(HttpStatusCode.Created);
        (await this.Host.PostAsync(path + "/rotate", "{}")).ExpectProblem(HttpStatusCode.Conflict, "key_rotated");
        (await this.Host.AdminAsync(HttpMethod.Patch, path, "{}")).ExpectProblem(HttpStatusCode.Conflict, "key_rotated");
        (await this.Host.AdminAsync(HttpMethod.Delete, path)).Expect(HttpStatusCode.OK);
        (await this.Host.AdminAsync(HttpMethod.Patch, path, "{}")).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
        (await this.Host.PostAsync(path + "/rotate", "{}")).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
    }

    [Fact]
    public async Task A_rotated_key_and_its_successor_share_their_caps_until_the_old_one_ends()
    {
        Answered old = await this.Host.PostAsync(Keys, """{"prefix":"tb_prod_","caps":{"total":2}}""");
        string path = $"{Keys}/{old.Member("keyId")}";
        await this.ChargeAsync(old.Member("key"), "1.5");

        Answered made = (await this.Host.PostAsync(path + "/rotate", """{"graceSeconds":3600}""", "r-1")).Expect(HttpStatusCode.Created);
        Answered again = (await this.Host.PostAsync(path + "/rotate", """{"graceSeconds":3600}""", "r-1")).Expect(HttpStatusCode.Created);

        Assert.Equal(old["keyId"], made["replaces"]);
        Assert.StartsWith("tb_prod_", made.Member("key"), StringComparison.Ordinal);
        Assert.Equal((made["keyId"], "-", "true"), (again["keyId"], again["key"], again["replayed"]));
        (await this.ChargeAsync(made.Member("key"), "0.3")).Expect(HttpStatusCode.OK);
        (await this.ChargeAsync(old.Member("key"), "0.3")).ExpectProblem(HttpStatusCode.PaymentRequired, "key_total_cap_exceeded");
        (await this.ChargeAsync(old.Member("key"), "0.2")).Expect(HttpStatusCode.OK);
        Assert.Equal(made["keyId"], (await this.Host.AdminAsync(HttpMethod.Get, path))["successor"]);

        Answered last = (await this.Host.PostAsync($"{Keys}/{made.Member("keyId")}/rotate", """{"graceSeconds":0}""")).Expect(HttpStatusCode.Created);
        (await this.ChargeAsync(made.Member("key"), "0")).ExpectProblem(HttpStatusCode.Forbidden, "key_expired");
        (await this.ChargeAsync(last.Member("key"), "0")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Beyond_its_rate_a_key_is_told_when_to_come_again()
    {
        string key = await this.Host.MakeKeyAsync("acme", """{"rates":{"perMinute":2,"perDay":4}}""");
        Answered allowed = await this.Host.PostAsync("/v1/verify", $$"""{"key":"{{key}}"}""");
        await this.ChargeAsync(key, "0");

        Answered charge = (await this.ChargeAsync(key, "0")).ExpectProblem(HttpStatusCode.TooManyRequests, "key_minute_rate_exceeded");
        Answered verify = (await this.Host.PostAsync("/v1/verify", $$"""{"key":"{{key}}"}""")).Expect(HttpStatusCode.OK);
        Answered hold = await this.Host.PostAsync("/v1/holds", $$"""{"key":"{{key}}","amount":1,"ttlSeconds":60}""");

        Assert.Equal("""{"name":"key_rate_minute","max":2,"used":1,"requested":1}""", allowed["checks.0"]);
        Assert.InRange(charge.RetryAfter!.Value.TotalSeconds, 1, 61);
        Assert.Equal(("false", "key_minute_rate_exceeded", "2"), (verify["allowed"], verify.Code, verify["limit.used"]));
        hold.ExpectProblem(HttpStatusCode.TooManyRequests, "key_minute_rate_exceeded");
    }

    [Fact]
    public async Task A_service_says_from_where_and_for_what_a_customers_key_is_used()
    {
        string key = await this.Host.MakeKeyAsync("acme", """{"scopes":["api:*"],"addresses":["203.0.113.0/24"]}""");

        Assert.Equal("address_not_allowed", (await this.VerifyAsync(key, "")).Code);
        Assert.Equal("address_not_allowed", (await this.VerifyAsync(key, ""","address":"198.51.100.1" """)).Code);
        Assert.Equal("accepted", (await this.VerifyAsync(key, ""","address":"203.0.113.7","scope":"api:read" """)).Code);
        Assert.Equal("scope_missing", (await this.VerifyAsync(key, ""","address":"203.0.113.7","scope":"billing" """)).Code);
        (await this.VerifyAsync(key, ""","address":"nowhere" """)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "address");
        (await this.Host.PostAsync("/v1/holds", $$"""{"key":"{{key}}","amount":1,"ttlSeconds":60,"address":"203.0.113.7","scope":"other"}"""))
            .ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
    }

    [Fact]
    public async Task A_callers_own_key_is_held_to_the_address_it_comes_from()
    {
        string here = await this.Host.MakeKeyAsync("acme", """{"addresses":["127.0.0.0/8","::1"]}""");
        string elsewhere = await this.Host.MakeKeyAsync("acme", """{"addresses":["203.0.113.0/24"]}""");
        string service = await this.Host.MakeKeyAsync("system", """{"scopes":["service"],"addresses":["203.0.113.0/24"]}""");

        (await this.Host.GetAsync("/v1/wallet", here)).Expect(HttpStatusCode.OK);
        (await this.Host.GetAsync("/v1/wallet", elsewhere)).ExpectProblem(HttpStatusCode.Forbidden, "address_not_allowed");
        (await this.Host.SendAsync(HttpMethod.Post, "/v1/verify", $$"""{"key":"{{here}}"}""", service)).ExpectProblem(HttpStatusCode.Forbidden, "address_not_allowed");
    }

    [Fact]
    public async Task Test_accounts_have_test_keys()
    {
        (await this.Host.PostAsync("/admin/accounts", """{"id":"tries","currency":"USD","mode":"test"}""")).Expect(HttpStatusCode.Created);

        Answered made = (await this.Host.PostAsync("/admin/accounts/tries/keys", """{"mode":"test"}""")).Expect(HttpStatusCode.Created);

        Assert.StartsWith("sk_test_", made.Member("key"), StringComparison.Ordinal);
        Assert.Equal("test", (await this.Host.GetAsync("/v1/wallet", made.Member("key"))).Member("mode"));
        (await this.Host.PostAsync("/admin/accounts/tries/keys", """{"mode":"live"}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "mode");
        (await this.Host.PostAsync(Keys, """{"mode":"test"}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "mode");
    }

    private async Task<string> MakeAsync(string body) => $"{Keys}/{(await this.Host.PostAsync(Keys, body)).Expect(HttpStatusCode.Created).Member("keyId")}";

    private Task<Answered> ChargeAsync(string key, string amount) => this.Host.PostAsync("/v1/charges", $$"""{"key":"{{key}}","amount":{{amount}}}""");

    private Task<Answered> VerifyAsync(string key, string more) => this.Host.PostAsync("/v1/verify", $$"""{"key":"{{key}}"{{more}}}""");
}
