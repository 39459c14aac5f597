using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Http.Edge;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.ApiHost.OpenApi;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.ApiHost.Requests;
using OrleansBilling.ApiHost.Routes;
using OrleansBilling.Hosting;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost;

/// <summary>The web server and its routes, over whatever hosts the grains.</summary>
internal static class Frontend
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>How long requests under way may take when the host stops; a call ends within 5 s.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    /// <summary>Prepares the server: its settings, configuration and log.</summary>
    /// <param name="args">The command line.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Body.MaxBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        // Certificates are configured as for any Kestrel: Kestrel:Endpoints:…:Certificate:Path.
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (builder.Configuration["Billing:SecretsFolder"] is { Length: > 0 } secrets)
        {
            builder.Configuration.AddKeyPerFile(Path.GetFullPath(secrets), optional: true);
        }

        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]) && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        DocumentRoutes.Add(builder.Services);
        EdgePipeline.Add(builder.Services);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = DrainTime);

        // A server that cannot start is told of by whoever starts it, in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // What is for people goes to stdout; the log goes to stderr.
        builder.Logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }

    /// <summary>Maps all routes.</summary>
    /// <param name="app">The server.</param>
    /// <param name="parts">What the routes stand on.</param>
    public static void Map(WebApplication app, FrontendParts parts)
    {
        (IGrains grains, IKeyProofs proofs, Pepper pepper, BillingOptions options, TimeProvider time) = parts;
        KeyProver prover = new(proofs, pepper, parts.Hasher, new RefusalClock(time), app.Services.GetRequiredService<ILogger<KeyProver>>());
        KeyUseLog uses = parts.Uses;
        Gate gate = new(grains, prover, uses, time);
        EdgePipeline.Use(app, options.Web, prover, time);
        new HealthRoutes(parts.Probe ?? (async ct => await grains.AskAsync(GrainId.Account(Gate.SystemAccount), new GetAccount(), ct) as Denied), time).Map(app);

        new DocumentRoutes().Map(app);

        RecentDenials denials = new(time);
        ServiceDesk desk = new(grains, gate, uses, denials, time);
        new VerifyRoute(desk, prover, time).Map(app);
        new ChargeRoutes(desk, prover, time).Map(app);
        new HoldRoutes(desk, prover, parts.Prices, time).Map(app);

        RouteGroupBuilder customers = app.MapGroup("/v1");
        customers.AddEndpointFilter(new GateFilter(gate, Audience.Customer));
        KeyDesk keys = new(grains, new KeyIssuer(grains, pepper, parts.Hasher), uses, time);
        new OwnKeyRoutes(keys).Map(customers);
        new WalletRoutes(grains, time).Map(customers);
        new WorkspaceRoutes(grains, time).Map(customers);
        RouteGroupBuilder operators = app.MapGroup("/admin");
        operators.AddEndpointFilter(new GateFilter(gate, Audience.Vendor));
        new AccountRoutes(grains, options, uses, time).Map(operators);
        new KeyRoutes(keys).Map(operators);
        if (parts.Journal is { } journal)
        {
            TransactionRoutes transactions = new(journal.Transactions, time);
            transactions.MapOwn(customers);
            transactions.MapAny(operators);
            BalanceRoutes balances = new(grains, journal.History, time);
            balances.MapOwn(customers);
            balances.MapAny(operators);
            RequestRoutes requests = new(journal, parts.Prices, denials, time);
            requests.MapOwn(customers);
            requests.MapAny(operators);
            UsageRoutes usage = new(grains, journal.Usage, journal.UsageProjector, time);
            usage.MapOwn(customers);
            usage.MapAny(operators);
            new StatisticsRoutes(journal.Statistics, journal.UsageProjector, time).Map(operators);
            new DirectoryRoutes(journal.Directory, time).Map(operators);
            new AuditRoutes(journal.Audit, time).Map(operators);
            new ProfileRoutes(grains, journal.Profiles, pepper, time).Map(operators);
        }

        if (parts.Prices is { } prices)
        {
            new PricingRoutes(prices, time).Map(operators);
        }

        if (parts.Cluster is { } cluster)
        {
            FrontEndResponse self = new(Environment.MachineName, Environment.ProcessId, new Moment((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100));
            new ClusterRoutes(cluster, grains, parts.Rows!, self, time, app.Services.GetRequiredService<ILogger<ClusterRoutes>>()).Map(operators);
        }
    }
}

/// <summary>What the routes stand on.</summary>
/// <param name="Grains">The grains.</param>
/// <param name="Proofs">What is recorded of keys.</param>
/// <param name="Pepper">Proves keys.</param>
/// <param name="Options">The configuration.</param>
/// <param name="Time">The clock.</param>
internal sealed record FrontendParts(IGrains Grains, IKeyProofs Proofs, Pepper Pepper, BillingOptions Options, TimeProvider Time)
{
    /// <summary>Makes and checks the hashes of keys.</summary>
    public KeyHasher Hasher { get; init; } = new(Options.KeyHashConcurrency, Options.KeyHashQueue);

    /// <summary>Knows when keys were last used.</summary>
    public KeyUseLog Uses { get; init; } = new(null, Time);

    /// <summary>The journal's read side; null, on one that is not in PostgreSQL, leaves out what reads it.</summary>
    public PostgresJournal? Journal { get; init; }

    /// <summary>Whoever hosts the grains; null leaves the routes about that out.</summary>
    public ICluster? Cluster { get; init; }

    /// <summary>Reads grains' newest rows; there, where <see cref="Cluster"/> is.</summary>
    public LastRows? Rows { get; init; }

    /// <summary>
    /// What keeps this process from doing its part, or null. Where no probe is given, the system account is asked: for that an engine in
    /// this process takes its journal, its writer session and its clock.
    /// </summary>
    public Func<CancellationToken, ValueTask<Denied?>>? Probe { get; init; }

    /// <summary>The prices, where other hosts may have made versions that this one has not seen; otherwise null.</summary>
    public PriceBook? Prices { get; init; }
}
