using System.Globalization;

namespace OrleansBilling.Bench;

/// <summary>What was asked on the command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        bench [--quick] [--json FILE] [--only NAME,...] [--rounds N] [--seconds S] [--experiment NAME=VALUE]...
          --quick            1 round of 2 s a row, fixed client counts, 100,000 accounts: done in under 50 s
          --json FILE        one JSON object per row
          --only NAME,...    only these rows; a name may end in * (engine_*)
          --rounds N         rounds, interleaved over the rows; the median counts (default 5)
          --seconds S        seconds per row and round (default 5)
          --experiment N=V   changes one setting of the engine or its PostgreSQL, see bench/README.md
          --experiment kills[=nodes|silos]
                             instead of the rows: kills and freezes one of three under load, --rounds times each, and says how long
                             its accounts were not served, and what the others' callers saw
          --experiment keys[=restart|pepper|flood|timing]
                             instead of the rows: a host with 100,000 keys restarted under load; the pepper lost; 5,000 wrong keys a
                             second beside good ones; whether an unknown key and a wrong secret can be told apart by time
        Servers keep their data in the temp folder (TMPDIR), which should be on the disk to measure.
        """;

    /// <summary>Fixed client counts, one round, small.</summary>
    public bool Quick { get; init; }

    /// <summary>Where the JSON goes, or null.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Names of rows, with an optional * at the end; empty is all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>How often each row is measured.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>How long each row is measured in each round.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Settings that differ from the usual.</summary>
    public IReadOnlyDictionary<string, string> Experiments { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Accounts that rows over many accounts spread over.</summary>
    public int Accounts { get; init; } = 100_000;

    /// <summary>Whether a row was asked for.</summary>
    public bool Wants(string name) =>
        this.Only.Count == 0 || this.Only.Any(o => o.EndsWith('*') ? name.StartsWith(o[..^1], StringComparison.Ordinal) : name == o);

    /// <summary>A setting of an experiment, or null.</summary>
    public string? Experiment(string name) => this.Experiments.GetValueOrDefault(name);

    /// <summary>A number of an experiment, or null.</summary>
    public int? ExperimentNumber(string name) => this.Experiment(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new UsageException($"--experiment {name} takes a number, not '{text}'.");

    /// <summary>Reads the command line.</summary>
    /// <exception cref="UsageException">An option is unknown or its value is wrong; the message says which.</exception>
    public static Options Parse(string[] args)
    {
        Options options = new();
        Dictionary<string, string> experiments = new(StringComparer.Ordinal);
        int? rounds = null;
        double? seconds = null;
        for (int i = 0; i < args.Length; i++)
        {
            string option = args[i];
            string Value() => ++i < args.Length ? args[i] : throw new UsageException($"{option} needs a value.\n{Usage}");
            switch (option)
            {
                case "--quick":
                    options = options with { Quick = true };
                    break;
                case "--json":
                    options = options with { JsonFile = Path.GetFullPath(Value()) };
                    break;
                case "--only":
                    options = options with { Only = Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) };
                    break;
                case "--rounds":
                    rounds = int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is > 0 and <= 100
                        ? n : throw new UsageException($"--rounds takes 1 to 100, not '{args[i]}'.");
                    break;
                case "--seconds":
                    seconds = double.TryParse(Value(), NumberStyles.Float, CultureInfo.InvariantCulture, out double s) && s is >= 0.5 and <= 600
                        ? s : throw new UsageException($"--seconds takes 0.5 to 600, not '{args[i]}'.");
                    break;
                case "--experiment":
                    string[] parts = Value().Split('=', 2);
                    experiments[parts[0]] = parts.Length == 2 ? parts[1] : "on";
                    break;
                default:
                    throw new UsageException($"Unknown option '{option}'.\n{Usage}");
            }
        }

        return options with
        {
            Rounds = rounds ?? (options.Quick ? 1 : 5),
            Duration = TimeSpan.FromSeconds(seconds ?? (options.Quick ? 2 : 5)),
            Experiments = experiments,
        };
    }
}
