using System.Collections.Immutable;

namespace OrleansBilling.Hosting.Orleans.Gateways;

/// <summary>Chooses among the gateways that there are, by where grains were seen and by who answers.</summary>
internal sealed class KnownGateways
{
    /// <summary>How many grains' places are kept in mind, by their hash: 1 MiB. A wrong place costs a hop between silos.</summary>
    private const int Homes = 1 << 18;

    private readonly int[] homes = new int[Homes];
    private ImmutableArray<Gateway> all = [];
    private int turn;

    /// <summary>All of them; one at least before any of the methods is called.</summary>
    public ImmutableArray<Gateway> All
    {
        get => this.all;
        set => this.all = value;
    }

    /// <inheritdoc cref="IGateways.To"/>
    public Gateway To(GrainId grain)
    {
        int hash = HashOf(grain);
        ImmutableArray<Gateway> now = this.all;

        // Always the same one for a grain that is new here: it keeps in mind where it found it.
        Gateway way = Find(now, Volatile.Read(ref this.homes[hash & (Homes - 1)])) ?? now[hash % now.Length];
        return way.IsSilent ? this.Next(way) : way;
    }

    /// <inheritdoc cref="IGateways.At"/>
    public Gateway At(int silo) => Find(this.all, silo) ?? this.Next(null);

    /// <inheritdoc cref="IGateways.Next"/>
    public Gateway Next(Gateway? tried)
    {
        ImmutableArray<Gateway> now = this.all;
        int first = Interlocked.Increment(ref this.turn) & (int.MaxValue >> 1);
        Gateway? silent = null;
        for (int i = 0; i < now.Length; i++)
        {
            Gateway gateway = now[(first + i) % now.Length];
            if (gateway != tried && !gateway.IsSilent)
            {
                return gateway;
            }

            silent = gateway == tried ? silent : gateway;
        }

        // The one that was tried, where it answers; else any: this process may be the one that stood still.
        return tried is { IsSilent: false } ? tried : silent ?? tried ?? now[0];
    }

    /// <inheritdoc cref="IGateways.Learn"/>
    public void Learn(GrainId grain, int silo)
    {
        ref int home = ref this.homes[HashOf(grain) & (Homes - 1)];
        if (Volatile.Read(ref home) != silo)
        {
            Volatile.Write(ref home, silo);
        }
    }

    private static Gateway? Find(ImmutableArray<Gateway> all, int silo)
    {
        foreach (Gateway gateway in all)
        {
            if (gateway.Silo == silo)
            {
                return gateway;
            }
        }

        return null;
    }

    private static int HashOf(GrainId grain) => grain.Path.GetHashCode(StringComparison.Ordinal) & int.MaxValue;
}
