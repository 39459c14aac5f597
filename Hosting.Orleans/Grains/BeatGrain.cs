using Orleans.Concurrency;

namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>Answers on whatever silo the caller is connected to, at once: the proof of a connection.</summary>
public interface IBeatGrain : IGrainWithIntegerKey
{
    /// <summary>Answers.</summary>
    /// <returns>The number of the silo.</returns>
    ValueTask<int> BeatAsync();
}

/// <summary>Answers where it is asked.</summary>
[GrainType("beat")]
[StatelessWorker]
[Reentrant]
public sealed class BeatGrain : Grain, IBeatGrain
{
    /// <inheritdoc/>
    public ValueTask<int> BeatAsync() => ValueTask.FromResult(SiloNumber.Of(this.GrainContext));
}
