using System.Globalization;
using OrleansBilling.Simulation;

const string Usage = """
    ./dev sim [--seed N] [--seeds N] [--minutes M] [--nodes K] [--ops N] [--clients N] [--calm] [--rows] [--verbose]
      --seed N      the first seed (default 1, with --minutes the time of day)
      --seeds N     how many, one after the other (default 1)
      --minutes M   as many as M minutes allow
      --ops N       calls per seed (default 10,000)
      --calm        nothing goes wrong
      --rows        print the rows of a world that failed
      --verbose     a line per seed
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
ulong first = (ulong)(Number("--seed") ?? (minutes is null ? 1 : DateTime.UtcNow.Ticks / TimeSpan.TicksPerSecond));
Campaign campaign = new(
    new SimulationOptions
    {
        Operations = (int)(Number("--ops") ?? 10_000),
        Nodes = (int)(Number("--nodes") ?? 0),
        Clients = (int)(Number("--clients") ?? 0),
        Faults = !args.Contains("--calm"),
    },
    first,
    minutes is null ? first + (ulong)(Number("--seeds") ?? 1) : ulong.MaxValue,
    minutes is null ? TimeSpan.MaxValue : TimeSpan.FromMinutes(minutes.Value))
{
    Verbose = args.Contains("--verbose"),
    Rows = args.Contains("--rows"),
};
return campaign.Run() ? 0 : 1;
