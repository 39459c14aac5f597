using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What accounts use, now and over time, on a real PostgreSQL of its own: what is open elsewhere on the server keeps sums back.</summary>
public sealed class UsageTests(QuietPostgresFixture postgres) : IClassFixture<QuietPostgresFixture>, IAsyncLifetime
{
    private PostgresHost host = null!;
    private string admin = null!;
    private string key = null!;
    private string keyId = null!;

    // It is about noon there, so that no day and no month ends while a test runs.
    private static string Zone { get; } = (12 - DateTime.UtcNow.Hour) switch
    {
        0 => "UTC",
        > 0 and int ahead => string.Create(CultureInfo.InvariantCulture, $"Etc/GMT-{ahead}"),
        int behind => string.Create(CultureInfo.InvariantCulture, $"Etc/GMT+{-behind}"),
    };

    public async ValueTask InitializeAsync()
    {
        this.host = await PostgresHost.StartAsync(await postgres.Server.CreateDatabaseAsync(), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        this.admin = this.host.FirstAdminKey!;
        await this.PostAsync("/admin/accounts", $$$"""{"id":"acme","currency":"USD","zone":"{{{Zone}}}","quotas":{"api_request":100}}""");
        await this.PostAsync("/admin/accounts/acme/credits", """{"kind":"topup","amount":10.00}""");
        this.key = (await this.PostAsync("/admin/accounts/acme/keys", """{"name":"first","caps":{"daily":5}}""")).Member("key");
        this.keyId = this.key.Split('_')[^2];
        await this.PostAsync("/v1/verify", $$"""{"key":"{{this.key}}","amount":1.5,"meter":"data_access","quantity":3,"model":"=small","inputTokens":1000,"cachedTokens":200,"outputTokens":50,"reasoningTokens":10,"endpoint":"/a"}""");
        Answered charge = await this.PostAsync("/v1/charges", """{"account":"acme","amount":0.000000001,"workspace":"lab"}""");
        await this.PostAsync($"/v1/charges/acme/{charge.Member("charge")}/reversals", "{}");
        Answered hold = await this.PostAsync("/v1/holds", $$"""{"account":"acme","amount":2,"ttlSeconds":600,"keyId":"{{this.keyId}}"}""");
        await this.PostAsync($"/v1/holds/acme/{hold.Member("hold")}/capture", """{"amount":0.25,"final":false,"model":"large"}""");
        await this.PostAsync("/admin/accounts", $$"""{"id":"other","currency":"USD","zone":"{{Zone}}"}""");
        await this.PostAsync("/admin/accounts/other/credits", """{"kind":"topup","amount":3}""");
        await this.PostAsync("/v1/charges", """{"account":"other","amount":2,"model":"others-model"}""");
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    [Fact]
    public async Task A_customer_sees_what_runs_with_limits_that_are_exact_and_sums_up_to_now()
    {
        Answered own = await this.CompleteAsync("/v1/usage", this.key);

        // What is held counts against caps, and is not charged.
        Assert.Equal(("\"acme\"", "\"USD\"", $"\"{Zone}\""), (own["account"], own["currency"], own["zone"]));
        Assert.Equal(("3.5", "3.5"), (own["today.spent"], own["month.spent"]));
        foreach (string period in new[] { "today", "month" })
        {
            Assert.Equal(("3", "1.750000001", "1", "0.000000001", "10", "0", "0"), (
                own[period + ".sums.requests"], own[period + ".sums.charged"], own[period + ".sums.reversals"], own[period + ".sums.reversed"],
                own[period + ".sums.granted"], own[period + ".sums.debited"], own[period + ".sums.expired"]));
            Assert.Equal(("1000", "50", "200", "10"), (
                own[period + ".sums.inputTokens"], own[period + ".sums.outputTokens"], own[period + ".sums.cachedTokens"], own[period + ".sums.reasoningTokens"]));
        }

        Assert.Equal(("\"quota:api_request\"", "100", "1"), (own["limits.2.name"], own["limits.2.max"], own["limits.2.used"]));
        Assert.Equal(("\"api_request\"", "2", "2", "0.250000001"), (own["meters.0.meter"], own["meters.0.quantity"], own["meters.0.requests"], own["meters.0.charged"]));
        Assert.Equal(("\"data_access\"", "3", "1", "1.5"), (own["meters.1.meter"], own["meters.1.quantity"], own["meters.1.requests"], own["meters.1.charged"]));
        Assert.Equal(($"\"{this.keyId}\"", "\"first\"", "2", "1.75", "\"key_daily_cap\"", "3.5"), (
            own["keys.0.keyId"], own["keys.0.name"], own["keys.0.requests"], own["keys.0.charged"], own["keys.0.limits.0.name"], own["keys.0.limits.0.used"]));
        Assert.Equal(("-", "1", "0.000000001", "0.000000001"), (own["keys.1.keyId"], own["keys.1.requests"], own["keys.1.charged"], own["keys.1.reversed"]));
        Assert.DoesNotContain("other", own.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_sees_the_same_of_any_account()
    {
        Answered own = await this.CompleteAsync("/v1/usage", this.key);
        Answered any = await this.CompleteAsync("/admin/accounts/acme/usage", this.admin);

        Assert.Equal(own["month"], any["month"]);
        Assert.Equal(own["keys"], any["keys"]);
        Assert.Equal("2", (await this.CompleteAsync("/admin/accounts/other/usage", this.admin))["today.sums.charged"]);
    }

    [Theory]
    [InlineData("meter", "meter", "api_request 2,data_access 1")]
    [InlineData("model", "model", "- 2,=small 1,large 0")]
    [InlineData("endpoint", "endpoint", "- 2,/a 1")]
    [InlineData("workspace", "workspace", "- 2,lab 1")]
    [InlineData("key", "keyId", "- 1,KEY 2")]
    public async Task Use_is_split_by_what_is_asked_for(string group, string member, string expected)
    {
        Answered answer = await this.CompleteAsync("/v1/usage/analytics?interval=hour&group=" + group, this.key);

        // Of both hours, where one has ended meanwhile.
        IEnumerable<string> items = answer.Json.GetProperty("items").EnumerateArray()
            .GroupBy(i => i.TryGetProperty(member, out var value) ? value.GetString()! : "", StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{(g.Key.Length == 0 ? "-" : g.Key)} {g.Sum(i => i.GetProperty("requests").GetInt64())}");
        Assert.Equal(expected.Replace("KEY", this.keyId, StringComparison.Ordinal), string.Join(',', items));
        Assert.False(answer.Json.GetProperty("items")[0].TryGetProperty("granted", out _));
        Assert.DoesNotContain("others-model", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "3 1.750000001")]
    [InlineData("&meter=data_access", "1 1.5")]
    [InlineData("&model=large", "0 0.25")]
    [InlineData("&endpoint=/a", "1 1.5")]
    [InlineData("&workspace=lab", "1 0.000000001")]
    [InlineData("&keyId=KEY", "2 1.75")]
    [InlineData("&keyId=KEY&meter=api_request", "1 0.25")]
    [InlineData("&model=others-model", "")]
    [InlineData("&until=2020-01-01&from=2019-12-31", "")]
    public async Task Filters_choose(string filter, string expected)
    {
        Answered answer = await this.CompleteAsync("/admin/accounts/acme/usage/analytics?interval=day" + filter.Replace("KEY", this.keyId, StringComparison.Ordinal), this.admin);

        Assert.Equal(expected, string.Join(',', answer.Json.GetProperty("items").EnumerateArray().Select(i => $"{i.GetProperty("requests")} {i.GetProperty("charged").GetRawText()}")));
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        List<string> models = [];
        string more = "";
        do
        {
            Answered page = await this.CompleteAsync("/v1/usage/analytics?interval=month&group=model&limit=1" + more, this.key);
            models.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(i => i.TryGetProperty("model", out var m) ? m.GetString()! : "-"));
            more = page.Member("nextCursor") is "-" ? "" : "&cursor=" + Uri.EscapeDataString(page.Member("nextCursor"));
        }
        while (more.Length > 0);

        Assert.Equal(["-", "=small", "large"], models);
    }

    [Fact]
    public async Task A_csv_has_every_sum_with_its_digits_and_no_formula()
    {
        Answered whole = await this.CompleteAsync("/v1/usage/analytics?interval=month", this.key);
        Answered csv = (await this.host.GetAsync("/v1/usage/analytics?interval=month&group=model&format=csv", this.key)).Expect(HttpStatusCode.OK);
        string[] lines = csv.Text.Split("\r\n");

        Assert.StartsWith("text/csv", csv.ContentType, StringComparison.Ordinal);
        Assert.Equal("from,until,value,other,requests,quantity,inputTokens,outputTokens,cachedTokens,reasoningTokens,charged,reversals,reversed,granted,debited,expired", lines[0]);
        Assert.Equal(5, lines.Length);
        string period = string.Join(',', new[] { "from", "until" }.Select(m => DateTime.Parse(whole[$"items.0.{m}"].Trim('"'), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind).ToString("O", CultureInfo.InvariantCulture)));
        Assert.Equal(period + ",,,2,1,0,0,0,0,0.000000001,1,0.000000001,0,0,0", lines[1]);
        Assert.Equal(period + ",\"'=small\",,1,3,1000,50,200,10,1.5,0,0,0,0,0", lines[2]);
        Assert.Equal(period + ",large,,0,1,0,0,0,0,0.25,0,0,0,0,0", lines[3]);
        Assert.Equal(3, (await this.host.GetAsync("/v1/usage/analytics?interval=month&group=model&format=csv&limit=1", this.key)).Text.Split("\r\n").Length);
    }

    [Fact]
    public async Task A_key_that_is_bound_to_a_workspace_sees_that_one_only()
    {
        (await this.host.PutAsync("/admin/accounts/acme/workspaces/den", """{"caps":{"daily":2}}""", this.admin)).Expect(HttpStatusCode.OK);
        string den = (await this.PostAsync("/admin/accounts/acme/keys", """{"workspace":"den"}""")).Member("key");
        string lab = (await this.PostAsync("/admin/accounts/acme/keys", """{"workspace":"lab"}""")).Member("key");
        await this.PostAsync("/v1/verify", $$"""{"key":"{{den}}","amount":0.5}""");

        Answered own = await this.CompleteAsync("/v1/usage", den);
        Answered over = await this.CompleteAsync("/v1/usage/analytics?group=workspace", den);

        Assert.Equal(("0.5", "0.5", "1", "0"), (own["today.spent"], own["month.sums.charged"], own["month.sums.requests"], own["month.sums.granted"]));
        Assert.Equal(($"\"{den.Split('_')[^2]}\"", 1), (own["keys.0.keyId"], own.Json.GetProperty("keys").GetArrayLength()));
        Assert.Equal(("\"workspace_daily_cap\"", "2", "0.5"), (own["limits.4.name"], own["limits.4.max"], own["limits.4.used"]));
        Assert.Equal(("\"den\"", "0.5", 1), (over["items.0.workspace"], over["items.0.charged"], over.Json.GetProperty("items").GetArrayLength()));
        Assert.Equal(("-", "0.000000001"), ((await this.CompleteAsync("/v1/usage", lab))["today.spent"], (await this.CompleteAsync("/v1/usage", lab))["today.sums.charged"]));
        (await this.host.GetAsync("/v1/usage/analytics?workspace=lab", den)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "workspace");
    }

    [Theory]
    [InlineData("interval=week", "interval")]
    [InlineData("group=session", "group")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2030-01-02&until=2030-01-01", "from")]
    [InlineData("from=2020-01-01&until=2022-01-01", "from")]
    [InlineData("interval=hour&from=2020-01-01&until=2020-03-01", "from")]
    [InlineData("interval=month&from=1990-01-01&until=2020-03-01", "from")]
    [InlineData("limit=1001", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=1.0.x", "cursor")]
    [InlineData("cursor=1.2.x", "cursor")]
    [InlineData("keyId=%00", "keyId")]
    [InlineData("model=", "model")]
    [InlineData("account=other", "account")]
    [InlineData("format=xml", "format")]
    public async Task A_bad_parameter_is_named(string query, string field)
    {
        (await this.host.GetAsync("/v1/usage/analytics?" + query, this.key)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
        (await this.host.GetAsync("/admin/accounts/acme/usage/analytics?" + query, this.admin)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);
    }

    [Theory]
    [InlineData("usage")]
    [InlineData("usage/analytics")]
    public async Task No_account_is_not_found_a_bad_id_is_refused_and_a_customer_does_not_ask_for_another(string path)
    {
        (await this.host.GetAsync("/admin/accounts/nobody/" + path, this.admin)).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
        (await this.host.GetAsync("/admin/accounts/no%20body/" + path, this.admin)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "account");
        (await this.host.GetAsync("/admin/accounts/other/" + path, this.key)).Expect(HttpStatusCode.Forbidden);
        (await this.host.GetAsync("/v1/" + path, null)).Expect(HttpStatusCode.Unauthorized);
    }

    // Up to the moment of the question, but for transactions that happen to be under way.
    // East of UTC the month that ends with this one's end has not begun yet.
    [Fact]
    public async Task The_day_and_month_that_run_keep_their_sums_when_the_account_changes_zones()
    {
        (await this.host.PutAsync("/admin/accounts/acme/zone", """{"zone":"Pacific/Kiritimati"}""", this.admin)).Expect(HttpStatusCode.OK);
        Answered own = await this.CompleteAsync("/v1/usage", this.key);
        foreach (string period in new[] { "today", "month" })
        {
            Assert.True(string.CompareOrdinal(own[period + ".from"], own["at"]) < 0);
            Assert.Equal(("3.5", "1.750000001"), (own[period + ".spent"], own[period + ".sums.charged"]));
        }

        Assert.Equal("1.75", own["keys.0.charged"]);
    }

    private async Task<Answered> CompleteAsync(string path, string key)
    {
        string now = (await this.host.GetAsync("/v1/wallet", this.key)).Expect(HttpStatusCode.OK).Member("at");
        Answered answer;
        do
        {
            answer = (await this.host.GetAsync(path, key)).Expect(HttpStatusCode.OK);
        }
        while (answer.Member("asOf") == "-" || Moment(answer.Member("asOf")) < Moment(now));
        return answer;
    }

    // As texts they cannot be compared: some have fewer digits.
    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private async Task<Answered> PostAsync(string path, string body)
    {
        Answered answered = await this.host.PostAsync(path, body, this.admin);
        Assert.True((int)answered.Status < 300, answered.Text);
        return answered;
    }
}
