using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.ApiHost.Telemetry;

namespace OrleansBilling.ApiHost.Tests.Telemetry;

/// <summary>What a host sends to a collector of OpenTelemetry.</summary>
public sealed class TelemetryTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_collector_gets_the_documented_metrics_and_a_trace_and_no_secret()
    {
        await using Collector collector = await Collector.StartAsync();
        string[] settings = ["OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.Address, "OTEL_SERVICE_NAME=billing-test"];
        using TelemetryExport telemetry = TelemetryExport.Start(Configuration(settings), "unnamed")!;
        string pepper = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await using PostgresHost host = await PostgresHost.StartAsync(await postgres.Server.CreateDatabaseAsync(), pepper);
        string admin = host.FirstAdminKey!;
        await host.PostAsync("/admin/accounts", """{"id":"acme","currency":"USD"}""", admin);
        string key = (await host.PostAsync("/admin/accounts/acme/keys", "{}", admin)).Member("key");
        (await host.PostAsync("/v1/verify", $$"""{"key":"{{key}}","amount":5}""", admin)).Expect(HttpStatusCode.OK);

        // A request is traced once it has ended, some time after its answer was sent.
        long began = Stopwatch.GetTimestamp();
        do
        {
            telemetry.Flush();
        }
        while (!collector.Received("/v1/traces").Contains("/v1/verify", StringComparison.Ordinal) && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2));

        string metrics = collector.Received("/v1/metrics");
        string traces = collector.Received("/v1/traces");
        foreach (string documented in await DocumentedAsync())
        {
            Assert.Contains(documented, metrics, StringComparison.Ordinal);
        }

        Assert.Contains("billing-test", metrics, StringComparison.Ordinal);
        Assert.Contains("insufficient_credit", metrics, StringComparison.Ordinal);
        Assert.Contains("/v1/verify", traces, StringComparison.Ordinal);
        foreach (string secret in new[] { admin[^40..], key[^40..], pepper })
        {
            Assert.DoesNotContain(secret, metrics, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, traces, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_a_collector_nothing_is_sent() => Assert.Null(TelemetryExport.Start(Configuration(), "x"));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=nonsense", "nonsense")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=ftp://x", "ftp://x")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "http/json")]
    public void A_wrong_setting_is_named(string setting, string value)
    {
        StartException refused = Assert.Throws<StartException>(() => TelemetryExport.Start(Configuration("OTEL_EXPORTER_OTLP_ENDPOINT=http://x", setting), "x"));

        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
        Assert.Contains(setting.Split('=')[0], refused.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Configuration(params string[] settings) =>
        new ConfigurationBuilder().AddCommandLine([.. settings.Select(s => "--" + s)]).Build();

    // The names in the table of the page are promises.
    private static async Task<string[]> DocumentedAsync()
    {
        string page = await File.ReadAllTextAsync(Path.Combine(Snapshot.Root, "docs", "telemetry.md"), TestContext.Current.CancellationToken);
        string[] names = [.. page.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('`')[1])];
        Assert.Contains("billing.calls", names, StringComparer.Ordinal);
        return names;
    }

    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, string> bodies = new(StringComparer.Ordinal);
        private readonly WebApplication server;

        private Collector(WebApplication server) => this.server = server;

        public string Address => this.server.Urls.Single();

        public static async Task<Collector> StartAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
            builder.Logging.ClearProviders();
            Collector collector = new(builder.Build());
            collector.server.MapPost("/{**path}", collector.TakeAsync);
            await collector.server.StartAsync(TestContext.Current.CancellationToken);
            return collector;
        }

        /// <summary>All that came to a path: protobuf, in which texts stand as they are.</summary>
        public string Received(string path) => this.bodies.GetValueOrDefault(path, "");

        public ValueTask DisposeAsync() => this.server.DisposeAsync();

        private async Task TakeAsync(HttpContext http)
        {
            using MemoryStream body = new();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            this.bodies.AddOrUpdate(http.Request.Path, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        }
    }
}
