namespace OrleansBilling.Simulation.Tests;

/// <summary>What failed is reduced to something shorter that fails in the same way.</summary>
public class ReductionTests
{
    private static readonly SimulationOptions Whole = new() { Seed = 1 };

    [Fact]
    public void What_the_failure_does_not_need_is_left_out()
    {
        // Needs two nodes, a switch, and thirty calls.
        (SimulationOptions small, SimulationResult result) = Reduce(
            o => o.Nodes != 1 && !o.Without.HasFlag(Troubles.Switches) && o.Operations >= 30 ? ("chain", 30) : null, failedAt: 4_000);

        Assert.Equal((30, 2, 1, 1), (small.Operations, new Scenario(small).Nodes, new Scenario(small).Clients, new Scenario(small).Lanes));
        Assert.False(small.Without.HasFlag(Troubles.Switches));
        Assert.Equal("chain", result.Violation!.Check);
        Assert.Equal((0, 0, 0), (new Scenario(small).FaultEvery, new Scenario(small).ChaosNanos, new Scenario(small).JumpEvery));
    }

    // One node alone fails too, and much later: that is not smaller.
    [Fact]
    public void Nothing_longer_is_taken_for_smaller()
    {
        List<int> tried = [];
        (SimulationOptions small, _) = Reduce(
            o =>
            {
                tried.Add(o.Operations);
                int needed = o.Nodes == 1 ? 7_747 : 127;
                return o.Operations >= needed ? ("clock", needed) : null;
            },
            failedAt: 127);

        Assert.InRange(small.Operations, 1, 127);
        Assert.NotEqual(1, small.Nodes);
        Assert.All(tried, operations => Assert.InRange(operations, 1, 127));
    }

    [Fact]
    public void Another_failure_is_not_taken_for_this_one()
    {
        (SimulationOptions small, SimulationResult result) = Reduce(o => o.Operations >= 500 ? ("row", 500) : ("liveness", 1), failedAt: 900);

        Assert.Equal((500, "row"), (small.Operations, result.Violation!.Check));
    }

    [Fact]
    public void A_seed_that_fails_sooner_is_taken()
    {
        (SimulationOptions small, _) = Reduce(o => o.Operations >= (o.Seed == 17 ? 9 : 300) ? ("due", o.Seed == 17 ? 9 : 300) : null, failedAt: 300);

        Assert.Equal((17ul, 9), (small.Seed, small.Operations));
    }

    [Fact]
    public void It_ends_when_it_has_run_enough()
    {
        long operations = 0;
        Reduce(
            o =>
            {
                operations += o.Operations;
                return ("chain", o.Operations);
            },
            failedAt: 10_000,
            operationsMax: 50_000);

        // The failure itself is counted here too.
        Assert.InRange(operations, 1, 10_000 + 50_000);
    }

    private static (SimulationOptions Options, SimulationResult Result) Reduce(
        Func<SimulationOptions, (string Check, int Operations)?> world, int failedAt, long operationsMax = 1_000_000)
    {
        SimulationResult Result(SimulationOptions options) => world(options) is { } failed
            ? Ended(failed.Check, failed.Operations)
            : Ended(null, options.Operations);
        (string check, _) = world(Whole with { Operations = failedAt })!.Value;
        return new Reduction(Result, operationsMax).Of(Whole, Ended(check, failedAt));
    }

    private static SimulationResult Ended(string? check, int operations) => new(
        1, check is null ? null : new Violation(check, check), 0, operations, operations, 0, new Dictionary<Outcome, int>(), new Dictionary<string, long>(StringComparer.Ordinal));
}
