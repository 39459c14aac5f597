using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Where grains live, as operators of the machines see it: what is the same under every engine.</summary>
public class ClusterTests : HttpTests
{
    [Fact]
    public async Task A_look_tells_of_everybody_who_hosts_grains_and_of_the_front_end()
    {
        await this.Host.OpenAsync("acme");

        // Every front end has seen to some of it.
        foreach (int _ in Enumerable.Range(0, 2))
        {
            Answered cluster = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/cluster")).Expect(HttpStatusCode.OK);

            Assert.All(cluster.Json.GetProperty("silos").EnumerateArray(), silo =>
            {
                Assert.Equal("active", silo.GetProperty("status").GetString());
                Assert.True(silo.GetProperty("answers").GetBoolean());
                Assert.True(silo.GetProperty("ready").GetBoolean());
                Assert.NotEmpty(silo.GetProperty("name").GetString()!);
            });
            Assert.True(Sum(cluster, "account") > 0);
            Assert.InRange(cluster.Json.GetProperty("frontEnd").GetProperty("since").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        }
    }

    [Fact]
    public async Task A_grain_is_shown_with_its_rows_and_without_what_is_in_them()
    {
        string key = await this.Host.OpenAsync("acme", "7.5");
        await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1,"requestId":"r-1"}""");

        Answered grain = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/grains/account/acme")).Expect(HttpStatusCode.OK);

        Assert.Equal("\"account/acme\"", grain["grain"]);
        Assert.NotEqual("-", grain["silo"], StringComparer.Ordinal);
        Assert.Equal("4", grain["seq"]);
        Assert.Equal("\"active\"", grain["state.status"]);
        Assert.Equal("1", grain["state.keys"]);
        Assert.Equal("6.5", grain["state.balance"]);
        Assert.Equal(["4", "3", "2", "1"], grain.Json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("seq").GetRawText()), StringComparer.Ordinal);
        Assert.Equal("\"r-1\"", grain["rows.0.requestId"]);
        Assert.Equal("\"charged\"", grain["rows.0.type"]);
        Assert.Equal(64, grain.Json.GetProperty("rows")[0].GetProperty("hash").GetString()!.Length);
        Assert.DoesNotContain("data", grain.Json.GetProperty("rows")[0].EnumerateObject().Select(p => p.Name), StringComparer.Ordinal);
        Assert.DoesNotContain(key, grain.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keys_grain_says_whose_it_is_and_not_what_proves_it()
    {
        await this.Host.OpenAsync("acme");
        string keyId = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme/keys"))["keys.0.keyId"].Trim('"');

        Answered grain = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/grains/key/" + keyId)).Expect(HttpStatusCode.OK);

        Assert.Equal("\"acme\"", grain["state.account"]);
        Assert.Equal(["account", "pepper"], grain.Json.GetProperty("state").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_scope_cluster_is_enough_and_shows_no_money()
    {
        await this.Host.OpenAsync("acme", "7.5");
        string key = await this.Host.MakeKeyAsync("system", """{"scopes":["cluster"]}""");

        Answered grain = (await this.Host.GetAsync("/admin/grains/account/acme", key)).Expect(HttpStatusCode.OK);

        Assert.Equal("\"active\"", grain["state.status"]);
        Assert.Equal(("-", "-"), (grain["state.balance"], grain["state.held"]));
        Assert.DoesNotContain("7.5", grain.Text, StringComparison.Ordinal);
        (await this.Host.GetAsync("/admin/cluster", key)).Expect(HttpStatusCode.OK);
        (await this.Host.GetAsync("/admin/accounts/acme", key)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
    }

    [Theory]
    [InlineData("read")]
    [InlineData("service")]
    public async Task Another_scope_is_not(string scope)
    {
        string key = await this.Host.MakeKeyAsync("system", $$"""{"scopes":["{{scope}}"]}""");

        Answered refused = (await this.Host.GetAsync("/admin/cluster", key)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");

        Assert.Contains("'cluster'", refused.Member("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grain_that_is_taken_out_of_memory_comes_back_as_it_was_and_it_is_logged_who_did_that_and_why()
    {
        await this.Host.OpenAsync("acme", "7.5");
        string[] done = [];

        // Every front end, where each has the grain in a memory of its own.
        foreach (int _ in Enumerable.Range(0, 2))
        {
            Answered answer = (await this.Host.PostAsync("/admin/grains/account/acme/deactivate", """{"reason":"looks odd"}""")).Expect(HttpStatusCode.OK);
            done = [.. done, answer.Member("done")];
        }

        Assert.Contains("deactivated", done, StringComparer.Ordinal);
        Assert.Equal("7.5", (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme"))["balance"]);
        Assert.Contains(this.Host.Log.Lines, l => l.Contains("deactivate account/acme", StringComparison.Ordinal) && l.Contains("looks odd", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_is_made_once_under_one_id_and_another_body_is_refused()
    {
        await this.Host.OpenAsync("acme");
        string path = "/admin/grains/account/acme/deactivate";

        Answered first = (await this.Host.PostAsync(path, """{"reason":"looks odd"}""", "d-1")).Expect(HttpStatusCode.OK);
        await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme");
        await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme");
        int before = this.Host.Activations;
        Answered again = (await this.Host.PostAsync(path, """{"reason":"looks odd"}""", "d-1")).Expect(HttpStatusCode.OK);
        int after = this.Host.Activations;
        Answered other = await this.Host.PostAsync(path, """{"reason":"other"}""", "d-1");

        Assert.Equal(first.Text, again.Text);
        Assert.Equal(before, after);
        other.ExpectProblem(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
    }

    [Fact]
    public async Task A_grain_that_is_in_nobodys_memory_is_left_alone()
    {
        Answered answer = (await this.Host.PostAsync("/admin/grains/account/nobody/deactivate", "")).Expect(HttpStatusCode.OK);

        Assert.Equal("not_in_memory", answer.Member("done"));
    }

    [Theory]
    [InlineData("/admin/grains/account/nobody", HttpStatusCode.NotFound, "account_not_found")]
    [InlineData("/admin/grains/key/nobody", HttpStatusCode.NotFound, "key_not_found")]
    [InlineData("/admin/grains/payment/x", HttpStatusCode.NotFound, "grain_kind_not_found")]
    [InlineData("/admin/grains/account/a%20b", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("/admin/grains/key/a%01b", HttpStatusCode.BadRequest, "invalid")]
    public async Task What_is_not_there_is_said_not_to_be(string path, HttpStatusCode status, string code) =>
        (await this.Host.AdminAsync(HttpMethod.Get, path)).ExpectProblem(status, code);

    [Theory]
    [InlineData("/admin/grains/account/acme/move", """{"reason":"x"}""", "missing_field", "silo")]
    [InlineData("/admin/grains/account/acme/move", """{"silo":1}""", "invalid", "silo")]
    [InlineData("/admin/grains/account/acme/deactivate", """{"reasons":"x"}""", "unknown_field", "reasons")]
    [InlineData("/admin/cluster/silos/x/drain", """{"reason":1}""", "invalid", "reason")]
    [InlineData("/admin/cluster/silos/%01/drain", "", "invalid", "name")]
    public async Task A_bad_body_is_refused(string path, string body, string code, string field) =>
        (await this.Host.PostAsync(path, body)).ExpectProblem(HttpStatusCode.BadRequest, code, field);

    private static int Sum(Answered cluster, string kind) =>
        cluster.Json.GetProperty("silos").EnumerateArray().Sum(s => s.GetProperty("activations").GetProperty(kind).GetInt32());
}
