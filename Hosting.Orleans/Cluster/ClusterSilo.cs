using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using OrleansBilling.Hosting.Orleans.Grains;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>This process's silo.</summary>
public sealed class ClusterSilo : IAsyncDisposable
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);

    private readonly IHost host;

    private readonly IHostApplicationLifetime lifetime;

    private ClusterSilo(IHost host)
    {
        this.host = host;
        this.lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();

        // Who is told to leave (SiloGrain) leaves, whether anybody here waits for it or not.
        this.Stopped = host.WaitForShutdownAsync();
    }

    /// <summary>Whether it has been told to leave, or has left.</summary>
    public bool IsLeaving => this.lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Completes when the silo has stopped, for whatever reason.</summary>
    public Task Stopped { get; }

    /// <summary>Joins the cluster.</summary>
    /// <param name="settings">The cluster.</param>
    /// <param name="membershipConnectionString">The membership table's database, Orleans' schema first in its search path.</param>
    /// <param name="engine">The engine that its grains lead to, started.</param>
    /// <param name="logs">Where it logs.</param>
    public static async Task<ClusterSilo> StartAsync(
        ClusterSettings settings, string membershipConnectionString, EngineOfSilo engine, ILoggerFactory logs)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(engine);
        builder.Services.Configure<HostOptions>(static o => o.ShutdownTimeout = LeaveTime);

        // Signals are the executable's: it stops the silo first, and only then the engine.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        IPAddress address = await AddressOfAsync(settings.AdvertisedAddress);
        builder.UseOrleans(silo =>
        {
            Configure(silo);
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.ClusterId, settings.ServiceId));
            silo.ConfigureEndpoints(address, settings.SiloPort, settings.GatewayPort, settings.ListenOnAnyAddress);
            silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, membershipConnectionString));
            silo.Configure<GrainCollectionOptions>(o =>
            {
                o.CollectionAge = settings.CollectionAge;
                o.CollectionQuantum = TimeSpan.FromMinutes(1);
            });
            if (settings.SiloName is { } name)
            {
                silo.Configure<SiloOptions>(o => o.SiloName = name);
            }

            if (settings.UsesTls)
            {
                silo.UseTls(o => Tls.Configure(o, settings));
            }
        });
        IHost built = builder.Build();
        await built.StartAsync();
        return new ClusterSilo(built);
    }

    /// <summary>What every silo of ours has, that of a test too.</summary>
    /// <param name="silo">The silo.</param>
    public static void Configure(ISiloBuilder silo)
    {
        silo.Configure<ClusterMembershipOptions>(Membership.Configure);
        silo.Configure<SiloMessagingOptions>(static o =>
        {
            o.ResponseTimeout = OrleansGrains.CallTime;
            o.SystemResponseTimeout = OrleansGrains.CallTime;
        });
        silo.Configure<ConnectionOptions>(AdoNet.ConnectSoon);
        silo.AddPlacementDirector<OwnSiloPlacement, OwnSiloDirector>();
    }

    /// <summary>Leaves the cluster: grains are taken elsewhere, their snapshots written.</summary>
    public async ValueTask DisposeAsync()
    {
        await this.host.StopAsync();
        switch (this.host)
        {
            case IAsyncDisposable asynchronous:
                await asynchronous.DisposeAsync();
                break;
            default:
                this.host.Dispose();
                break;
        }
    }

    private static async Task<IPAddress> AddressOfAsync(string text) =>
        IPAddress.TryParse(text, out IPAddress? address) ? address : (await Dns.GetHostAddressesAsync(text))[0];
}
