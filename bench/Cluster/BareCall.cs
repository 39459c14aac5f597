using OrleansBilling.Bench.Rows;

namespace OrleansBilling.Bench.Cluster;

/// <summary>A call to a grain that does nothing: what Orleans itself takes, and so the most that anything behind it can reach.</summary>
/// <param name="grains">Where the grains are.</param>
internal sealed class BareCall(WriteState grains) : ITarget
{
    /// <inheritdoc/>
    public Task StartAsync() => grains.StartAsync();

    /// <inheritdoc/>
    public ValueTask ChargeAsync(GrainId account) => grains.ReadAsync(account);
}
