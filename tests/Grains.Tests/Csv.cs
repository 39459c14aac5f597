using System.Globalization;

namespace OrleansBilling.Grains.Tests;

/// <summary>The independent tables of <c>Vectors/</c>.</summary>
internal static class Csv
{
    public static string[][] Rows(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Vectors", file));
        Assert.True(lines.Length > 1, $"{file} is empty.");
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(line => line.Split(','))];
    }

    public static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>An instant such as 2026-11-01T05:30:00Z, in nanos since the Unix epoch.</summary>
    public static long Instant(string text) =>
        (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
