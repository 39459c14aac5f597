using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>Every bad input is a 4xx that names the field and changes nothing.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private TestHost host = null!;

    public async ValueTask InitializeAsync()
    {
        this.host = await TestHost.StartAsync();
        await this.host.OpenAsync("acme");
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    [Theory]
    [InlineData("""{"account":"acme","amount":1,"amuont":1}""", "unknown_field", "amuont")]
    [InlineData("""{"account":"acme","amount":1,"Amount":1}""", "unknown_field", "Amount")]
    [InlineData("""{"account":"acme","amount":1,"amount":1}""", "duplicate_field", "amount")]
    [InlineData("""{"account":"acme","amount":1,"\u0061mount":2}""", "duplicate_field", "amount")]
    [InlineData("""{"account":"acme"}""", "missing_field", "amount")]
    [InlineData("""{"amount":1}""", "missing_field", "account")]
    [InlineData("""{"account":"acme","key":"sk_x","amount":1}""", "missing_field", "account")]
    [InlineData("""{"account":"acme","amount":-1}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":-0.000000001}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":1e0}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":"1e0"}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":0.0000000001}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":1000000000.000000001}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":99999999999999999999999999}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":"1,5"}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":" 1"}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":"+1"}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":""}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":"NaN"}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":true}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":{}}""", "invalid", "amount")]
    [InlineData("""{"account":"acme","amount":[1]}""", "invalid", "amount")]
    [InlineData("""{"account":1,"amount":1}""", "invalid", "account")]
    [InlineData("""{"account":"","amount":1}""", "invalid", "account")]
    [InlineData("""{"account":"a/b","amount":1}""", "invalid", "account")]
    [InlineData("""{"account":"a\u0000b","amount":1}""", "invalid", "account")]
    [InlineData("""{"account":"acme","amount":1,"meter":"a\u0000b"}""", "invalid", "meter")]
    [InlineData("""{"account":"acme","amount":1,"meter":"a\nb"}""", "invalid", "meter")]
    [InlineData("""{"account":"acme","amount":1,"meter":"\ud800"}""", "invalid", "meter")]
    [InlineData("""{"account":"acme","amount":1,"workspace":"\udc00x"}""", "invalid", "workspace")]
    [InlineData("""{"account":"acme","amount":1,"\ud800":1}""", "unknown_field", "?")]
    [InlineData("""{"account":"acme","amount":1,"quantity":1.5}""", "invalid", "quantity")]
    [InlineData("""{"account":"acme","amount":1,"quantity":-1}""", "invalid", "quantity")]
    [InlineData("""{"account":"acme","amount":1,"quantity":"1"}""", "invalid", "quantity")]
    [InlineData("""{"account":"acme","amount":1,"quantity":9223372036854775808}""", "invalid", "quantity")]
    [InlineData("""{"account":"acme","model":"demo-large","inputTokens":-6548}""", "invalid", "inputTokens")]
    [InlineData("""{"account":"acme","model":"demo-large","outputTokens":1e3}""", "invalid", "outputTokens")]
    [InlineData("""{"account":"acme","amount":1,"status":1000}""", "invalid", "status")]
    [InlineData("""{"account":"acme","amount":1,"requestId":"~mine"}""", "invalid", "requestId")]
    [InlineData("""{"account":"acme","amount":1,"requestId":"ä"}""", "invalid", "requestId")]
    [InlineData("""{"account":"acme","amount":1,"requestId":" x"}""", "invalid", "requestId")]
    [InlineData("""{"account":"acme","amount":1,"requestId":""}""", "invalid", "requestId")]
    [InlineData("""{"account":"acme","amount":1""", "malformed_json", null)]
    [InlineData("""{"account":"acme","amount":1}x""", "malformed_json", null)]
    [InlineData("""{"account":"acme","amount":1}{}""", "malformed_json", null)]
    [InlineData("""{"account":"acme","amount":01}""", "malformed_json", null)]
    [InlineData("""{"account":"acme",/* no */"amount":1}""", "malformed_json", null)]
    [InlineData("""{"account":"acme","amount":1,}""", "malformed_json", null)]
    [InlineData("""[{"account":"acme","amount":1}]""", "invalid", null)]
    [InlineData("null", "invalid", null)]
    [InlineData("nonsense", "malformed_json", null)]
    [InlineData("", "missing_field", "account")]
    public async Task A_bad_charge_is_refused(string body, string code, string? field) => await this.RefusedAsync("POST", "/v1/charges", body, code, field);

    [Theory]
    [InlineData("POST", "/v1/verify", """{"amount":1}""", "missing_field", "key")]
    [InlineData("POST", "/admin/accounts", """{"id":"x","currency":"USD","mode":"\ud800x"}""", "invalid", "mode")]
    [InlineData("POST", "/v1/verify", """{"key":"sk_x","account":"acme"}""", "unknown_field", "account")]
    [InlineData("POST", "/v1/holds", """{"account":"acme","amount":1}""", "missing_field", "ttlSeconds")]
    [InlineData("POST", "/v1/holds", """{"account":"acme","amount":1,"ttlSeconds":0}""", "invalid", "ttlSeconds")]
    [InlineData("POST", "/v1/holds", """{"account":"acme","amount":1,"ttlSeconds":2592001}""", "invalid", "ttlSeconds")]
    [InlineData("POST", "/v1/holds/acme/1/extend", "{}", "missing_field", "ttlSeconds")]
    [InlineData("POST", "/v1/holds/acme/1/capture", "{}", "missing_field", "amount")]
    [InlineData("POST", "/v1/holds/acme/1/capture", """{"amount":1,"final":"yes"}""", "invalid", "final")]
    [InlineData("POST", "/v1/holds/acme/0/release", "{}", "invalid", "hold")]
    [InlineData("POST", "/v1/charges/acme/-1/reversals", "{}", "invalid", "charge")]
    [InlineData("POST", "/v1/charges/acme/1/reversals", """{"amount":0}""", "invalid", "amount")]
    [InlineData("POST", "/admin/accounts", """{"currency":"USD"}""", "missing_field", "id")]
    [InlineData("POST", "/admin/accounts", """{"id":"b"}""", "missing_field", "currency")]
    [InlineData("POST", "/admin/accounts", """{"id":"b","currency":"usd"}""", "invalid", "currency")]
    [InlineData("POST", "/admin/accounts", """{"id":"b","currency":"USD","zone":"Mars/Phobos"}""", "invalid", "zone")]
    [InlineData("POST", "/admin/accounts", """{"id":"b","currency":"USD","anchorDay":32}""", "invalid", "anchorDay")]
    [InlineData("POST", "/admin/accounts", """{"id":"b","currency":"USD","creditLimit":-1}""", "invalid", "creditLimit")]
    [InlineData("POST", "/admin/accounts", """{"id":"b","currency":"USD","quotas":{"x":-1}}""", "invalid", "quotas.x")]
    [InlineData("POST", "/admin/accounts", """{"id":"b","currency":"USD","quotas":{"x":1,"x":2}}""", "duplicate_field", "quotas.x")]
    [InlineData("POST", "/admin/accounts", """{"id":"b","currency":"USD","quotas":[]}""", "invalid", "quotas")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"amount":1}""", "missing_field", "kind")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"gift","amount":1}""", "invalid", "kind")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"topup"}""", "missing_field", "amount")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"topup","amount":-1}""", "invalid", "amount")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"topup","amount":0}""", "invalid", "amount")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"topup","amount":1,"priority":101}""", "invalid", "priority")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"topup","amount":1,"expiresAt":"2030-01-01"}""", "invalid", "expiresAt")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"topup","amount":1,"expiresAt":"2030-01-01T00:00:00+01:00"}""", "invalid", "expiresAt")]
    [InlineData("POST", "/admin/accounts/acme/credits", """{"kind":"topup","amount":1,"expiresAt":1893456000}""", "invalid", "expiresAt")]
    [InlineData("PUT", "/admin/accounts/acme/balance", "{}", "missing_field", "balance")]
    [InlineData("PUT", "/admin/accounts/acme/limits", """{"dailyCap":"no"}""", "invalid", "dailyCap")]
    [InlineData("PUT", "/admin/accounts/acme/tier", "{}", "missing_field", "tier")]
    [InlineData("PUT", "/admin/accounts/acme/workspaces/lab", """{"caps":{"hourly":1}}""", "unknown_field", "caps.hourly")]
    [InlineData("PUT", "/admin/accounts/acme/workspaces/lab", """{"caps":{"daily":1,"daily":1}}""", "duplicate_field", "caps.daily")]
    [InlineData("PUT", "/admin/accounts/acme/workspaces/a%01b", "{}", "invalid", "workspace")]
    [InlineData("POST", "/admin/accounts/acme/suspend", "{}", "invalid", "reason")]
    [InlineData("POST", "/admin/accounts/acme/keys", """{"prefix":"no underscore"}""", "invalid", "prefix")]
    [InlineData("POST", "/admin/accounts/acme/keys", """{"prefix":"sk_this_is_too_long_"}""", "invalid", "prefix")]
    [InlineData("POST", "/admin/accounts/acme/keys", """{"scopes":"read"}""", "invalid", "scopes")]
    [InlineData("POST", "/admin/accounts/acme/keys", """{"scopes":[1]}""", "invalid", "scopes")]
    [InlineData("POST", "/admin/accounts/acme/keys", """{"type":"free"}""", "invalid", "type")]
    [InlineData("POST", "/admin/accounts/acme/keys", """{"expiresAt":"2001-01-01T00:00:00Z"}""", "invalid", "expiresAt")]
    public async Task Any_bad_request_is_refused(string method, string path, string body, string code, string? field) =>
        await this.RefusedAsync(method, path, body, code, field);

    [Theory]
    [InlineData("meter", 64)]
    [InlineData("workspace", 64)]
    [InlineData("model", 128)]
    [InlineData("endpoint", 256)]
    [InlineData("method", 16)]
    [InlineData("session", 128)]
    [InlineData("source", 64)]
    [InlineData("outcome", 64)]
    [InlineData("requestId", 128)]
    public async Task Texts_have_a_longest_length_in_bytes(string field, int bytes)
    {
        string fits = new('x', bytes);
        (await this.host.PostAsync("/v1/charges", $$"""{"account":"acme","amount":0,"{{field}}":"{{fits}}"}""")).Expect(HttpStatusCode.OK);

        await this.RefusedAsync("POST", "/v1/charges", $$"""{"account":"acme","amount":1,"{{field}}":"{{fits}}x"}""", "invalid", field);
        await this.RefusedAsync("POST", "/v1/charges", $$"""{"account":"acme","amount":1,"{{field}}":"{{new string('x', bytes - 1)}}é"}""", "invalid", field);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData(null)]
    public async Task Another_content_type_is_415(string? contentType)
    {
        using HttpRequestMessage request = this.Charge(new ByteArrayContent("""{"account":"acme","amount":1}"""u8.ToArray()));
        request.Content!.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);

        (await this.host.SendAsync(request)).ExpectProblem(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
        await this.NothingChangedAsync();
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_refused()
    {
        byte[] body = [.. """{"account":"acme","amount":1,"meter":" """u8, 0xff, 0xfe, .. "\"}"u8];
        using HttpRequestMessage request = this.Charge(new ByteArrayContent(body));
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        Answered answer = await this.host.SendAsync(request);

        answer.Expect(HttpStatusCode.BadRequest);
        Assert.Equal("meter", answer.Field);
        await this.NothingChangedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_of_more_than_64_KiB_is_413(bool chunked)
    {
        string body = $$"""{"account":"acme","amount":1,"meter":"{{new string('x', 64 * 1024)}}"}""";
        using HttpRequestMessage request = this.Charge(new StringContent(body, Encoding.UTF8, "application/json"));
        request.Headers.TransferEncodingChunked = chunked;

        (await this.host.SendAsync(request)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        await this.NothingChangedAsync();
    }

    [Theory]
    [InlineData("~mine")]
    [InlineData("")]
    public async Task A_bad_idempotency_header_is_refused(string id)
    {
        (await this.host.PostAsync("/v1/charges", """{"account":"acme","amount":1}""", id)).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "Idempotency-Key");
        await this.NothingChangedAsync();
    }

    [Fact]
    public async Task A_header_and_a_member_that_differ_are_refused()
    {
        (await this.host.PostAsync("/v1/charges", """{"account":"acme","amount":1,"requestId":"a"}""", "b")).ExpectProblem(HttpStatusCode.BadRequest, "invalid", "Idempotency-Key");
        await this.NothingChangedAsync();
    }

    private async Task RefusedAsync(string method, string path, string body, string code, string? field)
    {
        Answered answer = await this.host.AdminAsync(new HttpMethod(method), path, body);

        answer.ExpectProblem(HttpStatusCode.BadRequest, code, field);
        Assert.NotEmpty(answer.Member("detail"));
        await this.NothingChangedAsync();
    }

    private async Task NothingChangedAsync()
    {
        Answered account = await this.host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme");
        Assert.Equal("10", account["balance"]);
        Assert.Equal("0", account["held"]);
        Assert.Equal("0", account["totalSpent"]);
        (await this.host.AdminAsync(HttpMethod.Get, "/admin/accounts/b")).ExpectProblem(HttpStatusCode.NotFound, "account_not_found");
    }

    private HttpRequestMessage Charge(HttpContent content)
    {
        HttpRequestMessage request = new(HttpMethod.Post, "/v1/charges") { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + this.host.AdminKey);
        return request;
    }
}
