using System.Globalization;

namespace OrleansBilling.Simulation.Tests;

/// <summary>The worlds by which `./dev sim --coverage` measures what of the core the simulation reaches.</summary>
public class CoverageTests
{
    /// <summary>How many worlds; the measurement asks for more than the suite needs.</summary>
    private static int Worlds =>
        int.TryParse(Environment.GetEnvironmentVariable("SIM_COVERAGE_WORLDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int worlds) ? worlds : 4;

    [Fact]
    public void Worlds_to_measure_hold()
    {
        for (int i = 0; i < Worlds; i++)
        {
            SimulationOptions options = new() { Seed = 5_000 + (ulong)i };
            Assert.Null(new SimulationRun(options).Run().Violation?.Message);
        }
    }
}
