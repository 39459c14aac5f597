using System.Globalization;
using OrleansBilling.Bench.Measuring;

namespace OrleansBilling.Bench.Report;

/// <summary>Prints results for people.</summary>
internal static class Table
{
    /// <summary>Prints rows and marks.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="results">The rows.</param>
    /// <param name="leftOut">Which rows are missing, and why; null where none are.</param>
    public static void Print(TextWriter output, IReadOnlyList<Result> results, string? leftOut)
    {
        output.WriteLine($"{"row",-24} {"per second",12} {"p50 ms",9} {"p99 ms",9} {"value",10}  how");
        foreach (Result row in results)
        {
            Sample s = row.Median;
            string spread = row.Samples.Count > 1 && s.PerSecond is not null
                ? $" ({Text(row.Samples.Min(x => x.PerSecond), "N0")} to {Text(row.Samples.Max(x => x.PerSecond), "N0")})" : "";
            output.WriteLine($"{row.Name,-24} {Text(s.PerSecond, "N0"),12} {Text(s.P50Ms, "F2"),9} {Text(s.P99Ms, "F2"),9} {Text(s.Value, "N2"),10}  {row.How}{spread}");
        }

        if (leftOut is not null)
        {
            output.WriteLine(leftOut);
        }

        output.WriteLine();
        Dictionary<string, Sample> byName = results.ToDictionary(r => r.Name, r => r.Median, StringComparer.Ordinal);
        foreach (Mark mark in Mark.All)
        {
            if (Figure(mark, byName) is double figure)
            {
                output.WriteLine($"{mark.What,-55} {Text(figure, "N2"),10}  {Verdict(mark, figure)}");
            }
        }
    }

    private static double? Figure(Mark mark, Dictionary<string, Sample> rows) =>
        !rows.TryGetValue(mark.Of, out Sample? of) ? null
        : mark.Kind switch
        {
            MarkKind.P99AtMost => of.P99Ms,
            MarkKind.ValueAtMost => of.Value,
            MarkKind.AtLeast => rows.TryGetValue(mark.Against!, out Sample? against) ? of.PerSecond / against.PerSecond : null,
        };

    private static string Verdict(Mark mark, double figure)
    {
        bool most = mark.Kind != MarkKind.AtLeast;
        string goal = string.Create(CultureInfo.InvariantCulture, $"mark {(most ? "≤" : "≥")} {mark.Goal:0.##}");
        return (most ? figure <= mark.Goal : figure >= mark.Goal) ? $"reached ({goal})"
            : mark.Floor is double floor && figure >= floor ? string.Create(CultureInfo.InvariantCulture, $"not reached ({goal}); over the floor of {floor:0.##}")
            : mark.Floor is double missed ? string.Create(CultureInfo.InvariantCulture, $"BELOW THE FLOOR of {missed:0.##} ({goal})")
            : $"NOT REACHED ({goal})";
    }

    private static string Text(double? figure, string format) => figure?.ToString(format, CultureInfo.InvariantCulture) ?? "–";
}
