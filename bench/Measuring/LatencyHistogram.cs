using System.Diagnostics;
using System.Numerics;

namespace OrleansBilling.Bench.Measuring;

/// <summary>
/// Counts latencies in buckets that are at most 1/32 wide, without allocating. Each thread counts for itself; read it when
/// all have stopped.
/// </summary>
internal sealed class LatencyHistogram : IDisposable
{
    private const int SubBits = 5;
    private const int Sub = 1 << SubBits;

    private readonly ThreadLocal<long[]> perThread = new(() => new long[(64 - SubBits + 1) * Sub], trackAllValues: true);

    /// <summary>Counts one latency.</summary>
    /// <param name="startedTimestamp">What <see cref="Stopwatch.GetTimestamp"/> said before.</param>
    public void CountSince(long startedTimestamp) => this.Count(Stopwatch.GetTimestamp() - startedTimestamp);

    /// <summary>Counts one latency.</summary>
    /// <param name="ticks">In ticks of <see cref="Stopwatch"/>.</param>
    public void Count(long ticks) => this.perThread.Value![Bucket(ticks)]++;

    /// <summary>How many were counted.</summary>
    public long Total => this.perThread.Values.Sum(counts => counts.Sum());

    /// <summary>The latency that a share of all stayed within, in milliseconds; null when nothing was counted.</summary>
    /// <param name="share">0 to 1.</param>
    public double? PercentileMs(double share)
    {
        IList<long[]> threads = this.perThread.Values;
        long total = this.Total;
        long rank = (long)Math.Ceiling(total * share);
        long seen = 0;
        for (int bucket = 0; total > 0; bucket++)
        {
            seen += threads.Sum(counts => counts[bucket]);
            if (seen >= rank)
            {
                return Middle(bucket) * 1000.0 / Stopwatch.Frequency;
            }
        }

        return null;
    }

    /// <summary>The sample of a run.</summary>
    /// <param name="elapsed">How long it took, until the last reply.</param>
    public Sample ToSample(TimeSpan elapsed) => new(this.Total / elapsed.TotalSeconds, this.PercentileMs(0.5), this.PercentileMs(0.99));

    /// <inheritdoc/>
    public void Dispose() => this.perThread.Dispose();

    private static int Bucket(long ticks)
    {
        if (ticks < Sub)
        {
            return (int)Math.Max(ticks, 0);
        }

        int shift = BitOperations.Log2((ulong)ticks) - SubBits;
        return ((shift + 1) << SubBits) + (int)((ticks >> shift) & (Sub - 1));
    }

    private static double Middle(int bucket)
    {
        int shift = (bucket >> SubBits) - 1;
        return shift < 0 ? bucket : (double)(Sub + (bucket & (Sub - 1))) * Math.Pow(2, shift) + (Math.Pow(2, shift) / 2);
    }
}
