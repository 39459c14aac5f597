using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

public class VerifyTests : HttpTests
{
    [Fact]
    public async Task The_charge_of_the_readme_leaves_what_the_readme_says()
    {
        string key = await this.Host.OpenAsync("acme");

        Answered answer = await this.VerifyAsync($$"""{"key":"{{key}}","model":"demo-large","inputTokens":6548,"outputTokens":108}""");

        Assert.Equal("true", answer["allowed"]);
        Assert.Equal("accepted", answer.Code);
        Assert.Equal("0.10308", answer["charged"]);
        Assert.Equal("10", answer["balanceBefore"]);
        Assert.Equal("9.89692", answer["balance"]);
        Assert.Equal("9.89692", answer["available"]);
        Assert.Equal("0.10308", answer["totalSpent"]);
        Assert.Equal("acme", answer.Member("account"));
        Assert.Equal("1", answer.Member("priceVersion"));
    }

    [Fact]
    public async Task A_charge_beyond_the_balance_is_refused_with_the_numbers()
    {
        string key = await this.Host.OpenAsync("acme");
        await this.VerifyAsync($$"""{"key":"{{key}}","amount":9.5}""");

        Answered answer = await this.VerifyAsync($$"""{"key":"{{key}}","amount":"0.500000001"}""");

        Assert.Equal("false", answer["allowed"]);
        Assert.Equal("insufficient_credit", answer.Code);
        Assert.Equal("available_credit", answer.Json.GetProperty("limit").GetProperty("name").GetString());
        Assert.Equal("0.5", answer["limit.max"]);
        Assert.Equal("0", answer["limit.used"]);
        Assert.Equal("0.500000001", answer["limit.requested"]);
        Assert.Equal("0.5", (await this.Host.GetAsync("/v1/wallet", key))["available"]);
    }

    [Theory]
    [InlineData("sk_nothing", "key_not_found")]
    [InlineData("", "-")]
    public async Task A_key_that_is_none_is_not_allowed(string key, string code)
    {
        Answered answer = await this.Host.PostAsync("/v1/verify", $$"""{"key":"{{key}}"}""");

        if (code == "-")
        {
            answer.ExpectProblem(HttpStatusCode.BadRequest, "invalid", "key");
            return;
        }

        answer.Expect(HttpStatusCode.OK);
        Assert.Equal("false", answer["allowed"]);
        Assert.Equal(code, answer.Code);
    }

