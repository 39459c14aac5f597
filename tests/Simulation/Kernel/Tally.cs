namespace OrleansBilling.Simulation.Kernel;

/// <summary>How often each thing happened in a world, so that what is simulated can be counted and not only said.</summary>
internal sealed class Tally
{
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>What happened, and how often.</summary>
    public IReadOnlyDictionary<string, long> Counts => this.counts;

    /// <summary>It happened once more.</summary>
    public void Add(string what) => System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(this.counts, what, out _)++;
}
