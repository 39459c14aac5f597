using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>A front end's way into the cluster: no grain lives here.</summary>
public sealed class ClusterClient : IAsyncDisposable
{
    /// <summary>How long a cluster that is just coming up is waited for.</summary>
    public static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(30);

    private readonly IHost host;

    private ClusterClient(IHost host, string clusterId)
    {
        this.host = host;
        IClusterClient client = host.Services.GetRequiredService<IClusterClient>();
        this.Grains = new OrleansGrains(client, TimeProvider.System);
        this.Cluster = new OrleansCluster(client, clusterId, TimeProvider.System);
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
        TimeSpan limit = patience ?? UsualPatience;
        long began = TimeProvider.System.GetTimestamp();
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.ClusterId, settings.ServiceId));
            client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, membershipConnectionString));
            client.Configure<ClientMessagingOptions>(static o => o.ResponseTimeout = OrleansGrains.CallTime);

            // Gateways that are gone are noticed when they break; those that stand still, or are new, by looking. A gateway that
            // stands still holds up the calls of a third of all accounts, wherever they live.
            client.Configure<GatewayOptions>(static o => o.GatewayListRefreshPeriod = TimeSpan.FromMilliseconds(400));
            client.Configure<ConnectionOptions>(AdoNet.ConnectSoon);
            client.UseConnectionRetryFilter(async (_, ct) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
                return TimeProvider.System.GetElapsedTime(began) < limit;
            });
            if (settings.UsesTls)
            {
                client.UseTls(o => Tls.Configure(o, settings));
            }
        });
        IHost built = builder.Build();
        try
        {
            await built.StartAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            built.Dispose();
            throw new ClusterUnreachableException(
                $"No silo of cluster '{settings.ClusterId}' (service '{settings.ServiceId}') could be reached within {limit.TotalSeconds:0} s: {e.Message} Start one on this database, under the same Cluster:ClusterId and Cluster:ServiceId.",
                e);
        }

        return new ClusterClient(built, settings.ClusterId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.host.StopAsync();
        if (this.host is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else
        {
            this.host.Dispose();
        }
    }
}
