using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.ApiHost.Tests;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Journal.Postgres;
using OrleansBilling.Testing;

namespace OrleansBilling.Hosting.Orleans.Tests.Cluster;

/// <summary>Silos as the executable starts them, on real ports and a real membership table, with engines on a journal in memory.</summary>
/// <param name="database">The membership table's.</param>
/// <param name="settings">What all have alike.</param>
internal sealed class RealSilos(string database, ClusterSettings settings) : IAsyncDisposable
{
    private readonly List<ClusterSilo> silos = [];
    private readonly List<Engine> engines = [];
    private readonly List<ClusterClient> clients = [];

    /// <summary>The silos, in the order of their start.</summary>
    public IReadOnlyList<ClusterSilo> All => this.silos;

    /// <summary>Starts a silo.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="store">Its journal; none makes a silo whose engine is not started, and decides nothing.</param>
    /// <param name="prices">The prices.</param>
    public async Task StartAsync(string name, MemoryStore? store = null, IPrices? prices = null)
    {
        await MembershipSchema.ApplyAsync(database, NullLogger<PostgresJournal>.Instance);
        Engine engine = Topology.MakeEngine(store ?? new MemoryStore(TimeProvider.System), prices ?? PriceTable.Empty, shared: true);
        this.engines.Add(engine);
        EngineOfSilo host = new(engine);
        if (store is not null)
        {
            await engine.StartAsync();
        }

        this.silos.Add(await ClusterSilo.StartAsync(
            settings with { SiloName = name, SiloPort = Ports.Free(), GatewayPort = Ports.Free() },
            MembershipSchema.ConnectionString(database),
            host,
            NullLoggerFactory.Instance));
    }

    /// <summary>Connects a client.</summary>
    /// <param name="different">Changes the settings of this client.</param>
    /// <param name="patience">How long it tries.</param>
    public async Task<ClusterClient> ConnectAsync(Func<ClusterSettings, ClusterSettings>? different = null, TimeSpan? patience = null)
    {
        ClusterClient client = await ClusterClient.ConnectAsync(
            different?.Invoke(settings) ?? settings, MembershipSchema.ConnectionString(database), NullLoggerFactory.Instance, patience);
        this.clients.Add(client);
        return client;
    }

    /// <summary>As what a test's front end asks.</summary>
    public async Task<Topology> AsTopologyAsync()
    {
        ClusterClient client = await this.ConnectAsync();
        return new Topology([(client.Grains, client.Cluster)], [], this);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in this.clients.Concat<IAsyncDisposable>(this.silos).Concat(this.engines))
        {
            await part.DisposeAsync();
        }
    }
}
