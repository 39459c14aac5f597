using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// The activations in memory, at most as many as configured: a clock hand passes over them and puts away those not used since it
/// came by last and with nothing pending.
/// </summary>
internal sealed class ActivationDirectory(int capacity)
{
    private readonly ConcurrentDictionary<string, Activation> byPath = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly List<Activation?> slots = [];
    private readonly Stack<int> free = new();
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private int hand;
    private int tick;

    /// <summary>Told of each grain that is put away for want of room or use.</summary>
    public Action<GrainId> OnPutAway { get; init; } = static _ => { };

    /// <summary>How many there are.</summary>
    public int Count => this.byPath.Count;

    /// <summary>How many there are of a kind.</summary>
    public int CountOf(string kind)
    {
        lock (this.gate)
        {
            return this.counts.GetValueOrDefault(kind);
        }
    }

    /// <summary>Whether a grain has an activation; asking does not count as use.</summary>
    public bool Contains(string path) => this.byPath.ContainsKey(path);

    /// <summary>The present tick, advanced by <see cref="Tick"/>; activations remember the one they were used in.</summary>
    public int Now => Volatile.Read(ref this.tick);

    /// <summary>The activation of a grain, or null.</summary>
    public Activation? Find(string path)
    {
        if (!this.byPath.TryGetValue(path, out Activation? activation))
        {
            return null;
        }

        activation.UsedTick = this.Now;
        activation.Used = true;
        return activation;
    }

    /// <summary>Takes a new activation in, putting others away when there are too many. The grain must not be in it.</summary>
    public void Add(Activation activation)
    {
        lock (this.gate)
        {
            if (!this.byPath.TryAdd(activation.Id.Path, activation))
            {
                throw new InvalidOperationException($"{activation.Id} is active already.");
            }

            activation.UsedTick = this.Now;
            CollectionsMarshal.GetValueRefOrAddDefault(this.counts, activation.KindName, out _)++;
            if (!this.free.TryPop(out int slot))
            {
                slot = this.slots.Count;
                this.slots.Add(null);
            }

            this.slots[slot] = activation;
            activation.Slot = slot;
            for (int tries = 0; this.byPath.Count > capacity && tries < 64; tries++)
            {
                this.EvictAtHand(activation);
            }
        }
    }

    /// <summary>Removes an activation that is dropped.</summary>
    public void Remove(Activation activation)
    {
        lock (this.gate)
        {
            if (this.byPath.TryRemove(KeyValuePair.Create(activation.Id.Path, activation)))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(this.counts, activation.KindName, out _)--;
                this.slots[activation.Slot] = null;
                this.free.Push(activation.Slot);
            }
        }
    }

    /// <summary>Advances the tick, puts away what was not used for <paramref name="idleTicks"/>.</summary>
    public void Tick(int idleTicks)
    {
        int now = Interlocked.Increment(ref this.tick);
        foreach (Activation activation in this.Snapshot())
        {
            if (now - activation.UsedTick > idleTicks && activation.TryPutAway())
            {
                this.Remove(activation);
                this.OnPutAway(activation.Id);
            }
        }
    }

    /// <summary>All activations, in the order of their slots.</summary>
    public List<Activation> Snapshot()
    {
        lock (this.gate)
        {
            return [.. this.slots.OfType<Activation>()];
        }
    }

    private void EvictAtHand(Activation newcomer)
    {
        this.hand = (this.hand + 1) % this.slots.Count;
        Activation? candidate = this.slots[this.hand];
        if (candidate is null || ReferenceEquals(candidate, newcomer))
        {
            return;
        }

        if (candidate.Used)
        {
            candidate.Used = false;
        }
        else if (candidate.TryPutAway())
        {
            this.Remove(candidate);
            this.OnPutAway(candidate.Id);
        }
    }
}
