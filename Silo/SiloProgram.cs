using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Startup;
using OrleansBilling.ApiHost.Telemetry;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.Silo;

/// <summary>One silo: grains on the journal, reached through Orleans; over HTTP it only tells how it is.</summary>
internal static class SiloProgram
{
    private const string DefaultUrl = "http://127.0.0.1:8090";
    private const string OrleansMeter = "Microsoft.Orleans";
    private const int NotDone = 1;
    private const int WronglyAsked = 2;

    /// <summary>Runs until it is told to stop. The exit code: 0 done, 1 it could not start, 2 wrongly configured.</summary>
    /// <param name="args">Settings, as in <c>--Cluster:SiloPort=11112</c>.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false);
        builder.Logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        // A server that cannot start is told of here, in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        List<string> mistakes = [];
        BillingOptions options = BillingOptionsReader.Read(builder.Configuration, out IReadOnlyList<string> billing);
        mistakes.AddRange(billing);
        ClusterSettings cluster = ClusterSettingsReader.Read(builder.Configuration, mistakes);
        if (options.ConnectionString is null)
        {
            mistakes.Add("Billing:ConnectionString is missing: set Billing__ConnectionString to the PostgreSQL database of the journal, the same for all silos.");
        }

        foreach (string mistake in mistakes)
        {
            await Console.Error.WriteLineAsync(mistake);
        }

        if (mistakes.Count > 0)
        {
            return WronglyAsked;
        }

        await using WebApplication app = builder.Build();
        try
        {
            await ServeAsync(app, options, cluster);
            return 0;
        }
        catch (Exception e) when (e is JournalUnavailableException or JournalSetupException or JournalOccupiedException or StartException)
        {
            await Console.Error.WriteLineAsync(
                e is JournalUnavailableException
                    ? $"{e.Message}. Is PostgreSQL running there, does the database exist, and does Billing:ConnectionString name the right host, port, user and password?"
                    : e.Message);
            return NotDone;
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync($"The silo cannot listen: {e.Message} Choose another address, as in --urls=http://127.0.0.1:8091");
            return NotDone;
        }
    }

    private static async Task ServeAsync(WebApplication app, BillingOptions options, ClusterSettings cluster)
    {
        ILoggerFactory logs = app.Services.GetRequiredService<ILoggerFactory>();
        string name = cluster.SiloName ?? $"silo-{cluster.SiloPort}";
        using TelemetryExport? telemetry = TelemetryExport.Start(app.Configuration, "billing-silo", OrleansMeter);

        // Stopped in the reverse order: the silo leaves the cluster and answers what it has, the engine commits, the sessions end.
        await using JournalAndEngine parts = await JournalAndEngine.StartAsync(options, cluster, name, logs);
        await using ClusterSilo silo = await ClusterSilo.StartAsync(
            cluster with { SiloName = name }, MembershipSchema.ConnectionString(options.ConnectionString!), parts.Grains, logs);
        app.MapGet("/health/live", static () => Results.Text("live"));
        app.MapGet("/health/ready", () => parts.Grains.IsReady && !silo.IsLeaving
            ? Results.Text("ready")
            : Results.Text("The journal, its writer session or the clock is not as it has to be; the log says which.", statusCode: StatusCodes.Status503ServiceUnavailable));
        await app.StartAsync();
        await Console.Out.WriteLineAsync($"Silo {name} of cluster {cluster.ClusterId} is at {cluster.AdvertisedAddress}:{cluster.SiloPort}, for front ends at {cluster.GatewayPort}; its health at {app.Urls.First()}/health/ready");
        await Task.WhenAny(app.WaitForShutdownAsync(), silo.Stopped);
    }
}
