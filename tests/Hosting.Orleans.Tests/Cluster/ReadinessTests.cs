using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBilling.ApiHost;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.ApiHost.Tests;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Testing;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Cluster;

/// <summary>A front end is ready by what it needs itself: its database, and some silo. Not by what becomes of any one account.</summary>
public sealed class ReadinessTests
{
    [Fact]
    public async Task A_front_end_is_ready_while_no_account_answers_and_not_without_its_database()
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync();
        await using Started started = await Started.StartAsync(await postgres.CreateDatabaseAsync());

        Reply system = await started.Backend.Grains.AskAsync(GrainId.Account("system"), new Account.GetAccount(), TestContext.Current.CancellationToken);
        Assert.Equal(Outcome.Stopping, system.Outcome);
        Assert.Equal("ready", (await started.ReadyAsync()).Expect(HttpStatusCode.OK).Member("status"));

        await postgres.StopAsync();
        Assert.NotNull((await started.ReadyAsync()).ExpectProblem(HttpStatusCode.ServiceUnavailable, "unavailable").RetryAfter);

        // A silo without its membership table takes its time to leave.
        await postgres.StartAgainAsync();
    }

    [Fact]
    public async Task A_front_end_is_not_ready_without_a_silo()
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync();
        await using Started started = await Started.StartAsync(await postgres.CreateDatabaseAsync());

        await started.Silos.All[0].DisposeAsync();

        (await started.ReadyAsync()).ExpectProblem(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    // The whole front end as it is started, and one silo, whose engine is not started: every account is refused there.
    private sealed class Started(WebApplication app, Backend backend, RealSilos silos) : IAsyncDisposable
    {
        private readonly HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };

        public Backend Backend => backend;

        public RealSilos Silos => silos;

        public static async Task<Started> StartAsync(string database)
        {
            RealSilos silos = new(database, new ClusterSettings());
            await silos.StartAsync("silo-1");
            WebApplicationBuilder builder = Frontend.CreateBuilder(
            [
                "--urls=http://127.0.0.1:0", "--Billing:Engine=orleans", "--Billing:ConnectionString=" + database,
                "--Billing:Pepper=" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ]);
            builder.Logging.ClearProviders();
            WebApplication app = builder.Build();
            BillingOptions options = BillingOptionsReader.Read(app.Configuration, out _);
            Backend backend = await Backend.StartAsync(options, app.Configuration, app.Services.GetRequiredService<ILoggerFactory>());
            Frontend.Map(app, backend.FrontendParts(options));
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new Started(app, backend, silos);
        }

        public Task<Answered> ReadyAsync() => Answered.SendAsync(this.client, HttpMethod.Get, "/health/ready", null, null);

        public async ValueTask DisposeAsync()
        {
            this.client.Dispose();
            await app.DisposeAsync();
            await backend.DisposeAsync();
            await silos.DisposeAsync();
        }
    }
}
