using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>A front end's way into the cluster: no grain lives here.</summary>
public sealed class ClusterClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IHost host;

    private ClusterClient(IHost host)
    {
        this.host = host;
        this.Grains = new OrleansGrains(host.Services.GetRequiredService<IClusterClient>(), TimeProvider.System);
    }

    /// <summary>The cluster's grains.</summary>
    public IGrains Grains { get; }

    /// <summary>Connects; waits a while for a cluster that is just coming up.</summary>
    /// <param name="settings">The cluster.</param>
    /// <param name="membershipConnectionString">The membership table's database, Orleans' schema first in its search path.</param>
    /// <param name="logs">Where it logs.</param>
    /// <exception cref="ClusterUnreachableException">No silo could be reached.</exception>
    public static async Task<ClusterClient> ConnectAsync(ClusterSettings settings, string membershipConnectionString, ILoggerFactory logs)
    {
        long began = TimeProvider.System.GetTimestamp();
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.ClusterId, settings.ServiceId));
            client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, membershipConnectionString));
            client.Configure<ClientMessagingOptions>(static o => o.ResponseTimeout = OrleansGrains.CallTime);

            // Gateways that are gone are noticed when they break; those that are new, by looking.
            client.Configure<GatewayOptions>(static o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
            client.Configure<ConnectionOptions>(AdoNet.ConnectSoon);
            client.UseConnectionRetryFilter(async (_, ct) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
                return TimeProvider.System.GetElapsedTime(began) < Patience;
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
                $"No silo of cluster '{settings.ClusterId}' (service '{settings.ServiceId}') could be reached within {Patience.TotalSeconds:0} s: {e.Message} Start one on this database, under the same Cluster:ClusterId and Cluster:ServiceId.",
                e);
        }

        return new ClusterClient(built);
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

/// <summary>There is no cluster to be a client of; the message says what to do.</summary>
/// <param name="message">What and what to do.</param>
/// <param name="inner">What Orleans said.</param>
public sealed class ClusterUnreachableException(string message, Exception inner) : Exception(message, inner);
