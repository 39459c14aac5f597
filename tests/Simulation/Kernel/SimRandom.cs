namespace OrleansBilling.Simulation.Kernel;

/// <summary>SplitMix64: small, seeded, the same on every machine and in every release of the runtime.</summary>
public sealed class SimRandom(ulong seed)
{
    private ulong state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        unchecked
        {
            ulong z = this.state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A number from 0 to below <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)(this.NextBits() % (ulong)bound);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public long Between(long low, long high) => low + (long)(this.NextBits() % (ulong)(high - low + 1));

    /// <summary>True once in <paramref name="times"/> times.</summary>
    public bool OneIn(int times) => this.Below(times) == 0;

    /// <summary>One of these.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[this.Below(items.Count)];

    /// <summary>A generator of its own, so that one part's choices do not shift another's.</summary>
    public SimRandom Fork() => new(this.NextBits());
}
