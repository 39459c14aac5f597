using System.Diagnostics;

namespace OrleansBilling.Simulation;

/// <summary>Many seeds, on all cores; what fails is reduced and said with its seed.</summary>
internal sealed class Campaign(SimulationOptions options, ulong first, ulong end, TimeSpan time)
{
    private const int FailuresMax = 10;
    private static readonly TimeSpan Telling = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private readonly Dictionary<Outcome, long> outcomes = [];
    private readonly Dictionary<string, (long Times, int Seeds)> counts = new(StringComparer.Ordinal);
    private ulong next = first;
    private long operations;
    private long rows;
    private int seeds;
    private int failures;
    private TimeSpan told;

    /// <summary>Says a line per seed.</summary>
    public bool Verbose { get; init; }

    /// <summary>Says how often each fault and each sort of call occurred.</summary>
    public bool Stats { get; init; }

    /// <summary>Prints all rows of worlds that fail.</summary>
    public bool Rows { get; init; }

    /// <summary>Runs them; true when none failed.</summary>
    public bool Run()
    {
        Stopwatch watch = Stopwatch.StartNew();
        int workers = (int)Math.Min((ulong)Environment.ProcessorCount, end - this.next);
        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(() => this.Work(watch, workers)))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Console.WriteLine(this.Figures(watch, workers));
        Console.WriteLine(string.Join(", ", this.outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Key} {o.Value}")));
        if (this.Stats)
        {
            Console.WriteLine("| what | times | in so many worlds |\n| --- | --- | --- |");
            foreach ((string what, (long times, int worlds)) in this.counts.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                Console.WriteLine($"| {what} | {times} | {worlds} |");
            }
        }

        return this.failures == 0;
    }

    private string Figures(Stopwatch watch, int workers)
    {
        using Process process = Process.GetCurrentProcess();
        // A second of wall time is shared with whatever else runs; a second of a core is not. Start and compiling are in both.
        return $"{this.seeds} seeds, {this.operations} operations, {this.rows} rows, {this.failures} seeds failed; "
            + $"{this.operations / Math.Max(0.001, watch.Elapsed.TotalSeconds):0} operations/s on {workers} threads, "
            + $"{this.operations / process.TotalProcessorTime.TotalSeconds:0} per second of a core";
    }

    private void Work(Stopwatch watch, int workers)
    {
        while (true)
        {
            ulong seed;
            lock (this.gate)
            {
                if (this.next >= end || watch.Elapsed > time || this.failures >= FailuresMax)
                {
                    return;
                }

                seed = this.next++;
            }

            // A loop that never waits cannot be ended; it can be said where it is.
            using Timer hang = new(_ => Console.Error.WriteLine($"seed {seed} has been running for a minute"), null, Telling, Telling);
            SimulationRun run = new(options with { Seed = seed });
            long began = Stopwatch.GetTimestamp();
            SimulationResult result = run.Run();
            lock (this.gate)
            {
                this.Count(result);
                if (watch.Elapsed - this.told > Telling)
                {
                    this.told = watch.Elapsed;
                    Console.Error.WriteLine($"{watch.Elapsed:hh\\:mm\\:ss}: {this.Figures(watch, workers)}");
                }
            }

            if (this.Verbose)
            {
                Console.WriteLine($"seed {seed}: {run.Scenario}: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms, {result.Steps} steps, {result.Rows} rows, trace {result.Trace:x16}");
            }

            if (result.Violation is not null)
            {
                this.Report(run, result);
            }
        }
    }

    private void Count(SimulationResult result)
    {
        this.seeds++;
        this.operations += result.Operations;
        this.rows += result.Rows;
        this.failures += result.Violation is null ? 0 : 1;
        foreach ((Outcome outcome, int count) in result.Outcomes)
        {
            this.outcomes[outcome] = this.outcomes.GetValueOrDefault(outcome) + count;
        }

        foreach ((string what, long count) in result.Counts)
        {
            (long times, int worlds) = this.counts.GetValueOrDefault(what);
            this.counts[what] = (times + count, worlds + 1);
        }
    }

    private void Report(SimulationRun run, SimulationResult result)
    {
        (SimulationOptions small, SimulationResult smallest) = new Reduction(o => new SimulationRun(o).Run()).Of(options with { Seed = result.Seed }, result);
        string text = $"seed {result.Seed}, step {result.Steps}, operation {result.Operations}: {result.Violation!.Check}: {result.Violation.Message}\n"
            + $"  in a world {run.Scenario}\n  shortest form found: ./dev sim {small.Arguments} (step {smallest.Steps}): {smallest.Violation!.Check}\n";
        lock (this.gate)
        {
            if (this.Rows)
            {
                run.Print().ToList().ForEach(Console.WriteLine);
            }

            Console.WriteLine(text);
        }
    }
}
