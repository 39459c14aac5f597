using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansBilling.ApiHost.Tests;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Hosting.Orleans.Gateways;

namespace OrleansBilling.Hosting.Orleans.Tests.Http;

/// <summary>A front end that is a client of silos, each with an engine of its own on one journal.</summary>
internal static class Silos
{
    /// <summary>Two silos in this process.</summary>
    public static Task<Topology> TwoAsync(MemoryStore store, IPrices prices) => TwoAsync(store, prices, null);

    /// <summary>Two silos in this process, with something between the client and its calls.</summary>
    /// <param name="store">The journal.</param>
    /// <param name="prices">The prices.</param>
    /// <param name="between">What sees every call of the client.</param>
    /// <param name="take">Is given the cluster.</param>
    public static async Task<Topology> TwoAsync(MemoryStore store, IPrices prices, IOutgoingGrainCallFilter? between, Action<InProcessTestCluster>? take = null)
    {
        Engine[] engines = [Topology.MakeEngine(store, prices, shared: true), Topology.MakeEngine(store, prices, shared: true)];
        EngineOfSilo[] hosts = [.. engines.Select(e => new EngineOfSilo(e))];
        foreach (Engine engine in engines)
        {
            await engine.StartAsync();
        }

        InProcessTestClusterBuilder builder = new((short)engines.Length);
        int configured = -1;
        builder.ConfigureSilo((_, silo) =>
        {
            ClusterSilo.Configure(silo);
            Steady.Configure(silo);
            silo.Services.AddSingleton(hosts[Interlocked.Increment(ref configured)]);
        });
        if (between is not null)
        {
            builder.ConfigureClient(client => client.AddOutgoingGrainCallFilter(between));
        }

        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        take?.Invoke(cluster);
        return new Topology(
            [(new OrleansGrains(new OneGateway(cluster.Client), TimeProvider.System), new OrleansCluster(new OneGateway(cluster.Client), cluster.Options.ClusterId, TimeProvider.System))], engines, cluster);
    }
}
