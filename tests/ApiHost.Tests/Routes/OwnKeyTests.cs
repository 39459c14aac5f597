using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What a customer does with the keys of its own account.</summary>
public class OwnKeyTests : HttpTests
{
    private string manager = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await this.Host.OpenAsync("acme");
        this.manager = await this.Host.MakeKeyAsync("acme", """{"scopes":["keys","api:*"],"caps":{"daily":5},"rates":{"perMinute":100},"addresses":["127.0.0.0/8"],"expiresAt":"2100-01-01T00:00:00Z"}""");
    }

    [Fact]
    public async Task A_key_with_the_scope_makes_changes_rotates_and_revokes_what_is_less()
    {
        Answered made = (await this.SendAsync(
            HttpMethod.Post, "/v1/keys", """{"scopes":["api:read"],"caps":{"daily":1},"rates":{"perMinute":10},"addresses":["127.0.0.1"],"expiresAt":"2099-01-01T00:00:00Z"}""")).Expect(HttpStatusCode.Created);
        string path = "/v1/keys/" + made.Member("keyId");
        (await this.SendAsync(HttpMethod.Patch, path, """{"name":"ci","caps":{"daily":5}}""")).Expect(HttpStatusCode.OK);
        Answered rotated = (await this.SendAsync(HttpMethod.Post, path + "/rotate", "{}")).Expect(HttpStatusCode.Created);
        (await this.SendAsync(HttpMethod.Delete, path)).Expect(HttpStatusCode.OK);

        Assert.Equal("acme", made.Member("account"));
        Assert.Equal("ci", rotated.Member("name"));
        (await this.Host.GetAsync("/v1/wallet", made.Member("key"))).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
        Answered list = (await this.Host.GetAsync("/v1/keys", rotated.Member("key"))).Expect(HttpStatusCode.OK);
        Assert.Equal(4, list.Json.GetProperty("keys").GetArrayLength());
        Assert.Equal("ci", (await this.Host.GetAsync("/v1/keys/" + rotated.Member("keyId"), rotated.Member("key"))).Expect(HttpStatusCode.OK).Member("name"));
    }

    [Theory]
    [InlineData("""{"scopes":["billing"]}""", "scopes")]
    [InlineData("""{"scopes":["*"]}""", "scopes")]
    [InlineData("""{"type":"internal"}""", "type")]
    [InlineData("""{"expiresAt":null}""", "expiresAt")]
    [InlineData("""{"caps":{"daily":6}}""", "caps.daily")]
    [InlineData("""{"caps":{}}""", "caps.daily")]
    [InlineData("""{"rates":{"perMinute":101}}""", "rates.perMinute")]
    [InlineData("""{"addresses":["0.0.0.0/0"]}""", "addresses")]
    [InlineData("""{"addresses":null}""", "addresses")]
    public async Task None_makes_one_that_may_do_more(string more, string field)
    {
        const string most = """{"scopes":["api:*","keys"],"expiresAt":"2100-01-01T00:00:00Z","caps":{"daily":5},"rates":{"perMinute":100},"addresses":["127.0.0.0/8"]}""";
        System.Text.Json.Nodes.JsonObject body = System.Text.Json.Nodes.JsonNode.Parse(most)!.AsObject();
        foreach ((string name, System.Text.Json.Nodes.JsonNode? value) in System.Text.Json.Nodes.JsonNode.Parse(more)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        (await this.SendAsync(HttpMethod.Post, "/v1/keys", most)).Expect(HttpStatusCode.Created);
        (await this.SendAsync(HttpMethod.Post, "/v1/keys", body.ToJsonString())).ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker", field);
    }

    [Fact]
    public async Task A_key_without_the_scope_looks_and_does_no_more()
    {
        string key = await this.Host.MakeKeyAsync("acme", """{"scopes":["api:read"]}""");
        string id = (await this.Host.GetAsync("/v1/keys", key)).Expect(HttpStatusCode.OK)["keys.0.keyId"].Trim('"');

        foreach ((HttpMethod method, string path) in new[]
        {
            (HttpMethod.Post, "/v1/keys"), (HttpMethod.Patch, "/v1/keys/" + id), (HttpMethod.Post, $"/v1/keys/{id}/rotate"), (HttpMethod.Delete, "/v1/keys/" + id),
        })
        {
            (await this.Host.SendAsync(method, path, "{}", key)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
        }
    }

    [Fact]
    public async Task Keys_of_others_are_not_there()
    {
        await this.Host.OpenAsync("other");
        string theirs = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/other/keys"))["keys.0.keyId"].Trim('"');
        string all = await this.Host.MakeKeyAsync("acme", """{"scopes":["*"]}""");

        foreach ((HttpMethod method, string path) in new[]
        {
            (HttpMethod.Get, "/v1/keys/" + theirs), (HttpMethod.Patch, "/v1/keys/" + theirs), (HttpMethod.Post, $"/v1/keys/{theirs}/rotate"), (HttpMethod.Delete, "/v1/keys/" + theirs),
        })
        {
            (await this.Host.SendAsync(method, path, method == HttpMethod.Get ? null : "{}", all)).ExpectProblem(HttpStatusCode.NotFound, "key_not_found");
        }
    }

    [Fact]
    public async Task When_and_how_often_a_key_was_used_is_in_the_list()
    {
        (await this.Host.PostAsync("/v1/charges", $$"""{"key":"{{this.manager}}","amount":0.5,"address":"127.0.0.1"}""")).Expect(HttpStatusCode.OK);

        Answered list = (await this.Host.GetAsync("/v1/keys", this.manager)).Expect(HttpStatusCode.OK);

        Assert.Equal("1", list["keys.1.requests"]);
        Assert.EndsWith(":00Z\"", list["keys.1.lastUsedAt"], StringComparison.Ordinal);
        Assert.Equal("0.5", list["keys.1.limits.1.used"]);
        Assert.Equal("-", list["keys.0.lastUsedAt"]);
    }

    private Task<Answered> SendAsync(HttpMethod method, string path, string? body = null) => this.Host.SendAsync(method, path, body, this.manager);
}