    [Fact]
    public async Task A_wrong_secret_and_an_unknown_key_get_the_same_answer()
    {
        string key = await this.Host.OpenAsync("acme");
        Assert.True(ApiHost.Keys.ApiKey.TryParse(key, out ApiHost.Keys.ApiKeyParts parts));
        string wrongSecret = ApiHost.Keys.ApiKey.Join("sk_", parts.KeyId.ToString(), ApiHost.Keys.ApiKey.NewSecret());
        string unknown = ApiHost.Keys.ApiKey.Join("sk_", ApiHost.Keys.ApiKey.NewKeyId("acme"), ApiHost.Keys.ApiKey.NewSecret());

        Answered before = await this.VerifyAsync($$"""{"key":"{{wrongSecret}}"}""");
        Assert.Equal("true", (await this.VerifyAsync($$"""{"key":"{{key}}"}"""))["allowed"]);
        Answered after = await this.VerifyAsync($$"""{"key":"{{wrongSecret}}"}""");

        Assert.Equal("key_not_found", before.Code);
        Assert.Equal(before.Text, after.Text);
        Assert.Equal(before.Text, (await this.VerifyAsync($$"""{"key":"{{unknown}}"}""")).Text);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_by_the_very_next_charge()
    {
        string key = await this.Host.OpenAsync("acme");
        string keyId = (await this.VerifyAsync($$"""{"key":"{{key}}"}""")).Member("keyId");

        (await this.Host.AdminAsync(HttpMethod.Delete, $"/admin/accounts/acme/keys/{keyId}")).Expect(HttpStatusCode.OK);

        Assert.Equal("key_revoked", (await this.VerifyAsync($$"""{"key":"{{key}}"}""")).Code);
        (await this.Host.GetAsync("/v1/wallet", key)).ExpectProblem(HttpStatusCode.Forbidden, "key_revoked");
    }

    [Fact]
    public async Task A_repeat_gets_the_first_reply_and_another_body_under_its_id_422()
    {
        string key = await this.Host.OpenAsync("acme");
        string body = $$"""{"key":"{{key}}","amount":1,"requestId":"r-1"}""";

        Answered first = await this.VerifyAsync(body);
        Answered second = await this.VerifyAsync(body);
        Answered byHeader = await this.Host.PostAsync("/v1/verify", $$"""{"amount":1.0,"key":"{{key}}"}""", "r-1");

        Assert.Equal("-", first["replayed"]);
        Assert.Equal("true", second["replayed"]);
        Assert.Equal(first["charge"], second["charge"]);
        Assert.Equal(second.Text, byHeader.Text);
        (await this.Host.PostAsync("/v1/verify", $$"""{"key":"{{key}}","amount":2,"requestId":"r-1"}"""))
            .ExpectProblem((HttpStatusCode)422, "idempotency_mismatch");
        Assert.Equal("9", (await this.Host.GetAsync("/v1/wallet", key))["balance"]);
    }

    [Fact]
    public async Task An_internal_key_is_recorded_and_not_charged()
    {
        await this.Host.OpenAsync("acme", "0");
        string key = await this.Host.MakeKeyAsync("acme", """{"type":"internal"}""");

        Answered answer = await this.VerifyAsync($$"""{"key":"{{key}}","amount":5}""");

        Assert.Equal("true", answer["allowed"]);
        Assert.Equal("true", answer["internal"]);
        Assert.Equal("0", answer["charged"]);
    }

    [Fact]
    public async Task A_suspended_account_is_not_allowed()
    {
        string key = await this.Host.OpenAsync("acme");
        (await this.Host.PostAsync("/admin/accounts/acme/suspend", """{"reason":"unpaid"}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("account_suspended", (await this.VerifyAsync($$"""{"key":"{{key}}","amount":1}""")).Code);
    }

    [Fact]
    public async Task A_model_without_a_price_is_not_allowed()
    {
        string key = await this.Host.OpenAsync("acme");

        Assert.Equal("price_not_found", (await this.VerifyAsync($$"""{"key":"{{key}}","model":"unheard-of","inputTokens":1}""")).Code);
    }

    [Fact]
    public async Task A_used_up_quota_says_which_and_until_when()
    {
        string key = await this.Host.OpenAsync("acme", "10", ""","tier":"small","quotas":{"api_request":1}""");
        await this.VerifyAsync($$"""{"key":"{{key}}"}""");

        Answered answer = await this.VerifyAsync($$"""{"key":"{{key}}"}""");

        Assert.Equal("quota_exceeded", answer.Code);
        Assert.Equal("\"quota:api_request\"", answer["limit.name"]);
        Assert.Equal("1", answer["limit.max"]);
        Assert.Equal("1", answer["limit.used"]);
        Assert.EndsWith("Z\"", answer["limit.resetsAt"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Charges_at_once_never_pass_the_balance()
    {
        string key = await this.Host.OpenAsync("acme", "5");

        Answered[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => this.VerifyAsync($$"""{"key":"{{key}}","amount":0.1}""")));

        Assert.Equal(50, answers.Count(a => a.Member("allowed") == "True"));
        Assert.Equal("0", (await this.Host.GetAsync("/v1/wallet", key))["balance"]);
    }

    private async Task<Answered> VerifyAsync(string body) => (await this.Host.PostAsync("/v1/verify", body)).Expect(HttpStatusCode.OK);
}
