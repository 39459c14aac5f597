using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Keys;
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
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = DrainTime);

        // What is for people goes to stdout; the log goes to stderr.
        builder.Logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }

    /// <summary>Maps all routes.</summary>
    /// <param name="app">The server.</param>
    /// <param name="grains">The grains.</param>
    /// <param name="pepper">Proves keys.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="time">The clock.</param>
    /// <param name="transactions">Reads statements; null, on a journal that is not in PostgreSQL, leaves them out.</param>
    public static void Map(
        WebApplication app, IGrains grains, Pepper pepper, BillingOptions options, TimeProvider time, TransactionReader? transactions = null)
    {
        KeyProver prover = new(grains, pepper, app.Services.GetRequiredService<ILogger<KeyProver>>());
        Gate gate = new(grains, prover, time);
        app.Use(new ErrorGuard(app.Services.GetRequiredService<ILogger<ErrorGuard>>()).Wrap);
        new HealthRoutes(grains, time).Map(app);
        new VerifyRoute(grains, gate, prover, time).Map(app);

        RouteGroupBuilder services = app.MapGroup("/v1");
        services.AddEndpointFilter(new GateFilter(gate, Audience.Service));
        new ChargeRoutes(grains, prover, time).Map(services);
        new HoldRoutes(grains, prover, time).Map(services);

        RouteGroupBuilder customers = app.MapGroup("/v1");
        customers.AddEndpointFilter(new GateFilter(gate, Audience.Customer));
        new WalletRoutes(grains, time).Map(customers);
        if (transactions is not null)
        {
            new TransactionRoutes(transactions, time).Map(customers);
        }

        RouteGroupBuilder operators = app.MapGroup("/admin");
        operators.AddEndpointFilter(new GateFilter(gate, Audience.Admin));
        new AccountRoutes(grains, options, time).Map(operators);
        new KeyRoutes(grains, new KeyIssuer(grains, pepper), time).Map(operators);
    }
}
