using System.Globalization;
using System.Net;
using System.Text.Json;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Many verifications in one request.</summary>
public class VerifyBatchTests : HttpTests
{
    private const string Path = "/v1/verify/batch";

    [Fact]
    public async Task Each_item_has_its_own_outcome_in_the_order_of_the_items()
    {
        string acme = await this.Host.OpenAsync("acme", "10");
        string other = await this.Host.OpenAsync("other", "1");
        string items = string.Join(',',
            $$"""{"key":"{{acme}}","amount":4,"requestId":"a-1"}""", $$"""{"key":"{{other}}","amount":2}""", """{"key":"sk_nonsense"}""",
            $$"""{"key":"{{acme}}","amount":6,"requestId":"a-2"}""", $$"""{"key":"{{acme}}","amount":1,"requestId":"a-3"}""", $$"""{"key":"{{acme}}","amount":5,"requestId":"a-1"}""",
            $$"""{"key":"{{acme}}","amount":4,"requestId":"a-1"}""");

        Answered done = (await this.Host.PostAsync(Path, $$"""{"items":[{{items}}]}""")).Expect(HttpStatusCode.OK);

        Assert.Equal(
            ["accepted", "insufficient_credit", "key_not_found", "accepted", "insufficient_credit", "idempotency_mismatch", "accepted"],
            Results(done).Select(r => (r.TryGetProperty("answer", out JsonElement answer) ? answer : r.GetProperty("problem")).GetProperty("code").GetString()!),
            StringComparer.Ordinal);
        Assert.Equal([200, 200, 200, 200, 200, 422, 200], Results(done).Select(r => r.GetProperty("status").GetInt32()));
        Assert.Equal(("6", "0", "true"), (done["results.0.answer.balance"], done["results.3.answer.balance"], done["results.6.answer.replayed"]));
        Assert.Equal(("\"a-1\"", "-", "\"a-3\""), (done["results.0.requestId"], done["results.1.requestId"], done["results.4.requestId"]));
    }

    [Fact]
    public async Task Items_of_one_account_are_decided_in_their_order_beside_those_of_others()
    {
        string[] keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => this.Host.OpenAsync($"a{i}", "20")));
        string items = string.Join(',', Enumerable.Range(0, 160).Select(i => $$"""{"key":"{{keys[i % 8]}}","amount":1}"""));

        Answered done = (await this.Host.PostAsync(Path, $$"""{"items":[{{items}}]}""")).Expect(HttpStatusCode.OK);

        Assert.Equal(
            Enumerable.Range(0, 160).Select(i => (19 - (i / 8)).ToString(CultureInfo.InvariantCulture)),
            Results(done).Select(r => r.GetProperty("answer").GetProperty("balance").GetRawText()),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_repeat_of_the_whole_charges_nothing_twice()
    {
        string key = await this.Host.OpenAsync("acme", "10");
        string body = $$"""{"items":[{"key":"{{key}}","amount":1},{"key":"{{key}}","amount":2}]}""";

        Answered first = (await this.Host.PostAsync(Path, body, "batch-1")).Expect(HttpStatusCode.OK);
        Answered second = (await this.Host.PostAsync(Path, body, "batch-1")).Expect(HttpStatusCode.OK);

        Assert.Equal(("\"batch-1.0\"", "\"batch-1.1\""), (first["results.0.requestId"], first["results.1.requestId"]));
        Assert.Equal((first["results.1.answer.charge"], "true"), (second["results.1.answer.charge"], second["results.1.answer.replayed"]));
        Assert.Equal("7", (await this.Host.GetAsync("/v1/wallet", key))["balance"]);
        (await this.Host.PostAsync(Path, body, new string('x', 124))).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "Idempotency-Key");
        (await this.Host.PostAsync(Path, $$"""{"requestId":"{{new string('x', 124)}}",{{body[1..]}}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "requestId");
    }

    [Theory]
    [InlineData("""{"key":"k","amount":-1}""", "invalid", "items[1].amount")]
    [InlineData("""{"amount":1}""", "missing_field", "items[1].key")]
    [InlineData("""{"key":"k","nope":1}""", "unknown_field", "items[1].nope")]
    [InlineData("""{"key":"k","key":"k"}""", "duplicate_field", "items[1].key")]
    [InlineData("""{"key":"k","requestId":"~x"}""", "invalid", "items[1].requestId")]
    [InlineData("""{"key":"k","amount":{}}""", "invalid", "items[1].amount")]
    [InlineData("1", "invalid", "items[1]")]
    [InlineData("null", "invalid", "items[1]")]
    [InlineData("[]", "invalid", "items[1]")]
    public async Task A_mistake_in_any_item_is_named_with_its_place_and_nothing_is_decided(string item, string code, string field)
    {
        string key = await this.Host.OpenAsync("acme", "10");

        Answered refused = await this.Host.PostAsync(Path, $$"""{"items":[{"key":"{{key}}","amount":1},{{item}}]}""");

        refused.ExpectProblem(HttpStatusCode.BadRequest, code, field);
        Assert.Equal("10", (await this.Host.GetAsync("/v1/wallet", key))["balance"]);
    }

    [Fact]
    public async Task An_id_that_is_made_for_an_item_is_no_other_items()
    {
        string key = await this.Host.OpenAsync("acme", "10");

        Answered refused = await this.Host.PostAsync(
            Path, $$"""{"requestId":"w","items":[{"key":"{{key}}","amount":1,"requestId":"w.1"},{"key":"{{key}}","amount":1}]}""");

        refused.ExpectProblem(HttpStatusCode.BadRequest, "invalid", "items[1].requestId");
        Assert.Equal("10", (await this.Host.GetAsync("/v1/wallet", key))["balance"]);
    }

    [Theory]
    [InlineData("{}", "missing_field")]
    [InlineData("""{"items":null}""", "missing_field")]
    [InlineData("""{"items":[]}""", "invalid")]
    [InlineData("""{"items":{}}""", "invalid")]
    [InlineData("""{"items":[{"key":"k"}],"items":[]}""", "duplicate_field")]
    public async Task A_body_without_items_is_refused(string body, string code) =>
        (await this.Host.PostAsync(Path, body)).ExpectProblem(HttpStatusCode.BadRequest, code, "items");

    [Fact]
    public async Task There_are_1000_items_at_most_and_room_for_them()
    {
        string key = await this.Host.OpenAsync("acme", "10");
        string item = $$"""{"key":"{{key}}","amount":0.001,"session":"{{new string('s', 120)}}","endpoint":"{{new string('e', 250)}}"}""";

        Answered done = (await this.Host.PostAsync(Path, $$"""{"items":[{{string.Join(',', Enumerable.Repeat(item, 1_000))}}]}""")).Expect(HttpStatusCode.OK);

        Assert.Equal("9", done["results.999.answer.balance"]);
        (await this.Host.PostAsync(Path, $$"""{"items":[{{string.Join(',', Enumerable.Repeat(item, 1_001))}}]}""")).ExpectProblem(HttpStatusCode.BadRequest, "invalid");
        (await this.Host.PostAsync(Path, $$"""{"items":[{{new string(' ', 1024 * 1024)}}]}""")).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        (await this.Host.PostAsync("/v1/verify", $$"""{"key":"{{new string('k', 65 * 1024)}}"}""")).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    private static JsonElement.ArrayEnumerator Results(Answered done) => done.Json.GetProperty("results").EnumerateArray();
}
