namespace OrleansBilling.Hosting.Orleans.Gateways;

/// <summary>The only way there is: within a silo's own process, or by an Orleans client that chooses among silos itself.</summary>
/// <param name="factory">Orleans' client.</param>
public sealed class OneGateway(IGrainFactory factory) : IGateways
{
    private readonly Gateway gateway = new(factory);

    /// <inheritdoc/>
    public Gateway To(GrainId grain) => this.gateway;

    /// <inheritdoc/>
    public Gateway At(int silo) => this.gateway;

    /// <inheritdoc/>
    public Gateway Next(Gateway? tried = null) => this.gateway;

    /// <inheritdoc/>
    public void Learn(GrainId grain, int silo)
    {
        // All grains are reached the same way.
    }

    /// <inheritdoc/>
    public Task<bool> IsConnectedAsync(TimeSpan patience, CancellationToken ct) => Task.FromResult(true);
}
