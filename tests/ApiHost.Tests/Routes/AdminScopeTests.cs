using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What operators' keys with single scopes open, and the key that cannot be taken away. Which route needs which scope is in <see cref="GuardTests"/>.</summary>
public class AdminScopeTests : HttpTests
{
    private const string Keys = "/admin/accounts/system/keys";

    [Theory]
    [InlineData("read", "GET", "/admin/accounts/acme", "")]
    [InlineData("accounts", "POST", "/admin/accounts/acme/suspend", """{"reason":"x"}""")]
    [InlineData("credit", "POST", "/admin/accounts/acme/credits", """{"kind":"topup","amount":1}""")]
    [InlineData("keys", "POST", "/admin/accounts/acme/keys", "{}")]
    [InlineData("cluster", "GET", "/admin/cluster", "")]
    public async Task A_scope_opens_its_own_routes_and_no_others(string scope, string method, string path, string body)
    {
        await this.Host.OpenAsync("acme");
        string[] all = ["read", "accounts", "credit", "keys", "cluster", "service", "admin", "prices"];
        string own = await this.Host.MakeKeyAsync("system", $$"""{"scopes":["{{scope}}"]}""");
        string others = await this.Host.MakeKeyAsync("system", $$"""{"scopes":["{{string.Join("\",\"", all.Where(s => s != scope))}}"]}""");

        Answered refused = (await this.SendAsync(method, path, body, others)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
        Answered done = await this.SendAsync(method, path, body, own);

        Assert.Equal(scope, refused.Member("scope"));
        Assert.Contains($"'{scope}'", refused.Member("detail"), StringComparison.Ordinal);
        Assert.True((int)done.Status < 300, done.Text);
    }

    [Fact]
    public async Task The_last_key_for_everything_stays()
    {
        string first = (await this.Host.AdminAsync(HttpMethod.Get, Keys))["keys.0.keyId"].Trim('"');
        string path = $"{Keys}/{first}";
        await this.Host.MakeKeyAsync("system", """{"scopes":["*"],"expiresAt":"2100-01-01T00:00:00Z"}""");

        (await this.Host.AdminAsync(HttpMethod.Delete, path)).ExpectProblem(HttpStatusCode.Conflict, "last_admin_key", "key");
        (await this.Host.AdminAsync(HttpMethod.Patch, path, """{"scopes":["read"]}""")).ExpectProblem(HttpStatusCode.Conflict, "last_admin_key");
        (await this.Host.AdminAsync(HttpMethod.Patch, path, """{"expiresAt":"2100-01-01T00:00:00Z"}""")).ExpectProblem(HttpStatusCode.Conflict, "last_admin_key");
        (await this.Host.AdminAsync(HttpMethod.Post, path + "/rotate", """{"graceSeconds":0}""")).ExpectProblem(HttpStatusCode.Conflict, "last_admin_key");

        // By way of the keys' own routes too.
        (await this.Host.AdminAsync(HttpMethod.Delete, "/v1/keys/" + first)).ExpectProblem(HttpStatusCode.Conflict, "last_admin_key");

        string next = (await this.Host.AdminAsync(HttpMethod.Post, path + "/rotate", """{"graceSeconds":60}""")).Expect(HttpStatusCode.Created).Member("key");
        (await this.SendAsync("DELETE", path, "", next)).Expect(HttpStatusCode.OK);
        (await this.Host.AdminAsync(HttpMethod.Get, Keys)).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
        (await this.Host.GetAsync(Keys, next)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Two_operators_that_revoke_each_other_at_once_leave_one()
    {
        for (int round = 0; round < 5; round++)
        {
            Answered one = (await this.Host.PostAsync(Keys, """{"scopes":["*"]}""")).Expect(HttpStatusCode.Created);
            Answered two = (await this.Host.PostAsync(Keys, """{"scopes":["*"]}""")).Expect(HttpStatusCode.Created);

            Answered[] both = await Task.WhenAll(
                this.SendAsync("DELETE", $"{Keys}/{two.Member("keyId")}", "", one.Member("key")), this.SendAsync("DELETE", $"{Keys}/{one.Member("keyId")}", "", two.Member("key")));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Forbidden], both.Select(a => a.Status).Order());
            Assert.Equal("key_revoked", both.Single(a => a.Status != HttpStatusCode.OK).Code);
            (await this.Host.AdminAsync(HttpMethod.Delete, $"{Keys}/{(both[0].Status == HttpStatusCode.OK ? one : two).Member("keyId")}")).Expect(HttpStatusCode.OK);
        }
    }

    private Task<Answered> SendAsync(string method, string path, string body, string key) =>
        this.Host.SendAsync(new HttpMethod(method), path, body.Length == 0 ? null : body, key);
}
