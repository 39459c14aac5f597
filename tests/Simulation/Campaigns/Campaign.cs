using System.Diagnostics;

namespace OrleansBilling.Simulation.Campaigns;

/// <summary>Many seeds, on all cores; what fails is reduced and said with its seed.</summary>
/// <param name="options">What to simulate.</param>
/// <param name="first">The first seed.</param>
/// <param name="end">The seed behind the last one.</param>
/// <param name="time">No world begins after so long.</param>
internal sealed class Campaign(SimulationOptions options, ulong first, ulong end, TimeSpan time)
{
    private const int FailuresMax = 10;
    private static readonly TimeSpan Telling = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private readonly Stopwatch watch = new();
    private readonly Dictionary<Outcome, long> outcomes = [];
    private readonly Dictionary<string, (long Times, int Seeds)> counts = new(StringComparer.Ordinal);
    private readonly ulong all = end - first;
    private ulong next = first;
    private TimeSpan used;
    private long operations;
    private long rows;
    private int seeds;
    private int failures;
    private TimeSpan told;

    /// <summary>Where it says what it found.</summary>
    public TextWriter Out { get; init; } = Console.Out;

    /// <summary>Says a line per seed.</summary>
    public bool Verbose { get; init; }

    /// <summary>Says how often each fault and each sort of call occurred.</summary>
    public bool Stats { get; init; }

    /// <summary>Prints all rows of worlds that fail.</summary>
    public bool Rows { get; init; }

    /// <summary>A bug made on purpose that all worlds have, or 0.</summary>
    public int Bug { get; init; }

    private int Workers => (int)Math.Min((ulong)Environment.ProcessorCount, this.all);

    /// <summary>Runs them; true when none failed.</summary>
    public bool Run()
    {
        this.watch.Start();
        if (this.all == 1)
        {
            // One world is run here, where a debugger can look at it.
            this.Count(new WorldRunner(options, this.Rows).Run(this.next));
        }
        else
        {
            Thread[] threads = [.. Enumerable.Range(0, this.Workers).Select(_ => new Thread(this.Work))];
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
        }

        this.Out.WriteLine(this.Figures());
        this.Out.WriteLine(string.Join(", ", this.outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Key} {o.Value}")));
        if (this.Stats)
        {
            this.Out.WriteLine("| what | times | in so many worlds |\n| --- | --- | --- |");
            foreach ((string what, (long times, int worlds)) in this.counts.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                this.Out.WriteLine($"| {what} | {times} | {worlds} |");
            }
        }

        return this.failures == 0;
    }

    // A second of wall time is shared with whatever else runs; a second of a core is not. Start and compiling are in both.
    private string Figures()
    {
        using Process own = Process.GetCurrentProcess();
        TimeSpan cores = own.TotalProcessorTime + this.used;
        return $"{this.seeds} seeds, {this.operations} operations, {this.rows} rows, {this.failures} seeds failed; "
            + $"{this.operations / Math.Max(0.001, this.watch.Elapsed.TotalSeconds):0} operations/s on {this.Workers} cores, "
            + $"{this.operations / cores.TotalSeconds:0} per second of a core";
    }

    private void Work()
    {
        WorldProcess process = this.Start();
        while (this.Take() is { } seed)
        {
            if (process.Run(seed) is { } report)
            {
                this.Count(report);
                continue;
            }

            this.CountCrash(seed, process.End());
            process = this.Start();
        }

        process.End();
    }

    private ulong? Take()
    {
        lock (this.gate)
        {
            return this.next >= end || this.watch.Elapsed > time || this.failures >= FailuresMax ? null : this.next++;
        }
    }

    private WorldProcess Start()
    {
        List<string> arguments = [.. options.Arguments.Split(' ')];
        arguments.AddRange(this.Rows ? ["--rows"] : []);
        arguments.AddRange(this.Bug > 0 ? ["--bug", $"{this.Bug}"] : []);
        return WorldProcess.Start(arguments);
    }

    private void Count(WorldReport report)
    {
        lock (this.gate)
        {
            this.seeds++;
            this.operations += report.Operations;
            this.rows += report.Rows;
            this.used += TimeSpan.FromTicks(report.UsedTicks);
            foreach ((Outcome outcome, int count) in report.Outcomes)
            {
                this.outcomes[outcome] = this.outcomes.GetValueOrDefault(outcome) + count;
            }

            foreach ((string what, long count) in report.Counts)
            {
                (long times, int worlds) = this.counts.GetValueOrDefault(what);
                this.counts[what] = (times + count, worlds + 1);
            }

            if (this.Verbose)
            {
                this.Out.WriteLine($"seed {report.Seed}: {report.World}: {report.Milliseconds} ms, {report.Steps} steps, {report.Rows} rows, trace {report.Trace:x16}");
            }

            if (report.Failure is not null)
            {
                this.failures++;
                this.Out.WriteLine(report.Failure);
            }

            if (this.watch.Elapsed - this.told > Telling)
            {
                this.told = this.watch.Elapsed;
                Console.Error.WriteLine($"{this.watch.Elapsed:hh\\:mm\\:ss}: {this.Figures()}");
            }
        }
    }

    // No world may end its process.
    private void CountCrash(ulong seed, int code)
    {
        lock (this.gate)
        {
            this.seeds++;
            this.failures++;
            this.Out.WriteLine($"seed {seed}: crash: its process ended with {code}\n  the same again: ./dev sim {(options with { Seed = seed }).Arguments}\n");
        }
    }
}
