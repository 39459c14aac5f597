using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace OrleansBilling.ApiHost.Tests.Edge;

/// <summary>Rates and quotas in headers.</summary>
public sealed class RateHeaderTests : HttpTests
{
    [Fact]
    public async Task A_verification_tells_of_every_rate_and_quota_and_of_the_one_that_ends_first()
    {
        await this.Host.OpenAsync("acme", more: ""","quotas":{"api_request":100,"café":null}""");
        string key = await this.Host.MakeKeyAsync("acme", """{"rates":{"perMinute":3,"perDay":50}}""");

        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using HttpResponseMessage first = await this.VerifyAsync(key);

        Assert.Equal("\"key_rate_minute\";q=3;w=60, \"key_rate_day\";q=50, \"quota:api_request\";q=100", EdgeTests.Header(first, "RateLimit-Policy"));
        Assert.Matches("^\"key_rate_minute\";r=2;t=\\d+, \"key_rate_day\";r=49;t=\\d+, \"quota:api_request\";r=99;t=\\d+$", EdgeTests.Header(first, "RateLimit"));
        Assert.Equal(("3", "1", "2"), (EdgeTests.Header(first, "X-RateLimit-Limit"), EdgeTests.Header(first, "X-RateLimit-Used"), EdgeTests.Header(first, "X-RateLimit-Remaining")));
        long reset = long.Parse(EdgeTests.Header(first, "X-RateLimit-Reset")!, CultureInfo.InvariantCulture);
        Assert.InRange(reset, before, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 61);
        Assert.Equal("acme", EdgeTests.Header(first, "X-User-Id"));
    }

    [Fact]
    public async Task A_refusal_tells_of_the_limit_that_refused()
    {
        await this.Host.OpenAsync("acme");
        string key = await this.Host.MakeKeyAsync("acme", """{"rates":{"perMinute":1}}""");
        (await this.VerifyAsync(key)).Dispose();

        using HttpResponseMessage second = await this.VerifyAsync(key);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Matches("^\"key_rate_minute\";r=0;t=\\d+$", EdgeTests.Header(second, "RateLimit"));
        Assert.Equal("0", EdgeTests.Header(second, "X-RateLimit-Remaining"));
    }

    [Fact]
    public async Task Without_a_rate_or_quota_nothing_is_told()
    {
        await this.Host.OpenAsync("acme");
        using HttpResponseMessage answer = await this.VerifyAsync(await this.Host.MakeKeyAsync("acme", """{"caps":{"daily":5}}"""));

        Assert.Null(EdgeTests.Header(answer, "RateLimit"));
        Assert.Null(EdgeTests.Header(answer, "X-RateLimit-Limit"));
    }

    private Task<HttpResponseMessage> VerifyAsync(string key)
    {
        HttpRequestMessage request = new(HttpMethod.Post, "/v1/verify") { Content = new StringContent($$"""{"key":"{{key}}"}""", new MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("X-API-Key", this.Host.AdminKey);
        return this.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
