using OrleansBilling.Simulation.Campaigns;

namespace OrleansBilling.Simulation.Tests;

/// <summary>Many worlds, each core's in a process of its own.</summary>
public class CampaignTests
{
    private static readonly SimulationOptions Short = new() { Operations = 300 };

    [Fact]
    public void Worlds_in_processes_are_the_same_as_here_and_all_are_counted()
    {
        using StringWriter said = new();

        Assert.True(new Campaign(Short, 40, 46, TimeSpan.MaxValue) { Out = said, Verbose = true }.Run());

        SimulationResult[] here = [.. Enumerable.Range(40, 6).Select(seed => new SimulationRun(Short with { Seed = (ulong)seed }).Run())];
        Assert.All(here, world => Assert.Contains($"{world.Steps} steps, {world.Rows} rows, trace {world.Trace:x16}", said.ToString(), StringComparison.Ordinal));
        Assert.Contains($"6 seeds, 1800 operations, {here.Sum(w => w.Rows)} rows, 0 seeds failed", said.ToString(), StringComparison.Ordinal);
        int accepted = here.Sum(w => w.Outcomes.GetValueOrDefault(Outcome.Accepted));
        Assert.Contains($"Accepted {accepted}", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_world_is_run_here()
    {
        using StringWriter said = new();

        Assert.True(new Campaign(Short, 40, 41, TimeSpan.MaxValue) { Out = said }.Run());

        Assert.Contains("1 seeds, 300 operations", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_world_begins_when_the_time_is_over()
    {
        using StringWriter said = new();

        Assert.True(new Campaign(Short, 40, ulong.MaxValue, TimeSpan.FromTicks(-1)) { Out = said }.Run());

        Assert.Contains("0 seeds, 0 operations", said.ToString(), StringComparison.Ordinal);
    }

    // This build has no bugs to switch on, so each of its processes says so and ends.
    [Fact]
    public void A_world_whose_process_ends_is_a_failure_with_its_seed_and_many_end_the_campaign()
    {
        using StringWriter said = new();

        Assert.False(new Campaign(Short, 40, 100, TimeSpan.MaxValue) { Out = said, Bug = 1 }.Run());

        Assert.Contains("seed 41: crash: its process ended with 1", said.ToString(), StringComparison.Ordinal);
        Assert.Contains("./dev sim --seed 41 --ops 300", said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("seed 60:", said.ToString(), StringComparison.Ordinal);
    }
}
