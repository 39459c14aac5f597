using System.Net;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Tests.Routes;

public class KeyTests : HttpTests
{
    [Fact]
    public async Task A_key_is_shown_once_and_listed_without_its_secret()
    {
        await this.Host.OpenAsync("acme");

        Answered made = (await this.Host.PostAsync(
            "/admin/accounts/acme/keys",
            """{"name":"ci","prefix":"sk_test_","scopes":["read","write"],"workspace":"lab","caps":{"daily":1.5},"expiresAt":"2199-01-01T00:00:00Z"}""")).Expect(HttpStatusCode.Created);
        Answered listed = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme/keys")).Expect(HttpStatusCode.OK);

        string key = made.Member("key");
        Assert.StartsWith("sk_test_" + ApiKey.Route("acme"), key, StringComparison.Ordinal);
        Assert.DoesNotContain(key[^(ApiKey.SecretLength + ApiKey.ChecksumLength)..], listed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("tag", listed.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("ci", listed.Json.GetProperty("keys")[1].GetProperty("name").GetString());
        Assert.Equal("lab", listed.Json.GetProperty("keys")[1].GetProperty("workspace").GetString());
        Assert.Equal(2, listed.Json.GetProperty("keys").GetArrayLength());
    }

    [Fact]
    public async Task A_repeated_request_makes_one_key_and_does_not_show_it_again()
    {
        await this.Host.OpenAsync("acme");

        Answered first = (await this.Host.PostAsync("/admin/accounts/acme/keys", """{"name":"ci"}""", "k-1")).Expect(HttpStatusCode.Created);
        Answered second = (await this.Host.PostAsync("/admin/accounts/acme/keys", """{"name":"ci"}""", "k-1")).Expect(HttpStatusCode.Created);

        Assert.Equal(first["keyId"], second["keyId"]);
        Assert.Equal("-", second["key"]);
        Assert.Equal("true", second["replayed"]);
        Assert.Equal("true", (await this.Host.PostAsync("/v1/verify", $$"""{"key":{{first["key"]}}}"""))["allowed"]);
    }

    [Fact]
    public async Task A_key_is_revoked_once_and_for_all()
    {
        await this.Host.OpenAsync("acme");
        Answered made = await this.Host.PostAsync("/admin/accounts/acme/keys", "{}");
        string path = $"/admin/accounts/acme/keys/{made.Member("keyId")}";

        (await this.Host.AdminAsync(HttpMethod.Delete, path)).Expect(HttpStatusCode.OK);

        (await this.Host.AdminAsync(HttpMethod.Delete, path)).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
        (await this.Host.AdminAsync(HttpMethod.Delete, "/admin/accounts/acme/keys/unheard")).ExpectProblem(HttpStatusCode.NotFound, "key_not_found");
        (await this.Host.PostAsync("/v1/charges", $$"""{"key":{{made["key"]}},"amount":1}""")).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
    }

    [Fact]
    public async Task A_key_under_another_prefix_is_another_key()
    {
        string key = await this.Host.OpenAsync("acme");
        Assert.True(ApiKey.TryParse(key, out ApiKeyParts parts));
        string renamed = ApiKey.Join("sk_live_", parts.KeyId.ToString(), parts.Secret.ToString());

        for (int i = 0; i < 2; i++)
        {
            (await this.Host.GetAsync("/v1/wallet", renamed)).ExpectProblem(HttpStatusCode.Unauthorized, "key_invalid");
            Assert.Equal("key_not_found", (await this.Host.PostAsync("/v1/verify", $$"""{"key":"{{renamed}}"}""")).Code);
            (await this.Host.GetAsync("/v1/wallet", key)).Expect(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_keys_caps_hold()
    {
        await this.Host.OpenAsync("acme");
        string key = await this.Host.MakeKeyAsync("acme", """{"caps":{"total":2}}""");
        (await this.Host.PostAsync("/v1/charges", $$"""{"key":"{{key}}","amount":1.5}""")).Expect(HttpStatusCode.OK);

        (await this.Host.PostAsync("/v1/charges", $$"""{"key":"{{key}}","amount":0.6}""")).ExpectProblem(HttpStatusCode.PaymentRequired, "key_total_cap_exceeded");
    }

    [Fact]
    public async Task A_key_made_with_a_key_never_exceeds_its_maker()
    {
        string admin = await this.Host.MakeKeyAsync("system", """{"scopes":["keys"],"expiresAt":"2100-01-01T00:00:00Z"}""");

        Answered more = await this.MakeAsync("""{"scopes":["*"],"expiresAt":"2099-01-01T00:00:00Z"}""", admin);
        Answered other = await this.MakeAsync("""{"scopes":["service"],"expiresAt":"2099-01-01T00:00:00Z"}""", admin);
        Answered longer = await this.MakeAsync("""{"scopes":["keys"]}""", admin);
        Answered less = await this.MakeAsync("""{"scopes":["keys"],"expiresAt":"2099-01-01T00:00:00Z"}""", admin);

        more.ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker", "scopes");
        other.ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker", "scopes");
        longer.ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker", "expiresAt");
        less.Expect(HttpStatusCode.Created);

        // Nor does it end or change the keys of those who may do more.
        string first = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/system/keys"))["keys.0.keyId"].Trim('"');
        string path = $"/admin/accounts/system/keys/{first}";
        (await this.Host.SendAsync(HttpMethod.Delete, path, null, admin)).ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker");
        (await this.Host.SendAsync(HttpMethod.Post, path + "/rotate", null, admin)).ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker");
        (await this.Host.SendAsync(HttpMethod.Patch, path, "{}", admin)).ExpectProblem(HttpStatusCode.Forbidden, "exceeds_maker");
    }

    private Task<Answered> MakeAsync(string body, string maker) => this.Host.SendAsync(HttpMethod.Post, "/admin/accounts/system/keys", body, maker);
}
