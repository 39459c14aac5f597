using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>What all accounts come to, on a real PostgreSQL of its own: what is open elsewhere on the server keeps sums back.</summary>
public sealed class StatisticsTests(QuietPostgresFixture postgres) : IClassFixture<QuietPostgresFixture>, IAsyncLifetime
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
    public async Task Nothing_comes_to_nothing()
    {
        Answered none = await this.StatisticsAsync("");

        Assert.Equal(("[]", "[]", "[]", "\"day\""), (none["totals"], none["periods"], none["topAccounts"], none["interval"]));
    }

    [Fact]
    public async Task Accounts_are_counted_by_status_and_money_is_added_up_by_currency_and_mode()
    {
        await this.OpenAsync("a", "EUR", 10);
        await this.OpenAsync("b", "EUR", 5);
        await this.OpenAsync("c", "EUR", 0);
        await this.OpenAsync("d", "USD", 7);
        await this.OpenAsync("t", "EUR", 100, ""","mode":"test" """);
        await this.PostAsync("/admin/accounts/b/suspend", """{"reason":"late"}""");
        await this.PostAsync("/admin/accounts/c/close", """{"reason":"left"}""");
        Answered charge = await this.PostAsync("/v1/charges", """{"account":"a","amount":4,"model":"large","inputTokens":7,"endpoint":"/x"}""");
        await this.PostAsync($"/v1/charges/a/{charge.Member("charge")}/reversals", """{"amount":1}""");
        await this.PostAsync("/v1/charges", """{"account":"t","amount":50,"model":"large"}""");
        await this.PostAsync("/admin/accounts/d/credits", """{"kind":"adjustment","amount":-2}""");

        Answered all = await this.StatisticsAsync("?interval=hour");

        Assert.Equal(("\"EUR\"", "\"live\"", "1", "1", "1"), (all["totals.0.currency"], all["totals.0.mode"], all["totals.0.activeAccounts"], all["totals.0.suspendedAccounts"], all["totals.0.closedAccounts"]));
        Assert.Equal(("12", "15", "4", "1", "1", "1"), (all["totals.0.balances"], all["totals.0.granted"], all["totals.0.charged"], all["totals.0.reversed"], all["totals.0.requests"], all["totals.0.reversals"]));
        Assert.Equal(("\"test\"", "50", "50"), (all["totals.1.mode"], all["totals.1.balances"], all["totals.1.charged"]));
        Assert.Equal(("\"USD\"", "5", "7", "2"), (all["totals.2.currency"], all["totals.2.balances"], all["totals.2.granted"], all["totals.2.debited"]));
        Assert.Equal(3, all.Json.GetProperty("totals").GetArrayLength());

        // An hour may have ended meanwhile.
        Assert.Equal((5, 2), (this.Sum(all, "openedAccounts"), this.Sum(all, "requests")));
        Assert.Equal((7, 54), (this.Sum(all, "inputTokens"), this.Sum(all, "charged")));
    }

    [Fact]
    public async Task The_highest_come_first_and_no_more_than_asked_for()
    {
        foreach ((string account, int amount) in new[] { ("small", 1), ("large", 30), ("middle", 20) })
        {
            await this.OpenAsync(account, "EUR", 100);
            await this.PostAsync("/v1/charges", $$"""{"account":"{{account}}","amount":{{amount}},"model":"m-{{account}}","endpoint":"/{{account}}"}""");
        }

        // What was reversed counts here.
        Answered charge = await this.PostAsync("/v1/charges", """{"account":"middle","amount":15}""");
        await this.PostAsync($"/v1/charges/middle/{charge.Member("charge")}/reversals", "{}");

        Answered all = await this.StatisticsAsync("?top=2");

        Assert.Equal(("\"middle\"", "35", "2", "\"large\"", "30"), (
            all["topAccounts.0.account"], all["topAccounts.0.charged"], all["topAccounts.0.requests"], all["topAccounts.1.account"], all["topAccounts.1.charged"]));
        Assert.Equal(("\"m-large\"", "\"m-middle\""), (all["topModels.0.model"], all["topModels.1.model"]));
        Assert.Equal(("\"/large\"", "\"EUR\"", "\"live\""), (all["topEndpoints.0.endpoint"], all["topEndpoints.0.currency"], all["topEndpoints.0.mode"]));
        Assert.Equal((2, 2, 2), (all.Json.GetProperty("topAccounts").GetArrayLength(), all.Json.GetProperty("topModels").GetArrayLength(), all.Json.GetProperty("topEndpoints").GetArrayLength()));
        Assert.Equal("[]", (await this.StatisticsAsync("?until=2020-01-01"))["topAccounts"]);
    }

    [Theory]
    [InlineData("interval=week", "interval")]
    [InlineData("from=2020-01-01&until=2022-01-01", "from")]
    [InlineData("from=2022-01-01&until=2020-01-01", "from")]
    [InlineData("top=101", "top")]
    [InlineData("top=0", "top")]
    [InlineData("account=acme", "account")]
    public async Task A_bad_parameter_is_named(string query, string field) =>
        (await this.host.GetAsync("/admin/statistics?" + query, this.admin)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Fact]
    public async Task They_are_for_operators_who_may_read()
    {
        await this.OpenAsync("a", "EUR", 1);
        string customer = (await this.PostAsync("/admin/accounts/a/keys", """{"scopes":["*"]}""")).Member("key");
        string other = (await this.PostAsync("/admin/accounts/system/keys", """{"scopes":["credit"]}""")).Member("key");
        string reader = (await this.PostAsync("/admin/accounts/system/keys", """{"scopes":["read"]}""")).Member("key");

        (await this.host.GetAsync("/admin/statistics", null)).ExpectProblem(HttpStatusCode.Unauthorized, "key_missing");
        (await this.host.GetAsync("/admin/statistics", customer)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
        (await this.host.GetAsync("/admin/statistics", other)).ExpectProblem(HttpStatusCode.Forbidden, "scope_missing");
        (await this.host.GetAsync("/admin/statistics", reader)).Expect(HttpStatusCode.OK);
    }

    private decimal Sum(Answered statistics, string member) => statistics.Json.GetProperty("periods").EnumerateArray().Sum(p => p.GetProperty(member).GetDecimal());

    private async Task<Answered> StatisticsAsync(string query)
    {
        string now = (await this.host.GetAsync("/admin/accounts/system", this.admin)).Expect(HttpStatusCode.OK).Member("at");
        Answered answer;
        do
        {
            answer = (await this.host.GetAsync("/admin/statistics" + query, this.admin)).Expect(HttpStatusCode.OK);
        }
        while (answer.Member("asOf") == "-" || Moment(answer.Member("asOf")) < Moment(now));
        return answer;
    }

    private async Task OpenAsync(string account, string currency, int credit, string more = "")
    {
        await this.PostAsync("/admin/accounts", $$"""{"id":"{{account}}","currency":"{{currency}}"{{more}}}""");
        if (credit > 0)
        {
            await this.PostAsync($"/admin/accounts/{account}/credits", $$"""{"kind":"topup","amount":{{credit}}}""");
        }
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
