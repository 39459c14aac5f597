using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Keys;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What operators look through: the directory, the record of changes, past requests. On a real PostgreSQL.</summary>
public sealed class OversightTests(QuietPostgresFixture postgres) : IClassFixture<QuietPostgresFixture>, IAsyncLifetime
{
    private PostgresHost host = null!;
    private string admin = null!;

    public async ValueTask InitializeAsync()
    {
        this.host = await PostgresHost.StartAsync(await postgres.Server.CreateDatabaseAsync(), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        this.admin = this.host.FirstAdminKey!;
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    [Fact]
    public async Task The_directory_lists_every_account_by_id_in_pages()
    {
        string[] ids = ["a", "a.b", "a@c", "aa", "b-1", "b:2", "z"];
        foreach (string id in ids)
        {
            await this.PostAsync("/admin/accounts", $$"""{"id":"{{id}}","currency":"EUR"}""");
        }

        List<string> seen = [];
        string more = "";
        do
        {
            Answered page = (await this.host.GetAsync("/admin/accounts?limit=3" + more, this.admin)).Expect(HttpStatusCode.OK);
            seen.AddRange(page.Json.GetProperty("accounts").EnumerateArray().Select(a => a.GetProperty("account").GetString()!));
            more = page.Member("nextCursor") is "-" ? "" : "&cursor=" + Uri.EscapeDataString(page.Member("nextCursor"));
        }
        while (more.Length > 0);

        Assert.Equal(ids.Append("system").Order(StringComparer.Ordinal), seen, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("prefix=ac", "acme,acme.2")]
    [InlineData("prefix=acme", "acme,acme.2")]
    [InlineData("prefix=acme&cursor=acme", "acme.2")]
    [InlineData("prefix=acme&cursor=aa", "acme,acme.2")]
    [InlineData("prefix=x", "")]
    [InlineData("status=suspended", "beta")]
    [InlineData("status=closed", "gone")]
    [InlineData("tier=gold", "acme.2")]
    [InlineData("tier=default&status=active&prefix=a", "acme")]
    public async Task The_directory_is_searched_and_knows_what_was_just_done(string query, string expected)
    {
        foreach (string id in new[] { "acme", "acme.2", "beta", "gone" })
        {
            await this.PostAsync("/admin/accounts", $$"""{"id":"{{id}}","currency":"EUR"}""");
        }

        await this.PostAsync("/admin/accounts/beta/suspend", """{"reason":"late"}""");
        await this.PostAsync("/admin/accounts/gone/close", """{"reason":"left"}""");
        await this.PostAsync("/admin/accounts/acme/suspend", """{"reason":"by mistake"}""");
        await this.PostAsync("/admin/accounts/acme/resume", """{"reason":"it was a mistake"}""");
        (await this.host.PutAsync("/admin/accounts/acme.2/tier", """{"tier":"gold","quotas":{}}""", this.admin)).Expect(HttpStatusCode.OK);

        Answered page = (await this.host.GetAsync("/admin/accounts?" + query, this.admin)).Expect(HttpStatusCode.OK);

        Assert.Equal(expected, string.Join(',', page.Json.GetProperty("accounts").EnumerateArray().Select(a => a.GetProperty("account").GetString())));
    }

    [Fact]
    public async Task Every_change_is_on_record_with_who_asked_and_why_and_without_what_proves_a_key()
    {
        await this.PostAsync("/admin/accounts", """{"id":"acme","currency":"EUR","creditLimit":2.5}""");
        await this.PostAsync("/admin/accounts/acme/credits", """{"kind":"bonus","amount":1.25,"reason":"sorry","expiresAt":"2190-01-01T00:00:00Z","requestId":"r1"}""");
        await this.PostAsync("/admin/accounts/acme/keys", """{"name":"first"}""");
        await this.PostAsync("/v1/charges", """{"account":"acme","amount":1}""");
        await this.PostAsync("/admin/accounts", """{"id":"other","currency":"EUR"}""");
        Assert.True(ApiKey.TryParse(this.admin, out ApiKeyParts parts));
        string actor = parts.KeyId.ToString();

        Answered all = (await this.host.GetAsync("/admin/audit", this.admin)).Expect(HttpStatusCode.OK);
        Answered acme = (await this.host.GetAsync($"/admin/audit?account=acme&actor={actor}", this.admin)).Expect(HttpStatusCode.OK);
        Answered credit = (await this.host.GetAsync("/admin/audit?what=credit_posted&from=2020-01-01", this.admin)).Expect(HttpStatusCode.OK);

        Assert.Equal("account_opened", all.Json.GetProperty("entries")[0].GetProperty("what").GetString());
        Assert.Equal("\"other\"", all["entries.0.account"]);
        Assert.Equal(
            ["key_created", "credit_posted", "account_opened"],
            acme.Json.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("what").GetString()!),
            StringComparer.Ordinal);
        Assert.Equal("2.5", acme["entries.2.change.creditLimit"]);
        Assert.Equal(("1.25", "\"sorry\"", "\"r1\"", "\"2190-01-01T00:00:00Z\""),
            (credit["entries.0.change.amount"], credit["entries.0.change.reason"], credit["entries.0.requestId"], credit["entries.0.change.expiresAt"]));
        Assert.Equal($"\"{actor}\"", credit["entries.0.actor"]);
        Assert.DoesNotContain("\"tag\"", all.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"pepper\"", all.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("argon2id", all.Text, StringComparison.Ordinal);
        Assert.Equal("[]", (await this.host.GetAsync("/admin/audit?until=2020-01-01", this.admin)).Expect(HttpStatusCode.OK)["entries"]);
    }

    [Fact]
    public async Task Every_operators_change_is_on_record_with_its_reason()
    {
        await this.PostAsync("/admin/accounts", """{"id":"acme","currency":"EUR","creditLimit":1,"reason":"r0"}""");
        string key = (await this.PostAsync("/admin/accounts/acme/keys", """{"reason":"r1"}""")).Member("keyId");
        string charge = (await this.PostAsync("/v1/charges", """{"account":"acme","amount":0.5}""")).Member("charge");
        (string Method, string Path, string Body)[] changes =
        [
            ("PUT", "acme/limits", ""), ("PUT", "acme/tier", "\"tier\":\"gold\",\"quotas\":{},"), ("PUT", "acme/zone", "\"zone\":\"Asia/Tokyo\","),
            ("PUT", "acme/workspaces/lab", "\"caps\":{\"daily\":1},"), ("POST", "acme/quota/reset", ""), ("PUT", "acme/balance", "\"balance\":1,"),
            ("POST", "acme/credits", "\"kind\":\"bonus\",\"amount\":1,"), ("PATCH", $"acme/keys/{key}", "\"name\":\"n\","),
            ("POST", $"acme/keys/{key}/rotate", "\"graceSeconds\":60,"), ("DELETE", $"acme/keys/{key}", ""), ("POST", "acme/suspend", ""), ("POST", "acme/resume", ""),
            ("POST", $"acme/charges/{charge}/reversals", "\"amount\":0.25,"), ("PUT", "acme/balance", "\"balance\":0,"), ("POST", "acme/close", ""),
        ];
        for (int i = 0; i < changes.Length; i++)
        {
            (string method, string path, string body) = changes[i];
            Answered done = await this.host.SendAsync(method, "/admin/accounts/" + path, $"{{{body}\"reason\":\"r{i + 2}\"}}", this.admin);
            Assert.True((int)done.Status < 300, done.Text);
        }

        Answered entries = (await this.host.GetAsync("/admin/audit?account=acme", this.admin)).Expect(HttpStatusCode.OK);

        string?[] reasons = [.. entries.Json.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("change").TryGetProperty("reason", out var r) ? r.GetString() : null).Reverse()];
        Assert.Equal(Enumerable.Range(0, changes.Length + 2).Select(i => "r" + i), reasons, StringComparer.Ordinal);
        Assert.All(entries.Json.GetProperty("entries").EnumerateArray(), e => Assert.Equal(this.admin.Split('_')[^2], e.GetProperty("actor").GetString()));
    }

    [Fact]
    public async Task Changes_of_the_machines_are_on_record_and_tags_made_anew_are_not()
    {
        await this.PostAsync("/admin/accounts", """{"id":"acme","currency":"EUR"}""");
        string key = (await this.PostAsync("/admin/accounts/acme/keys", "{}")).Member("keyId");
        Reply renewed = await this.host.Backend.Grains.AskAsync(GrainId.ForKey(key), new RenewKeyProof("tag", "pepper"), TestContext.Current.CancellationToken);
        (await this.host.PostAsync("/admin/grains/account/acme/deactivate", """{"reason":"looks odd"}""", this.admin)).Expect(HttpStatusCode.OK);
        (await this.host.PostAsync("/admin/cluster/silos/x/drain", """{"reason":"an update"}""", this.admin)).Expect(HttpStatusCode.Conflict);

        Answered entries = (await this.host.GetAsync("/admin/audit?limit=5", this.admin)).Expect(HttpStatusCode.OK);

        Assert.Equal(Outcome.Accepted, renewed.Outcome);
        Assert.Equal(
            ["cluster_change_ended", "cluster_change_asked", "cluster_change_ended", "cluster_change_asked", "key_created"],
            entries.Json.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("what").GetString()!),
            StringComparer.Ordinal);
        Assert.Equal(("\"NoCluster\"", "\"drain\"", "\"x\"", "\"an update\""),
            (entries["entries.0.change.result"], entries["entries.1.change.what"], entries["entries.1.change.target"], entries["entries.1.change.reason"]));
        Assert.Equal(("\"Done\"", "\"account/acme\"", $"\"{this.admin.Split('_')[^2]}\""),
            (entries["entries.2.change.result"], entries["entries.3.change.target"], entries["entries.3.actor"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("account=acme&")]
    public async Task The_record_is_read_in_pages(string filter)
    {
        await this.PostAsync("/admin/accounts", """{"id":"acme","currency":"EUR"}""");
        for (int i = 0; i < 7; i++)
        {
            await this.PostAsync("/admin/accounts/acme/credits", $$"""{"kind":"bonus","amount":{{i + 1}}}""");
        }

        List<string> amounts = [];
        string more = "";
        do
        {
            Answered page = (await this.host.GetAsync($"/admin/audit?{filter}what=credit_posted&limit=2{more}", this.admin)).Expect(HttpStatusCode.OK);
            amounts.AddRange(page.Json.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("change").GetProperty("amount").GetRawText()));
            more = page.Member("nextCursor") is "-" ? "" : "&cursor=" + Uri.EscapeDataString(page.Member("nextCursor"));
        }
        while (more.Length > 0);

        Assert.Equal(["7", "6", "5", "4", "3", "2", "1"], amounts);
    }

    [Fact]
    public async Task A_past_request_is_explained_with_its_prices_and_checks()
    {
        string key = await this.OpenAsync("""{"id":"acme","currency":"EUR","quotas":{"api_request":5}}""");
        await this.PostAsync("/v1/verify", $$"""{"key":"{{key}}","model":"demo-large","inputTokens":6548,"outputTokens":108,"requestId":"a/b c"}""");

        Answered own = (await this.host.GetAsync("/v1/requests/a%2Fb%20c", key)).Expect(HttpStatusCode.OK);
        Answered any = (await this.host.GetAsync("/admin/accounts/acme/requests/a/b%20c", this.admin)).Expect(HttpStatusCode.OK);

        Assert.Equal(own.Text, any.Text);
        Assert.Equal(("\"accepted\"", "\"charged\"", "0.10308"), (own["outcome"], own["what"], own["charge.charged"]));
        Assert.Equal(("6548", "\"demo-large\"", "\"1\"", "0.015", "0.045"),
            (own["used.inputTokens"], own["used.model"], own["prices.version"], own["prices.inputPer1K"], own["prices.outputPer1K"]));
        Assert.Equal(("-", "-"), (own["used.durationMs"], own["used.status"]));
        Assert.Equal(("\"quota:api_request\"", "5", "1"), (own["charge.checks.0.name"], own["charge.checks.0.max"], own["charge.checks.0.used"]));
    }

    [Fact]
    public async Task A_refusal_is_explained_until_the_request_is_accepted()
    {
        string key = await this.OpenAsync("""{"id":"acme","currency":"EUR"}""");
        string verify = $$"""{"key":"{{key}}","amount":50,"requestId":"r1"}""";
        await this.PostAsync("/v1/verify", verify);

        Answered refused = (await this.host.GetAsync("/v1/requests/r1", key)).Expect(HttpStatusCode.OK);
        await this.PostAsync("/admin/accounts/acme/credits", """{"kind":"topup","amount":100}""");
        await this.PostAsync("/v1/verify", verify);
        Answered accepted = (await this.host.GetAsync("/v1/requests/r1", key)).Expect(HttpStatusCode.OK);

        Assert.Equal(("\"insufficient_credit\"", "\"available_credit\"", "10", "50", "-"),
            (refused["outcome"], refused["limit.name"], refused["limit.max"], refused["limit.requested"], refused["entry"]));
        Assert.Equal(("\"accepted\"", "50"), (accepted["outcome"], accepted["charge.charged"]));
    }

    [Fact]
    public async Task A_hold_a_capture_a_reversal_and_a_change_are_explained_in_their_own_words()
    {
        await this.OpenAsync("""{"id":"acme","currency":"EUR"}""");
        Answered hold = await this.PostAsync("/v1/holds", """{"account":"acme","amount":4,"ttlSeconds":60,"requestId":"h"}""");
        Answered capture = await this.PostAsync($"/v1/holds/acme/{hold.Member("hold")}/capture", """{"amount":3,"requestId":"c"}""");
        await this.PostAsync($"/v1/charges/acme/{capture.Member("charge")}/reversals", """{"amount":1,"requestId":"v"}""");
        await this.PostAsync("/admin/accounts/acme/suspend", """{"reason":"late","requestId":"s"}""");

        Assert.Equal("4", (await this.ExplainAsync("h"))["hold.amount"]);
        Assert.Equal("3", (await this.ExplainAsync("c"))["capture.charged"]);
        Assert.Equal("1", (await this.ExplainAsync("v"))["reversal.amount"]);
        Assert.Equal("\"late\"", (await this.ExplainAsync("s"))["change.reason"]);
    }

    [Fact]
    public async Task One_account_s_requests_are_not_another_s()
    {
        string key = await this.OpenAsync("""{"id":"acme","currency":"EUR"}""");
        await this.OpenAsync("""{"id":"other","currency":"EUR"}""");
        await this.PostAsync("/v1/charges", """{"account":"other","amount":1,"requestId":"r1"}""");

        (await this.host.GetAsync("/v1/requests/r1", key)).ExpectProblem(HttpStatusCode.NotFound, "request_not_found");
        (await this.host.GetAsync("/v1/requests/~r1", key)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "requestId");
        (await this.host.GetAsync("/admin/accounts/other/requests/r1", key)).Expect(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("/admin/accounts?status=open", "status")]
    [InlineData("/admin/accounts?prefix=a%20b", "prefix")]
    [InlineData("/admin/accounts?cursor=%C3%A4", "cursor")]
    [InlineData("/admin/accounts?limit=1001", "limit")]
    [InlineData("/admin/audit?cursor=1", "cursor")]
    [InlineData("/admin/audit?account=a%20b", "account")]
    [InlineData("/admin/audit?who=me", "who")]
    public async Task A_bad_parameter_is_named(string path, string field) =>
        (await this.host.GetAsync(path, this.admin)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    private async Task<string> OpenAsync(string account)
    {
        string id = (await this.PostAsync("/admin/accounts", account)).Member("account");
        await this.PostAsync(string.Create(CultureInfo.InvariantCulture, $"/admin/accounts/{id}/credits"), """{"kind":"topup","amount":10}""");
        return (await this.PostAsync($"/admin/accounts/{id}/keys", "{}")).Member("key");
    }

    private async Task<Answered> ExplainAsync(string id) => (await this.host.GetAsync("/admin/accounts/acme/requests/" + id, this.admin)).Expect(HttpStatusCode.OK);

    private async Task<Answered> PostAsync(string path, string body)
    {
        Answered answered = await this.host.PostAsync(path, body, this.admin);
        Assert.True((int)answered.Status < 300, answered.Text);
        return answered;
    }
}
