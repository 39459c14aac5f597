using System.Net;
using System.Security.Cryptography;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Statements and past balances, on a real PostgreSQL.</summary>
public sealed class StatementTests(PostgresFixture postgres) : IAsyncLifetime
{
    private PostgresHost host = null!;
    private string admin = null!;
    private string key = null!;

    public async ValueTask InitializeAsync()
    {
        this.host = await PostgresHost.StartAsync(await postgres.Server.CreateDatabaseAsync(), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        this.admin = this.host.FirstAdminKey!;
        await this.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD"}""");
        await this.PostAsync("/admin/accounts/acme/credits", """{"kind":"topup","amount":10.00,"reference":"=inv,\"1\"","requestId":"top"}""");
        this.key = (await this.PostAsync("/admin/accounts/acme/keys", "{}")).Member("key");
        await this.PostAsync("/v1/charges", """{"account":"acme","amount":1.5,"meter":"data_access","requestId":"c1"}""");
        await this.PostAsync("/v1/charges", """{"account":"acme","amount":0.000000001,"requestId":"c2"}""");
        await this.PostAsync("/admin/accounts", """{"id":"other","currency":"USD"}""");
        await this.PostAsync("/admin/accounts/other/credits", """{"kind":"topup","amount":3}""");
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    [Fact]
    public async Task A_filter_chooses_entries_and_an_operator_sees_any_account()
    {
        Answered topups = (await this.host.GetAsync("/v1/transactions?kind=topup", this.key)).Expect(HttpStatusCode.OK);
        Answered meter = (await this.host.GetAsync("/admin/accounts/acme/transactions?meter=data_access&from=2020-01-01", this.admin)).Expect(HttpStatusCode.OK);
        Answered none = (await this.host.GetAsync("/v1/transactions?until=2020-01-01T00:00:00Z", this.key)).Expect(HttpStatusCode.OK);

        Assert.Equal((1, "\"acme\"", "10"), (topups.Json.GetProperty("transactions").GetArrayLength(), topups["account"], topups["transactions.0.amount"]));
        Assert.Equal(("-1.5", "-"), (meter["transactions.0.amount"], meter["nextCursor"]));
        Assert.Equal("[]", none["transactions"]);
    }

    [Fact]
    public async Task A_statement_as_csv_has_every_entry_with_its_digits_and_no_formula()
    {
        Answered csv = (await this.host.GetAsync("/v1/transactions?format=csv", this.key)).Expect(HttpStatusCode.OK);
        string[] lines = csv.Text.Split("\r\n");

        Assert.StartsWith("text/csv", csv.ContentType, StringComparison.Ordinal);
        Assert.Equal("entry,at,kind,amount,balance,charge,hold,grant,keyId,workspace,meter,quantity,reference,reason,requestId", lines[0]);
        Assert.Equal(5, lines.Length);
        Assert.Matches("^5,[0-9T:.Z-]+,charge,-0.000000001,8.499999999,5,,,,,api_request,1,,,c2$", lines[1]);
        Assert.Matches("^4,[0-9T:.Z-]+,charge,-1.5,8.5,4,,,,,data_access,1,,,c1$", lines[2]);
        Assert.Matches("^2,[0-9T:.Z-]+,topup,10,10,,,2,,,,,\"'=inv,\"\"1\"\"\",,top$", lines[3]);
        Assert.Equal("", lines[4]);
    }

    [Fact]
    public async Task A_csv_has_no_more_entries_than_asked_for()
    {
        Answered csv = (await this.host.GetAsync("/admin/accounts/acme/transactions?format=csv&limit=2", this.admin)).Expect(HttpStatusCode.OK);

        Assert.Equal(["entry", "5", "4", ""], csv.Text.Split("\r\n").Select(l => l.Split(',')[0]), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_balance_is_told_now_after_an_entry_and_at_a_moment()
    {
        Answered now = (await this.host.GetAsync("/v1/balance", this.key)).Expect(HttpStatusCode.OK);
        Answered then = (await this.host.GetAsync("/v1/balance?entry=4", this.key)).Expect(HttpStatusCode.OK);
        Answered first = (await this.host.GetAsync("/admin/accounts/acme/balance?entry=1", this.admin)).Expect(HttpStatusCode.OK);
        Answered at = (await this.host.GetAsync($"/v1/balance?at={then.Member("at")}", this.key)).Expect(HttpStatusCode.OK);

        Assert.Equal(("5", "8.499999999", "8.499999999", "\"USD\""), (now["entry"], now["balance"], now["available"], now["currency"]));
        Assert.Equal(("4", "8.5"), (then["entry"], then["balance"]));
        Assert.Equal(("1", "0"), (first["entry"], first["balance"]));
        Assert.Equal(then.Text, at.Text);
    }

    [Fact]
    public async Task An_expiry_that_nobody_has_looked_at_counts_in_a_past_balance()
    {
        Answered hold = await this.PostAsync("/v1/holds", """{"account":"acme","amount":2,"ttlSeconds":1}""");
        string expires = hold.Member("expiresAt");
        Assert.Equal("2", (await this.host.GetAsync($"/v1/balance?entry={hold.Member("hold")}", this.key))["held"]);

        // Refused as the future until then.
        Answered at;
        do
        {
            at = await this.host.GetAsync($"/v1/balance?at={expires}", this.key);
        }
        while (at.Status == HttpStatusCode.BadRequest && at.Member("field") == "at");

        Assert.Equal(("0", "8.499999999"), (at.Expect(HttpStatusCode.OK)["held"], at["balance"]));
    }

    [Theory]
    [InlineData("/v1/transactions?cursor=x", "cursor")]
    [InlineData("/v1/transactions?limit=1001", "limit")]
    [InlineData("/v1/transactions?kind=tip", "kind")]
    [InlineData("/v1/transactions?from=yesterday", "from")]
    [InlineData("/v1/transactions?until=2030-01-01T00:00:00", "until")]
    [InlineData("/v1/transactions?meter=", "meter")]
    [InlineData("/v1/transactions?keyId=%00", "keyId")]
    [InlineData("/v1/transactions?form=csv", "form")]
    [InlineData("/v1/transactions?format=xml", "format")]
    [InlineData("/v1/balance?entry=0", "entry")]
    [InlineData("/v1/balance?entry=1&at=2020-01-01", "entry")]
    [InlineData("/v1/balance?at=2199-01-01", "at")]
    public async Task A_bad_parameter_is_named(string path, string field) =>
        (await this.host.GetAsync(path, this.key)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", field);

    [Theory]
    [InlineData("/v1/balance?entry=99", "entry_not_found")]
    [InlineData("/v1/balance?at=2020-01-01", "not_open_yet")]
    public async Task What_was_not_there_is_not_found(string path, string code) =>
        (await this.host.GetAsync(path, this.key)).ExpectProblem(HttpStatusCode.NotFound, code);

    [Fact]
    public async Task No_account_is_not_found_and_a_bad_id_is_refused()
    {
        (await this.host.GetAsync("/admin/accounts/nobody/balance", this.admin)).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
        (await this.host.GetAsync("/admin/accounts/nobody/transactions", this.admin)).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
        (await this.host.GetAsync("/admin/accounts/no%20body/transactions", this.admin)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "account");
        (await this.host.GetAsync("/admin/accounts/acme/transactions", this.key)).Expect(HttpStatusCode.Forbidden);
    }

    private async Task<Answered> PostAsync(string path, string body)
    {
        Answered answered = await this.host.PostAsync(path, body, this.admin);
        Assert.True((int)answered.Status < 300, answered.Text);
        return answered;
    }
}
