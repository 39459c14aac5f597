using Orleans.Concurrency;
using Orleans.Runtime.Placement;

namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>
/// Leads a grain's callers to the one silo that Orleans has chosen for it, and there to the engine. It holds no state: whatever
/// Orleans does about activations costs time at most, never money.
/// </summary>
/// <param name="host">This silo's engine.</param>
/// <param name="kind">The grain's kind.</param>
public abstract class HostedGrain(EngineOfSilo host, string kind) : Grain, IHostedGrain
{
    private GrainId id;
    private int silo;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.id = new GrainId($"{kind}/{this.GetPrimaryKeyString()}");
        this.silo = SiloNumber.Of(this.GrainContext);
        host.Enter(this.id, this.GrainContext);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        host.Leave(this.id, this.GrainContext);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<HostedAnswer> AskAsync(Immutable<byte[]> command) =>
        new(await host.AskAsync(this.id, command.Value), this.silo);

    /// <inheritdoc/>
    public async ValueTask<HostedAnswers> AskInOrderAsync(Immutable<byte[][]> commands) =>
        new(await host.AskInOrderAsync(this.id, commands.Value), this.silo);

    /// <inheritdoc/>
    public ValueTask PutAwayAsync()
    {
        this.DeactivateOnIdle();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<SiloAddress> MoveAsync()
    {
        SiloAddress here = this.GrainContext.Address.SiloAddress!;
        if (RequestContext.Get(IPlacementDirector.PlacementHintKey) is SiloAddress there && !there.Equals(here))
        {
            this.MigrateOnIdle();
        }

        return ValueTask.FromResult(here);
    }
}
