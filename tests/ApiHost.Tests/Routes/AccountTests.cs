using System.Net;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.ApiHost.Tests.Routes;

public class AccountTests : HttpTests
{
    internal override string[] Settings => ["--Billing:Tiers:free:api_request=100", "--Billing:Tiers:free:data_access="];

    [Fact]
    public async Task An_account_is_opened_with_all_it_may_have_and_read_back()
    {
        Answered opened = (await this.Host.PostAsync(
            "/admin/accounts",
            """{"id":"acme@eu","currency":"EUR","zone":"Europe/Berlin","anchorDay":31,"creditLimit":"25.5","tier":"big","quotas":{"api_request":1000,"tokens":null}}""")).Expect(HttpStatusCode.Created);

        Answered read = (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme@eu")).Expect(HttpStatusCode.OK);

        Assert.Equal("active", opened.Member("status"));
        Assert.Equal("EUR", read.Member("currency"));
        Assert.Equal("Europe/Berlin", read.Member("zone"));
        Assert.Equal("31", read["anchorDay"]);
        Assert.Equal("25.5", read["creditLimit"]);
        Assert.Equal("big", read.Member("tier"));
        Assert.Contains(read.Json.GetProperty("limits").EnumerateArray(), l => l.GetProperty("name").GetString() == "quota:api_request" && l.GetProperty("max").GetInt64() == 1000);
        (await this.Host.PostAsync("/admin/accounts", """{"id":"acme@eu","currency":"EUR","quotas":{}}""")).ExpectProblem(HttpStatusCode.Conflict, "account_exists");
    }

    [Fact]
    public async Task A_tier_by_name_brings_its_quotas_and_an_unknown_one_is_refused()
    {
        Answered opened = (await this.Host.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD","tier":"free"}""")).Expect(HttpStatusCode.Created);

        Assert.Equal("""{"api_request":100,"data_access":null}""", opened["quotas"]);
        (await this.Host.PostAsync("/admin/accounts", """{"id":"b","currency":"USD","tier":"fre"}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "tier");
        (await this.Host.PutAsync("/admin/accounts/acme/tier", """{"tier":"fre"}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "tier");
        (await this.Host.PutAsync("/admin/accounts/acme/tier", """{"tier":"own","quotas":{"api_request":5}}""")).Expect(HttpStatusCode.OK);
        Assert.Equal("own", (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme")).Member("tier"));
    }

    [Fact]
    public async Task A_request_is_the_same_whatever_the_host_is_configured_with_when_it_is_repeated()
    {
        const string opening = """{"id":"acme","currency":"USD","tier":"free"}""";
        const string change = """{"tier":"free"}""";
        MemoryStore store = new(TimeProvider.System);
        Pepper pepper = new(new byte[32]);
        string admin;
        Answered opened;
        await using (TestHost before = await this.StartAsync(store, pepper, "--Billing:Tiers:free:api_request=100"))
        {
            admin = before.AdminKey!;
            opened = (await before.PostAsync("/admin/accounts", opening, "open-1")).Expect(HttpStatusCode.Created);
            (await before.AdminAsync(HttpMethod.Put, "/admin/accounts/acme/tier", change, "tier-1")).Expect(HttpStatusCode.OK);
        }

        foreach (string settings in new[] { "--Billing:Tiers:free:api_request=200", "--Billing:Tiers:other:api_request=1" })
        {
            await using TestHost after = await this.StartAsync(store, pepper, settings);
            Answered again = (await after.SendAsync(HttpMethod.Post, "/admin/accounts", opening, admin, "open-1")).Expect(HttpStatusCode.Created);
            Answered changed = (await after.SendAsync(HttpMethod.Put, "/admin/accounts/acme/tier", change, admin, "tier-1")).Expect(HttpStatusCode.OK);

            Assert.Equal("true", again["replayed"]);
            Assert.Equal(opened["quotas"], again["quotas"]);
            Assert.Equal(opened["at"], again["at"]);
            Assert.Equal("true", changed["replayed"]);
            (await after.SendAsync(HttpMethod.Put, "/admin/accounts/acme/tier", """{"tier":"free","quotas":{}}""", admin, "tier-1"))
                .ExpectProblem(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
        }
    }

    [Fact]
    public async Task An_opening_that_is_repeated_is_answered_as_it_was_and_not_as_the_account_is_now()
    {
        const string opening = """{"id":"acme","currency":"USD","quotas":{}}""";
        Answered opened = (await this.Host.PostAsync("/admin/accounts", opening, "open-1")).Expect(HttpStatusCode.Created);
        (await this.Host.PostAsync("/admin/accounts/acme/suspend", """{"reason":"unpaid"}""")).Expect(HttpStatusCode.OK);

        Answered again = (await this.Host.PostAsync("/admin/accounts", opening, "open-1")).Expect(HttpStatusCode.Created);

        Assert.Equal(opened.Text[..^1] + ",\"replayed\":true}", again.Text);
    }

    [Theory]
    [InlineData("topup", "5", "15")]
    [InlineData("bonus", "0.000000001", "10.000000001")]
    [InlineData("refund", "1", "11")]
    [InlineData("adjustment", "-2.5", "7.5")]
    [InlineData("payment_refund", "12", "-2")]
    [InlineData("dispute", "10", "0")]
    public async Task Every_kind_of_credit_moves_the_balance_its_way(string kind, string amount, string balance)
    {
        await this.OpenAsync();

        Answered answer = (await this.Host.PostAsync("/admin/accounts/acme/credits", $$"""{"kind":"{{kind}}","amount":{{amount}},"reference":"ref-1","reason":"why"}""")).Expect(HttpStatusCode.Created);

        Assert.Equal(balance, answer["balance"]);
        Assert.Equal(kind, answer.Member("kind"));
        Assert.Equal("ref-1", answer.Member("reference"));
    }

    [Fact]
    public async Task A_grant_keeps_its_priority_and_end()
    {
        await this.OpenAsync();

        Answered answer = (await this.Host.PostAsync("/admin/accounts/acme/credits", """{"kind":"bonus","amount":1,"priority":3,"expiresAt":"2199-01-01T00:00:00Z"}""")).Expect(HttpStatusCode.Created);

        Assert.Equal("3", answer["priority"]);
        Assert.Equal("2199-01-01T00:00:00Z", answer.Member("expiresAt"));
        (await this.Host.PostAsync("/admin/accounts/acme/credits", """{"kind":"bonus","amount":1,"expiresAt":"2001-01-01T00:00:00Z"}"""))
            .ExpectProblem(HttpStatusCode.BadRequest, "invalid", "expiresAt");
    }

    [Fact]
    public async Task A_balance_is_set_as_the_adjustment_it_is()
    {
        await this.OpenAsync();

        Answered answer = (await this.Host.PutAsync("/admin/accounts/acme/balance", """{"balance":3.5,"reason":"moved"}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("adjustment", answer.Member("kind"));
        Assert.Equal("-6.5", answer["amount"]);
        Assert.Equal("3.5", answer["balance"]);
    }

    [Fact]
    public async Task Limits_are_replaced()
    {
        await this.OpenAsync();

        (await this.Host.PutAsync("/admin/accounts/acme/limits", """{"creditLimit":5,"dailyCap":100,"monthlyCap":null,"lowBalance":1.5}""")).Expect(HttpStatusCode.OK);

        Answered read = await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme");
        Assert.Equal("5", read["creditLimit"]);
        Assert.Equal("1.5", read["lowBalance"]);
        Assert.Contains(read.Json.GetProperty("limits").EnumerateArray(), l => l.GetProperty("name").GetString() == "daily_cap" && l.GetProperty("max").GetRawText() == "100");
    }

    [Fact]
    public async Task A_quota_is_reset()
    {
        await this.Host.OpenAsync("acme", "10", ""","quotas":{"api_request":1}""");
        (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1}""")).Expect(HttpStatusCode.OK);
        (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1}""")).ExpectProblem(HttpStatusCode.TooManyRequests, "quota_exceeded");

        (await this.Host.PostAsync("/admin/accounts/acme/quota/reset", """{"meter":"api_request","reason":"goodwill"}""")).Expect(HttpStatusCode.OK);

        (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1}""")).Expect(HttpStatusCode.OK);
        (await this.Host.PostAsync("/admin/accounts/acme/quota/reset", """{"meter":"unheard","reason":"x"}""")).ExpectProblem(HttpStatusCode.NotFound, "meter_not_found");
    }

    [Fact]
    public async Task A_workspace_has_caps()
    {
        await this.OpenAsync();

        (await this.Host.PutAsync("/admin/accounts/acme/workspaces/lab%201", """{"caps":{"daily":1,"monthly":null,"total":2}}""")).Expect(HttpStatusCode.OK);

        (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1.5,"workspace":"lab 1"}""")).ExpectProblem(HttpStatusCode.PaymentRequired, "workspace_daily_cap_exceeded");
    }

    [Fact]
    public async Task An_account_is_suspended_resumed_and_closed()
    {
        await this.OpenAsync();

        (await this.Host.PostAsync("/admin/accounts/acme/suspend", """{"reason":"unpaid"}""")).Expect(HttpStatusCode.OK);
        (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1}""")).ExpectProblem(HttpStatusCode.Forbidden, "account_suspended");
        (await this.Host.PostAsync("/admin/accounts/acme/resume", """{"reason":"paid"}""")).Expect(HttpStatusCode.OK);
        (await this.Host.PostAsync("/admin/accounts/acme/resume", """{"reason":"paid"}""")).ExpectProblem(HttpStatusCode.Conflict, "account_not_suspended");
        (await this.Host.PostAsync("/admin/accounts/acme/close", """{"reason":"gone"}""")).ExpectProblem(HttpStatusCode.Conflict, "account_not_empty");
        (await this.Host.PutAsync("/admin/accounts/acme/balance", """{"balance":0}""")).Expect(HttpStatusCode.OK);
        (await this.Host.PostAsync("/admin/accounts/acme/close", """{"reason":"gone"}""")).Expect(HttpStatusCode.OK);
        (await this.Host.PostAsync("/admin/accounts/acme/credits", """{"kind":"topup","amount":1}""")).ExpectProblem(HttpStatusCode.Forbidden, "account_closed");
    }

    [Fact]
    public async Task The_system_account_can_be_neither_suspended_nor_closed()
    {
        (await this.Host.PostAsync("/admin/accounts/system/suspend", """{"reason":"x"}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "account");
        (await this.Host.PostAsync("/admin/accounts/system/close", """{"reason":"x"}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "account");
    }

    [Fact]
    public async Task An_account_that_is_not_there_is_404_and_one_that_cannot_be_400()
    {
        (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/nobody")).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
        (await this.Host.PostAsync("/admin/accounts/nobody/credits", """{"kind":"topup","amount":1}""")).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
        (await this.Host.AdminAsync(HttpMethod.Get, "/admin/accounts/no%20body")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "account");
    }

    private Task<string> OpenAsync() => this.Host.OpenAsync("acme", "10", ""","quotas":{}""");
}
