using System.Globalization;
using OrleansBilling.Account;
using OrleansBilling.Simulation.Audit;

namespace OrleansBilling.Simulation.Tests;

public class ZoneTests
{
    [Fact]
    public void The_auditors_windows_are_those_of_the_independent_table()
    {
        Zones zones = new();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", "windows.csv")).Skip(1))
        {
            string[] cells = line.Split(',');
            long[] at = [.. cells.Skip(2).Select(Nanos)];
            Assert.Equal((line, new Window(at[1], at[2])), (line, zones.Day(cells[0], at[0])));
            Assert.Equal((line, new Window(at[3], at[4])), (line, zones.Month(cells[0], int.Parse(cells[1], CultureInfo.InvariantCulture), at[0])));
        }
    }

    private static long Nanos(string text) =>
        (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
