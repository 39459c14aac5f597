using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Hosting.Orleans.Gateways;

namespace OrleansBilling.Hosting.Orleans.Tests;

/// <summary>Clusters in this process, one silo each.</summary>
/// <param name="time">Measures what callers wait.</param>
internal sealed class Clusters(TimeProvider time) : IAsyncDisposable
{
    private readonly List<InProcessTestCluster> started = [];

    /// <summary>Puts a cluster of its own before an engine.</summary>
    /// <param name="engine">The engine.</param>
    public async Task<IGrains> StartAsync(Engine engine)
    {
        InProcessTestClusterBuilder builder = new(1);
        EngineOfSilo host = new(engine);
        builder.ConfigureSilo((_, silo) =>
        {
            ClusterSilo.Configure(silo);
            Steady.Configure(silo);
            silo.Services.AddSingleton(host);
        });
        InProcessTestCluster cluster = builder.Build();
        this.started.Add(cluster);
        await cluster.DeployAsync();
        return new OrleansGrains(new OneGateway(cluster.Client), time);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (InProcessTestCluster cluster in this.started)
        {
            await cluster.DisposeAsync();
        }
    }
}
