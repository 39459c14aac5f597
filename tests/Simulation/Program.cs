using System.Diagnostics;
using System.Globalization;
using OrleansBilling.Simulation;

long Number(string name, long usual)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? usual : long.Parse(args[at + 1], CultureInfo.InvariantCulture);
}

ulong first = (ulong)Number("--seed", 1);
int seeds = (int)Number("--seeds", 1);
SimulationOptions options = new() { Operations = (int)Number("--ops", 10_000), Nodes = (int)Number("--nodes", 0), Faults = !args.Contains("--calm") };
long operations = 0;
int failed = 0;
Stopwatch watch = Stopwatch.StartNew();
Dictionary<OrleansBilling.Outcome, int> outcomes = [];
for (ulong seed = first; seed < first + (ulong)seeds; seed++)
{
    SimulationRun simulation = new(options with { Seed = seed });
    long began = Stopwatch.GetTimestamp();
    SimulationResult result = simulation.Run();
    if (args.Contains("--verbose"))
    {
        Console.WriteLine($"seed {seed}: {simulation.Scenario}: {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms, {result.Steps} steps, {result.Rows} rows");
    }

    operations += result.Operations;
    foreach ((OrleansBilling.Outcome outcome, int count) in result.Outcomes)
    {
        outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + count;
    }

    if (result.Violation is { } violation)
    {
        failed++;
        if (args.Contains("--rows"))
        {
            simulation.Print().ToList().ForEach(Console.WriteLine);
        }

        Console.WriteLine($"seed {seed} ({simulation.Scenario}), step {result.Steps}, operation {result.Operations}: {violation.Check}: {violation.Message}\n");
    }
}

double took = watch.Elapsed.TotalSeconds;
double cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
Console.WriteLine($"{seeds} seeds, {operations} operations in {took:0.0} s ({operations / took:0}/s; {operations / cpu:0} per CPU second), {failed} seeds failed");
Console.WriteLine(string.Join(", ", outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Key} {o.Value}")));
return failed == 0 ? 0 : 1;
