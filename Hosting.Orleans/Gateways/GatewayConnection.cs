using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Hosting.Orleans.Grains;

namespace OrleansBilling.Hosting.Orleans.Gateways;

/// <summary>A connection to the gateway of one silo, and the watch over it.</summary>
internal sealed class GatewayConnection : IAsyncDisposable
{
    private readonly IHost host;
    private readonly CancellationTokenSource stop = new();
    private readonly Task watch;

    private GatewayConnection(IHost host, IPEndPoint endpoint)
    {
        this.host = host;
        this.Endpoint = endpoint;
        this.Gateway = new Gateway(host.Services.GetRequiredService<IClusterClient>());
        this.watch = this.WatchAsync();
    }

    /// <summary>Where the gateway is.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>The way through it.</summary>
    public Gateway Gateway { get; }

    /// <summary>Connects, once.</summary>
    /// <param name="settings">The cluster.</param>
    /// <param name="endpoint">The gateway.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<GatewayConnection> ConnectAsync(ClusterSettings settings, IPEndPoint endpoint, ILoggerFactory logs, CancellationToken ct)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.ClusterId, settings.ServiceId));
            client.UseStaticClustering(endpoint);
            client.Configure<ClientMessagingOptions>(static o => o.ResponseTimeout = OrleansGrains.CallTime);
            client.Configure<ConnectionOptions>(AdoNet.ConnectSoon);
            if (settings.UsesTls)
            {
                client.UseTls(o => Tls.Configure(o, settings));
            }
        });
        IHost built = builder.Build();
        try
        {
            await built.StartAsync(ct);
            return new GatewayConnection(built, endpoint);
        }
        catch
        {
            built.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.stop.CancelAsync();
        await this.watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await this.host.StopAsync();
        if (this.host is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else
        {
            this.host.Dispose();
        }

        this.stop.Dispose();
    }

    /// <summary>Asks the silo whether it lives.</summary>
    public Task<int> BeatAsync() => this.Gateway.Factory.GetGrain<IBeatGrain>(0).BeatAsync().AsTask();

    private async Task WatchAsync()
    {
        GatewayWatch watching = new(this.Gateway, this.BeatAsync);
        using PeriodicTimer timer = new(GatewayWatch.LookTime);
        do
        {
            await watching.LookAsync();
        }
        while (await timer.WaitForNextTickAsync(this.stop.Token));
    }
}
