using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

public class HoldTests : HttpTests
{
    [Fact]
    public async Task A_hold_sets_credit_aside_until_it_is_captured()
    {
        string key = await this.Host.OpenAsync("acme");

        Answered hold = await this.HoldAsync($$"""{"key":"{{key}}","amount":4,"ttlSeconds":60}""");
        Answered beyond = await this.Host.PostAsync("/v1/charges", """{"account":"acme","amount":6.5}""");
        Answered captured = (await this.Host.PostAsync(Of(hold, "capture"), """{"amount":1.25,"final":false}""")).Expect(HttpStatusCode.OK);
        Answered last = (await this.Host.PostAsync(Of(hold, "capture"), """{"amount":0.75}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("10", hold["balance"]);
        Assert.Equal("4", hold["held"]);
        Assert.Equal("6", hold["available"]);
        beyond.ExpectProblem(HttpStatusCode.PaymentRequired, "insufficient_credit");
        Assert.Equal("8.75", captured["balance"]);
        Assert.Equal("2.75", captured["remaining"]);
        Assert.Equal("false", captured["final"]);
        Assert.Equal("8", last["balance"]);
        Assert.Equal("2", last["released"]);
        Assert.Equal("0", last["held"]);
        (await this.Host.PostAsync(Of(hold, "capture"), """{"amount":1}""")).ExpectProblem(HttpStatusCode.Conflict, "hold_ended");
        (await this.Host.PostAsync(Of(hold, "release"), "")).ExpectProblem(HttpStatusCode.Conflict, "hold_ended");
    }

    [Fact]
    public async Task A_hold_is_priced_when_it_is_placed_and_when_it_is_captured()
    {
        await this.Host.OpenAsync("acme");

        Answered hold = await this.HoldAsync("""{"account":"acme","model":"demo-large","inputTokens":10000,"outputTokens":1000,"ttlSeconds":60}""");
        Answered captured = (await this.Host.PostAsync(Of(hold, "capture"), """{"model":"demo-large","inputTokens":6548,"outputTokens":108}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("0.195", hold["amount"]);
        Assert.Equal("0.10308", captured["charged"]);
        Assert.Equal("9.89692", captured["available"]);
    }

    [Fact]
    public async Task A_hold_is_released()
    {
        await this.Host.OpenAsync("acme");
        Answered hold = await this.HoldAsync("""{"account":"acme","amount":4,"ttlSeconds":60}""");

        Answered released = (await this.Host.PostAsync(Of(hold, "release"), """{"reason":"cancelled"}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("4", released["released"]);
        Assert.Equal("10", released["available"]);
    }

    [Fact]
    public async Task A_hold_is_extended()
    {
        await this.Host.OpenAsync("acme");
        Answered hold = await this.HoldAsync("""{"account":"acme","amount":4,"ttlSeconds":60}""");

        Answered extended = (await this.Host.PostAsync(Of(hold, "extend"), """{"ttlSeconds":3600}""")).Expect(HttpStatusCode.OK);

        Assert.True(extended.Json.GetProperty("expiresAt").GetDateTime() > hold.Json.GetProperty("expiresAt").GetDateTime());
    }

    [Fact]
    public async Task A_repeated_capture_captures_once()
    {
        await this.Host.OpenAsync("acme");
        Answered hold = await this.HoldAsync("""{"account":"acme","amount":4,"ttlSeconds":60,"requestId":"h"}""");

        Answered again = await this.HoldAsync("""{"account":"acme","amount":4,"ttlSeconds":60,"requestId":"h"}""");
        Answered first = (await this.Host.PostAsync(Of(hold, "capture"), """{"amount":1,"requestId":"c"}""")).Expect(HttpStatusCode.OK);
        Answered second = (await this.Host.PostAsync(Of(hold, "capture"), """{"amount":1,"requestId":"c"}""")).Expect(HttpStatusCode.OK);

        Assert.Equal(hold["hold"], again["hold"]);
        Assert.Equal("true", second["replayed"]);
        Assert.Equal(first["charge"], second["charge"]);
        Assert.Equal("9", second["balance"]);
    }

    [Fact]
    public async Task A_hold_that_is_not_there_is_404()
    {
        await this.Host.OpenAsync("acme");

        foreach ((string verb, string body) in new[] { ("extend", """{"ttlSeconds":60}"""), ("capture", """{"amount":1}"""), ("release", "{}") })
        {
            (await this.Host.PostAsync($"/v1/holds/acme/77/{verb}", body)).ExpectProblem(HttpStatusCode.NotFound, "hold_not_found");
            (await this.Host.PostAsync($"/v1/holds/nobody/77/{verb}", body)).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
            (await this.Host.PostAsync($"/v1/holds/acme/x/{verb}", body)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "hold");
        }
    }

    private static string Of(Answered hold, string verb) => $"/v1/holds/acme/{hold["hold"]}/{verb}";

    private async Task<Answered> HoldAsync(string body) => (await this.Host.PostAsync("/v1/holds", body)).Expect(HttpStatusCode.Created);
}
