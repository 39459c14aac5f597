using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansBilling.ApiHost.Tests;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Hosting.Orleans.Cluster;

namespace OrleansBilling.Hosting.Orleans.Tests.Http;

/// <summary>A front end that is a client of silos, each with an engine of its own on one journal.</summary>
internal static class Silos
{
    /// <summary>Two silos in this process.</summary>
    public static async Task<Topology> TwoAsync(MemoryStore store, IPrices prices)
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
            silo.Services.AddSingleton(hosts[Interlocked.Increment(ref configured)]);
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return new Topology(
            [(new OrleansGrains(cluster.Client, TimeProvider.System), new OrleansCluster(cluster.Client, cluster.Options.ClusterId, TimeProvider.System))], engines, cluster);
    }
}
