using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

public class ChargeTests : HttpTests
{
    [Fact]
    public async Task A_charge_by_account_and_one_by_key_come_from_one_wallet()
    {
        string key = await this.Host.OpenAsync("acme");

        Answered byAccount = (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1,"meter":"data_access","quantity":3,"workspace":"lab"}""")).Expect(HttpStatusCode.OK);
        Answered byKey = (await this.Host.PostAsync("/v1/charges", $$"""{"key":"{{key}}","endpoint":"/v1/demo"}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("9", byAccount["balance"]);
        Assert.Equal("data_access", byAccount.Member("meter"));
        Assert.Equal("3", byAccount["quantity"]);
        Assert.Equal("lab", byAccount.Member("workspace"));
        Assert.Equal("-", byAccount["keyId"]);
        Assert.Equal("0.002", byKey["charged"]);
        Assert.Equal("8.998", byKey["balance"]);
        Assert.Equal("1.002", byKey["totalSpent"]);
        Assert.False(byKey["keyId"] == "-");
    }

    [Fact]
    public async Task A_charge_beyond_the_balance_is_402_with_the_numbers()
    {
        await this.Host.OpenAsync("acme", "1");

        Answered answer = (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1.5}"""))
            .ExpectProblem(HttpStatusCode.PaymentRequired, "insufficient_credit");

        Assert.Equal("1", answer["limit.max"]);
        Assert.Equal("1.5", answer["limit.requested"]);
    }

    [Fact]
    public async Task A_used_up_quota_is_429_and_says_when_to_come_again()
    {
        await this.Host.OpenAsync("acme", "10", ""","quotas":{"api_request":0}""");

        Answered answer = (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1}"""))
            .ExpectProblem(HttpStatusCode.TooManyRequests, "quota_exceeded");

        Assert.InRange(answer.RetryAfter ?? TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromDays(31));
        Assert.Equal("0", answer["limit.max"]);
    }

    [Fact]
    public async Task A_cap_is_402()
    {
        await this.Host.OpenAsync("acme");
        (await this.Host.PutAsync("/admin/accounts/acme/limits", """{"dailyCap":2}""")).Expect(HttpStatusCode.OK);

        Answered answer = (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":2.000000001}"""))
            .ExpectProblem(HttpStatusCode.PaymentRequired, "daily_cap_exceeded");

        Assert.Equal("2", answer["limit.max"]);
    }

    [Theory]
    [InlineData("""{"account":"nobody","amount":1}""", HttpStatusCode.NotFound, "account_not_found")]
    [InlineData("""{"account":"acme","keyId":"nokey","amount":1}""", HttpStatusCode.NotFound, "key_not_found")]
    [InlineData("""{"key":"sk_none","amount":1}""", HttpStatusCode.NotFound, "key_not_found")]
    [InlineData("""{"account":"acme","model":"unheard-of","inputTokens":1}""", HttpStatusCode.BadRequest, "price_not_found")]
    public async Task What_is_not_there_is_said(string body, HttpStatusCode status, string code)
    {
        await this.Host.OpenAsync("acme");

        (await this.Host.PostAsync("/v1/charges", body)).ExpectProblem(status, code);
    }

    [Fact]
    public async Task A_charge_is_reversed_in_parts_and_never_beyond_itself()
    {
        await this.Host.OpenAsync("acme");
        string charge = (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":4}""")).Expect(HttpStatusCode.OK)["charge"];

        Answered part = (await this.Host.PostAsync($"/v1/charges/acme/{charge}/reversals", """{"amount":1.5,"reason":"slow"}""")).Expect(HttpStatusCode.OK);
        Answered tooMuch = await this.Host.PostAsync($"/v1/charges/acme/{charge}/reversals", """{"amount":2.6}""");
        Answered rest = (await this.Host.PostAsync($"/v1/charges/acme/{charge}/reversals", "")).Expect(HttpStatusCode.OK);

        Assert.Equal("7.5", part["balance"]);
        Assert.Equal("1.5", part["reversed"]);
        tooMuch.ExpectProblem(HttpStatusCode.Conflict, "reversal_exceeds_charge");
        Assert.Equal("2.5", rest["amount"]);
        Assert.Equal("10", rest["balance"]);
        Assert.Equal("0", rest["totalSpent"]);
        (await this.Host.PostAsync("/v1/charges/acme/1/reversals", "{}")).ExpectProblem(HttpStatusCode.NotFound, "charge_not_found");
    }

    [Fact]
    public async Task A_repeat_under_one_id_charges_once()
    {
        string key = await this.Host.OpenAsync("acme");

        Answered[] answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":1}""", "once")));

        Assert.All(answers, a => a.Expect(HttpStatusCode.OK));
        Assert.Single(answers, a => a["replayed"] == "-");
        Assert.Equal("9", (await this.Host.GetAsync("/v1/wallet", key))["balance"]);
        (await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":2}""", "once")).ExpectProblem((HttpStatusCode)422, "idempotency_mismatch");
    }
}
