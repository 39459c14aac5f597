namespace OrleansBilling.Hosting;

/// <summary>A host that keeps its own grains: it can tell of itself, and put its own grains away.</summary>
/// <param name="engine">The engine.</param>
/// <param name="name">The host's name.</param>
/// <param name="shared">Whether other hosts may use the same journal; none of them is known here.</param>
/// <param name="time">The host's clock.</param>
public sealed class LocalCluster(Engine engine, string name, bool shared, TimeProvider time) : ICluster
{
    /// <summary>How long rows that are under way are waited for before a grain counts as busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly long sinceNanos = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <inheritdoc/>
    public Task<ClusterView> LookAsync(CancellationToken ct) => Task.FromResult(new ClusterView(null, !shared,
    [
        new HostView(name, null, HostStatus.Active, this.sinceNanos, new HostActivity(engine.IsReady, engine.CallsUnderWay, engine.ActivationsByKind)),
    ]));

    /// <inheritdoc/>
    public Task<string?> LocateAsync(GrainId grain, CancellationToken ct) => Task.FromResult(engine.IsInMemory(grain) ? name : null);

    /// <inheritdoc/>
    public async Task<ClusterOutcome> DeactivateAsync(GrainId grain, CancellationToken ct)
    {
        if (!engine.IsInMemory(grain))
        {
            return ClusterOutcome.NotInMemory;
        }

        long began = time.GetTimestamp();
        while (!engine.PutAway(grain))
        {
            if (time.GetElapsedTime(began) > Patience)
            {
                return ClusterOutcome.GrainBusy;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), time, ct);
        }

        return ClusterOutcome.Done;
    }

    /// <inheritdoc/>
    public Task<ClusterOutcome> MoveAsync(GrainId grain, string host, CancellationToken ct) => Task.FromResult(ClusterOutcome.NoCluster);

    /// <inheritdoc/>
    public Task<ClusterOutcome> DrainAsync(string host, CancellationToken ct) => Task.FromResult(ClusterOutcome.NoCluster);
}
