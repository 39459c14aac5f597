using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansBilling.Bench.Http;

namespace OrleansBilling.Bench.Cluster;

/// <summary>A cluster of one silo in this process, and its client there: calls never leave memory.</summary>
internal sealed class LocalSilo : IAsyncDisposable
{
    private readonly IHost host;

    private LocalSilo(IHost host) => this.host = host;

    /// <summary>Asks its grains.</summary>
    public IClusterClient Client => this.host.Services.GetRequiredService<IClusterClient>();

    /// <summary>Starts it.</summary>
    /// <param name="configure">What else it has.</param>
    public static async Task<LocalSilo> StartAsync(Action<ISiloBuilder> configure)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort.Take(), FreePort.Take());
            configure(silo);
        });
        IHost built = builder.Build();
        await built.StartAsync();
        return new LocalSilo(built);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.host.StopAsync();
        this.host.Dispose();
    }
}
