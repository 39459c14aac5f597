using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>Puts a grain on the silo whose address is its key.</summary>
[GenerateSerializer]
[Immutable]
[SuppressReferenceTracking]
internal sealed class OwnSiloPlacement : PlacementStrategy;

/// <summary>Marks grains that live on the silo whose address is their key.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OwnSiloAttribute() : PlacementAttribute(new OwnSiloPlacement());

/// <summary>Finds that silo.</summary>
internal sealed class OwnSiloDirector : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress wanted = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return context.GetCompatibleSilos(target).Contains(wanted)
            ? Task.FromResult(wanted)
            : throw new SiloUnavailableException($"Silo {wanted} is not there any more.");
    }
}
