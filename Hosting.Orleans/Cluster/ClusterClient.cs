using Microsoft.Extensions.Logging;
using Orleans.Messaging;
using OrleansBilling.Hosting.Orleans.Gateways;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>A front end's way into the cluster: no grain lives here.</summary>
public sealed class ClusterClient : IAsyncDisposable
{
    /// <summary>How long a cluster that is just coming up is waited for.</summary>
    public static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(30);

    private readonly ClusterGateways gateways;

    private ClusterClient(ClusterGateways gateways, string clusterId)
    {
        this.gateways = gateways;
        this.Grains = new OrleansGrains(gateways, TimeProvider.System);
        this.Cluster = new OrleansCluster(gateways, clusterId, TimeProvider.System);
    }

    /// <summary>The cluster's grains.</summary>
    public IGrains Grains { get; }

    /// <summary>Its silos.</summary>
    public OrleansCluster Cluster { get; }

    /// <summary>Connects; waits a while for a cluster that is just coming up.</summary>
    /// <param name="settings">The cluster.</param>
    /// <param name="membershipConnectionString">The membership table's database, Orleans' schema first in its search path.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="patience">How long it waits; <see cref="UsualPatience"/> where none is given.</param>
    /// <exception cref="ClusterUnreachableException">No silo could be reached.</exception>
    public static async Task<ClusterClient> ConnectAsync(
        ClusterSettings settings, string membershipConnectionString, ILoggerFactory logs, TimeSpan? patience = null)
    {
        IGatewayListProvider table = await AdoNet.GatewaysAsync(settings, membershipConnectionString, logs);
        return new ClusterClient(await ClusterGateways.ConnectAsync(settings, table, logs, patience ?? UsualPatience), settings.ClusterId);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => this.gateways.DisposeAsync();
}
