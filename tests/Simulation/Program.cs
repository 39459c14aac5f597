using System.Globalization;
using OrleansBilling.Simulation;
using OrleansBilling.Simulation.Campaigns;
using OrleansBilling.Simulation.Mutants;

const string Usage = """
    ./dev sim [--seed N] [--seeds N] [--minutes M] [--nodes K] [--ops N] [--clients N] [--accounts N] [--lanes N]
              [--without A,B] [--calm] [--rows] [--stats] [--verbose]
      --seed N      the first seed (default 1, with --minutes the time of day)
      --seeds N     how many, one after the other (default 1)
      --minutes M   as many as M minutes allow
      --ops N       calls per seed (default 10,000)
      --without A,B these do not happen: database, chaos, jumps, storms, switches, stalls, lag
      --calm        nothing goes wrong
      --rows        print the rows of a world that failed
      --stats       how often each fault and each sort of call occurred
      --verbose     a line per seed
      --golden FILE writes a world's journal to a new file; to one that is there, the snapshots of this release where it has others
      --mutants [A,B,C]
                    builds a copy with bugs made on purpose, and prints what catches each (all, or these numbers)
      --bug N       in that copy: with this bug
    """;

long? Number(string name)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? null : long.Parse(args[at + 1], CultureInfo.InvariantCulture);
}

if (args.Contains("--help"))
{
    Console.WriteLine(Usage);
    return 0;
}

long? minutes = Number("--minutes");
string? Text(string name)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? null : at + 1 < args.Length && !args[at + 1].StartsWith("--", StringComparison.Ordinal) ? args[at + 1] : "";
}

if (Text("--mutants") is { } numbers)
{
    IEnumerable<int> which = numbers.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture));
    return MutantRun.PrintTable(MutantRun.FindRoot(), which, (int)(Number("--ops") ?? 10_000)) ? 0 : 1;
}

if (Text("--catch") is { } caught)
{
    MutantRun.Catch(caught, new SimulationOptions { Seed = (ulong)(Number("--seed") ?? 1), Operations = (int)(Number("--ops") ?? 10_000) });
    return 0;
}

if (Text("--golden") is { Length: > 0 } file)
{
    GoldenJournal.Write(file, (ulong)(Number("--seed") ?? 1));
    return 0;
}

if (Number("--bug") is { } bug && !MutantBuild.Switch((int)bug))
{
    Console.Error.WriteLine("This build has no bugs made on purpose; the copy that --mutants builds has.");
    return 1;
}

SimulationOptions options = new()
{
    Operations = (int)(Number("--ops") ?? 10_000),
    Nodes = (int)(Number("--nodes") ?? 0),
    Clients = (int)(Number("--clients") ?? 0),
    Accounts = (int)(Number("--accounts") ?? 0),
    Lanes = (int)(Number("--lanes") ?? 0),
    Without = Text("--without") is { Length: > 0 } without ? Enum.Parse<Troubles>(without, ignoreCase: true) : Troubles.None,
    Faults = !args.Contains("--calm"),
};
if (args.Contains(WorldProcess.Argument))
{
    new WorldRunner(options, args.Contains("--rows")).Serve(Console.In, Console.Out);
    return 0;
}

ulong first = (ulong)(Number("--seed") ?? (minutes is null ? 1 : DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond));
Campaign campaign = new(
    options,
    first,
    minutes is null ? first + (ulong)(Number("--seeds") ?? 1) : ulong.MaxValue,
    minutes is null ? TimeSpan.MaxValue : TimeSpan.FromMinutes(minutes.Value))
{
    Verbose = args.Contains("--verbose"),
    Rows = args.Contains("--rows"),
    Stats = args.Contains("--stats"),
    Bug = (int)(Number("--bug") ?? 0),
};
return campaign.Run() ? 0 : 1;
