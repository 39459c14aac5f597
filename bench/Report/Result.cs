using System.Text.Json.Serialization;
using OrleansBilling.Bench.Measuring;

namespace OrleansBilling.Bench.Report;

/// <summary>One row with all of its rounds.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="How">How it was run.</param>
/// <param name="Samples">One per round.</param>
internal sealed record Result(string Name, string How, IReadOnlyList<Sample> Samples)
{
    /// <summary>What counts.</summary>
    public Sample Median { get; } = Sample.Median(Samples);
}

/// <summary>One row in the JSON.</summary>
internal sealed record JsonRow(string Name, double? PerSecond, double? P50Ms, double? P99Ms, double? Value)
{
    /// <summary>From a result.</summary>
    public static JsonRow From(Result result)
    {
        Sample s = result.Median;
        return new JsonRow(result.Name, Round(s.PerSecond, 1), Round(s.P50Ms, 4), Round(s.P99Ms, 4), Round(s.Value, 4));
    }

    private static double? Round(double? figure, int digits) => figure is double f ? Math.Round(f, digits) : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(JsonRow[]))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
