using System.Collections.Concurrent;

namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// Whether to look a new request id up before its turn. Normally only ids that the filter knows are. Late repeats that it does not
/// know, as after a restart, cost a refused batch each; where they keep coming, the grain's ids are read into the filter, and until
/// that is done all ids of grains that were not read are looked up.
/// </summary>
internal sealed class RepeatForecast(RepeatFilter filter, TimeProvider time)
{
    private const int RefusalsThatTellPerSecond = 5;
    private const int RefusalsThatTellOfGrain = 3;
    private const int GrainsMax = 4096;
    private static readonly TimeSpan Attention = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> unforeseen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> read = new(StringComparer.Ordinal);
    private long windowStart;
    private int inWindow;
    private long attentiveUntil;

    /// <summary>Called with a grain whose ids are to be read into the filter; <see cref="Read"/> or <see cref="NotRead"/> tells of the end.</summary>
    public Action<GrainId>? OnOftenRepeated { get; set; }

    /// <summary>Whether to look the id up first.</summary>
    public bool ShouldLookUp(string grain, string requestId) =>
        filter.MayContain(grain, requestId) || (Volatile.Read(ref this.attentiveUntil) != 0 && this.IsAttentive() && !this.IsRead(grain));

    /// <summary>A repeat came that was not foreseen, or was found by looking everything up.</summary>
    public void Count(GrainId grain)
    {
        bool tell = false;
        lock (this.gate)
        {
            if (this.IsRead(grain.Path))
            {
                // Written by another host since: too rare to look all up again.
                return;
            }

            if (this.unforeseen.Count >= GrainsMax)
            {
                this.unforeseen.Clear();
            }

            int before = this.unforeseen.GetValueOrDefault(grain.Path);
            this.unforeseen[grain.Path] = before + 1;
            tell = before + 1 == RefusalsThatTellOfGrain;

            long now = time.GetTimestamp();
            if (time.GetElapsedTime(this.windowStart, now) > TimeSpan.FromSeconds(1))
            {
                this.windowStart = now;
                this.inWindow = 0;
            }

            if (++this.inWindow >= RefusalsThatTellPerSecond)
            {
                this.attentiveUntil = now + (long)(Attention.TotalSeconds * time.TimestampFrequency);
            }
        }

        if (tell)
        {
            this.OnOftenRepeated?.Invoke(grain);
        }
    }

    /// <summary>All ids of a grain are in the filter.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="generation">The filter's when the first of them was read: it forgets that one first.</param>
    public void Read(GrainId grain, int generation)
    {
        lock (this.gate)
        {
            if (this.read.Count >= GrainsMax)
            {
                this.read.Clear();
            }

            this.read[grain.Path] = generation;

            // Counted anew once the filter has forgotten them: then they are read again.
            this.unforeseen.Remove(grain.Path);
        }
    }

    /// <summary>A grain's ids could not be read; it is tried again after as many refusals as it took the first time.</summary>
    public void NotRead(GrainId grain)
    {
        lock (this.gate)
        {
            this.unforeseen.Remove(grain.Path);
        }
    }

    // The filter forgets the older half of what it knows each time it is full.
    private bool IsRead(string grain) => this.read.TryGetValue(grain, out int generation) && filter.Generation - generation < 2;

    private bool IsAttentive()
    {
        long until = Volatile.Read(ref this.attentiveUntil);
        if (time.GetTimestamp() < until)
        {
            return true;
        }

        // Not what a repeat has set anew meanwhile.
        Interlocked.CompareExchange(ref this.attentiveUntil, 0, until);
        return false;
    }
}
