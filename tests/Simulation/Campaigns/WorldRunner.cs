using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansBilling.Simulation.Campaigns;

/// <summary>Runs one world after another, in this process.</summary>
/// <param name="options">What to simulate; each world has its own seed.</param>
/// <param name="rows">Prints all rows of worlds that fail.</param>
internal sealed class WorldRunner(SimulationOptions options, bool rows)
{
    private static readonly TimeSpan Telling = TimeSpan.FromMinutes(1);

    /// <summary>Reads a seed from each line and answers each with the report of its world in one, until there are no more.</summary>
    public void Serve(TextReader seeds, TextWriter reports)
    {
        TimeSpan before = TimeSpan.Zero;
        while (seeds.ReadLine() is { } line)
        {
            WorldReport report = this.Run(ulong.Parse(line, CultureInfo.InvariantCulture));

            // Nothing of a world is alive when it has ended: now there is little to look at, in the middle of one there is much.
            GC.Collect(1, GCCollectionMode.Forced, blocking: true);
            TimeSpan used = Environment.CpuUsage.TotalTime;
            reports.WriteLine(JsonSerializer.Serialize(report with { UsedTicks = (used - before).Ticks }, WorldReportJson.Default.WorldReport));
            reports.Flush();
            before = used;
        }
    }

    /// <summary>Runs one world; a failure is reduced.</summary>
    // Not a part of its caller, whose frame would keep the world.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public WorldReport Run(ulong seed)
    {
        // A loop that never waits cannot be ended; it can be said where it is.
        using Timer hang = new(_ => Console.Error.WriteLine($"seed {seed} has been running for a minute"), null, Telling, Telling);
        SimulationRun run = new(options with { Seed = seed });
        long began = Stopwatch.GetTimestamp();
        SimulationResult result = run.Run();
        return new WorldReport
        {
            Seed = seed,
            World = run.Scenario.ToString(),
            Operations = result.Operations,
            Steps = result.Steps,
            Rows = result.Rows,
            Trace = result.Trace,
            Milliseconds = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds,
            Outcomes = result.Outcomes,
            Counts = result.Counts,
            Failure = result.Violation is null ? null : this.Describe(run, result),
        };
    }

    private string Describe(SimulationRun run, SimulationResult result)
    {
        (SimulationOptions small, SimulationResult smallest) = new Reduction(o => new SimulationRun(o).Run()).Of(options with { Seed = result.Seed }, result);
        string all = rows ? string.Join('\n', run.Print()) + "\n" : "";
        return $"{all}seed {result.Seed}, step {result.Steps}, operation {result.Operations}: {result.Violation!.Check}: {result.Violation.Message}\n"
            + $"  in a world {run.Scenario}\n  shortest form found: ./dev sim {small.Arguments} (step {smallest.Steps}): {smallest.Violation!.Check}\n";
    }
}
