namespace OrleansBilling.Bench.Measuring;

/// <summary>What one row showed in one round. What a row does not have is null.</summary>
/// <param name="PerSecond">Operations that were acknowledged, per second.</param>
/// <param name="P50Ms">The median latency, in milliseconds.</param>
/// <param name="P99Ms">The 99th percentile of latency, in milliseconds.</param>
/// <param name="Value">The figure of a row that is no rate.</param>
internal sealed record Sample(double? PerSecond, double? P50Ms, double? P99Ms, double? Value = null)
{
    /// <summary>CPU that this process took per operation, in microseconds, where the operations were its own.</summary>
    public double? CpuMicros { get; init; }

    /// <summary>The median of every figure by itself.</summary>
    public static Sample Median(IReadOnlyList<Sample> samples) =>
        new(Middle(samples, s => s.PerSecond), Middle(samples, s => s.P50Ms), Middle(samples, s => s.P99Ms), Middle(samples, s => s.Value));

    private static double? Middle(IReadOnlyList<Sample> samples, Func<Sample, double?> figure)
    {
        List<double> sorted = [.. samples.Select(figure).OfType<double>().Order()];
        int half = sorted.Count / 2;
        return sorted.Count == 0 ? null : sorted.Count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
