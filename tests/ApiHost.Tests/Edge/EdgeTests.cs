using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansBilling.ApiHost.Tests.Edge;

/// <summary>What stands between the network and the routes.</summary>
public sealed class EdgeTests
{
    private const string Elsewhere = "203.0.113.7";

    [Fact]
    public async Task A_trusted_proxy_says_where_a_request_came_from_and_another_does_not()
    {
        await using TestHost trusting = await TestHost.StartAsync(settings: ["--Billing:Web:TrustedProxies=127.0.0.0/8,::1"]);
        await using TestHost other = await TestHost.StartAsync(settings: ["--Billing:Web:TrustedProxies:0=192.0.2.1"]);
        foreach (TestHost host in new[] { trusting, other })
        {
            await host.OpenAsync("acme");
        }

        const string only = $$"""{"addresses":["{{Elsewhere}}"]}""";
        using HttpResponseMessage forwarded = await GetAsync(trusting, "/v1/wallet", await trusting.MakeKeyAsync("acme", only), ("X-Forwarded-For", Elsewhere));
        using HttpResponseMessage chained = await GetAsync(trusting, "/v1/wallet", await trusting.MakeKeyAsync("acme", only), ("X-Forwarded-For", $"198.51.100.1, {Elsewhere}, 127.0.0.9"));
        using HttpResponseMessage claimed = await GetAsync(other, "/v1/wallet", await other.MakeKeyAsync("acme", only), ("X-Forwarded-For", Elsewhere));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Forbidden), (forwarded.StatusCode, chained.StatusCode, claimed.StatusCode));
    }

    [Fact]
    public async Task Plain_http_is_refused_where_https_is_required_but_for_load_balancers()
    {
        await using TestHost host = await TestHost.StartAsync(
            settings: ["--Billing:Web:RequireHttps=true", "--Billing:Web:HstsDays=365", "--Billing:Web:TrustedProxies=127.0.0.1"]);

        (await host.GetAsync("/v1/wallet", "sk_x")).ExpectProblem(HttpStatusCode.Forbidden, "https_required");
        (await host.GetAsync("/health/live", null)).Expect(HttpStatusCode.OK);
        using HttpResponseMessage secure = await GetAsync(host, "/v1/wallet", null, ("X-Forwarded-Proto", "https"));
        using HttpResponseMessage plain = await GetAsync(host, "/health/live", null);

        Assert.Equal((HttpStatusCode.Unauthorized, "max-age=31536000"), (secure.StatusCode, Header(secure, "Strict-Transport-Security")));
        Assert.Null(Header(plain, "Strict-Transport-Security"));
    }

    [Fact]
    public async Task Browsers_may_call_from_origins_that_are_configured_and_from_no_others()
    {
        await using TestHost host = await TestHost.StartAsync(settings: ["--Billing:Web:CorsOrigins=https://app.example.com"]);
        using HttpRequestMessage preflight = new(HttpMethod.Options, "/v1/keys");
        preflight.Headers.Add("Origin", "https://app.example.com");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,idempotency-key");

        using HttpResponseMessage allowed = await host.Client.SendAsync(preflight, TestContext.Current.CancellationToken);
        using HttpResponseMessage refused = await GetAsync(host, "/v1/wallet", null, ("Origin", "https://app.example.com"));
        using HttpResponseMessage other = await GetAsync(host, "/v1/wallet", null, ("Origin", "https://evil.example.com"));

        Assert.Equal((HttpStatusCode.NoContent, "https://app.example.com"), (allowed.StatusCode, Header(allowed, "Access-Control-Allow-Origin")));
        Assert.Contains("Idempotency-Key", Header(allowed, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);

        // A refusal, too, is to be read by the page.
        Assert.Equal("https://app.example.com", Header(refused, "Access-Control-Allow-Origin"));
        Assert.Contains("RateLimit", Header(refused, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Null(Header(other, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task An_address_without_a_good_key_is_stopped_and_a_good_key_passes_all_the_same()
    {
        await using TestHost host = await TestHost.StartAsync(settings: ["--Billing:Web:UnprovenPerMinute=5", "--Billing:Web:TrustedProxies=127.0.0.1"]);
        string key = await host.OpenAsync("acme");
        (await host.GetAsync("/v1/wallet", key)).Expect(HttpStatusCode.OK);
        for (int i = 0; i < 5; i++)
        {
            (await host.GetAsync("/v1/wallet", i % 2 == 0 ? "sk_wrong" : null)).Expect(HttpStatusCode.Unauthorized);
        }

        Answered stopped = (await host.GetAsync("/v1/wallet", "sk_wrong")).ExpectProblem(HttpStatusCode.TooManyRequests, "too_many_bad_keys");
        (await host.GetAsync("/nothing/here", null)).ExpectProblem(HttpStatusCode.TooManyRequests, "too_many_bad_keys");
        using HttpResponseMessage elsewhere = await GetAsync(host, "/v1/wallet", "sk_wrong", ("X-Forwarded-For", Elsewhere));

        Assert.InRange(stopped.RetryAfter!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
        (await host.GetAsync("/v1/wallet", key)).Expect(HttpStatusCode.OK);
        (await host.GetAsync("/health/live", null)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Https_is_served_with_a_certificate_from_the_configuration()
    {
        string folder = Directory.CreateTempSubdirectory("ob-https-").FullName;
        using ECDsa secret = ECDsa.Create();
        CertificateRequest request = new("CN=localhost", secret, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), secret.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await using TestHost host = await TestHost.StartAsync(settings:
        [
            "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0", $"--Kestrel:Endpoints:Https:Certificate:Path={folder}/cert.pem", $"--Kestrel:Endpoints:Https:Certificate:KeyPath={folder}/key.pem",
        ]);
        using SocketsHttpHandler handler = new() { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() } };
        using HttpClient client = new(handler) { BaseAddress = host.Client.BaseAddress };

        using HttpResponseMessage live = await client.GetAsync("/health/live", TestContext.Current.CancellationToken);

        Assert.Equal(("https", HttpStatusCode.OK), (client.BaseAddress!.Scheme, live.StatusCode));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Every_answer_says_how_long_it_took_and_whose_request_it_was()
    {
        await using TestHost host = await TestHost.StartAsync();
        string key = await host.OpenAsync("acme");

        using HttpResponseMessage own = await GetAsync(host, "/v1/wallet", key);
        using HttpResponseMessage refused = await GetAsync(host, "/v1/wallet", null);

        Assert.Matches(@"^\d+\.\d{3}$", Header(own, "X-Response-Time"));
        Assert.Matches(@"^\d+\.\d{3}$", Header(refused, "X-Response-Time"));
        Assert.Equal(("acme", null), (Header(own, "X-User-Id"), Header(refused, "X-User-Id")));
    }

    internal static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;

    internal static Task<HttpResponseMessage> GetAsync(TestHost host, string path, string? key, params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        foreach ((string name, string value) in key is null ? headers : [.. headers, ("X-API-Key", key)])
        {
            request.Headers.Add(name, value);
        }

        return host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
