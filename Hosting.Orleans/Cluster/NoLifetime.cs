using Microsoft.Extensions.Hosting;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>Listens to no signal: the executable does, and stops things in their order.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
