using OrleansBilling.Hosting;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Kernel;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation;

/// <summary>What to simulate. Everything that is not said here is drawn from the seed.</summary>
internal sealed record SimulationOptions
{
    /// <summary>Decides everything.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Calls to make.</summary>
    public int Operations { get; init; } = 10_000;

    /// <summary>Nodes, or 0 to have the seed decide.</summary>
    public int Nodes { get; init; }

    /// <summary>Whether anything goes wrong.</summary>
    public bool Faults { get; init; } = true;

    /// <summary>Clients at once, or 0 to have the seed decide.</summary>
    public int Clients { get; init; }

    /// <summary>Accounts, or 0 to have the seed decide.</summary>
    public int Accounts { get; init; }

    /// <summary>Lanes, or 0 to have the seed decide.</summary>
    public int Lanes { get; init; }

    /// <summary>What does not happen, whatever the seed says.</summary>
    public Troubles Without { get; init; }

    /// <summary>The same for the command line.</summary>
    public string Arguments
    {
        get
        {
            static string Given(string name, int value) => value > 0 ? $" --{name} {value}" : "";
            string without = this.Without == Troubles.None ? "" : $" --without {this.Without.ToString().Replace(" ", "", StringComparison.Ordinal)}";
            return $"--seed {this.Seed} --ops {this.Operations}{Given("nodes", this.Nodes)}{Given("clients", this.Clients)}"
                + $"{Given("accounts", this.Accounts)}{Given("lanes", this.Lanes)}{without}{(this.Faults ? "" : " --calm")}";
        }
    }
}

/// <summary>What may go wrong in a world, by its sort.</summary>
[Flags]
internal enum Troubles
{
    None = 0,

    /// <summary>Faults of the database.</summary>
    Database = 1,

    /// <summary>What happens to hosts and their clocks.</summary>
    Chaos = 2,

    /// <summary>Jumps in time.</summary>
    Jumps = 4,

    /// <summary>Storms of repeats.</summary>
    Storms = 8,

    /// <summary>Switches of the server for a copy.</summary>
    Switches = 16,

    /// <summary>Times at which the server hardly answers.</summary>
    Stalls = 32,

    /// <summary>Tasks that wait for a processor while time goes on.</summary>
    Lag = 64,
}

/// <summary>What one seed decided before its world began.</summary>
internal sealed class Scenario
{
    private const long Second = 1_000_000_000;

    /// <summary>More grains than a host asks for at once.</summary>
    public const int Many = 160;

    public Scenario(SimulationOptions asked)
    {
        SimRandom random = new(asked.Seed ^ 0xD1B54A32D192ED03);
        this.Shared = random.OneIn(2);
        int nodes = this.Shared ? 2 + random.Below(3) : 2;
        this.Nodes = asked.Nodes > 0 ? asked.Nodes : nodes;

        // Choices of its own, so that worlds with neither are what they were.
        SimRandom late = new(asked.Seed ^ 0x47997B6BDB3D1151);
        this.Exact = late.OneIn(4);
        this.KeysEnd = this.Exact && new SimRandom(asked.Seed ^ 0x8CB92BA72F3D8DD7).OneIn(3);
        bool wide = late.OneIn(20) && !this.Shared;
        this.Wavers = new SimRandom(asked.Seed ^ 0x2545F4914F6CDD37).OneIn(5);
        this.Haunted = new SimRandom(asked.Seed ^ 0xFF51AFD7ED558CCD).OneIn(5) && asked.Faults;
        int bent = new SimRandom(asked.Seed ^ 0xD6E8FEB86659FD93).Below(24);
        this.ToTheNano = bent is 0 or 1 or 2;
        this.Brisk = bent is 3 or 4 or 5;
        this.Crowd = bent switch
        {
            // Seldom, as such a world takes as long as four others.
            6 => new SimRandom(asked.Seed ^ 0x9FB21C651E98DF27).OneIn(3) ? Crowd.Keys : Crowd.None,
            7 => Crowd.Workspaces,
            8 => Crowd.Grants,
            9 => Crowd.Holds,
            10 or 11 => Crowd.Rotations,
            _ => Crowd.None,
        };
        this.Narrow = bent is 12 or 13 && asked.Faults;
        this.Informed = random.OneIn(2);
        this.Taste = random.OneIn(16) ? Taste.Rich : random.OneIn(40) ? Taste.Crowded : Taste.Plain;
        int lanes = 1 + random.Below(3);
        this.Lanes = asked.Lanes > 0 ? asked.Lanes : lanes;
        int accounts = this.Taste == Taste.Crowded ? 1 : random.Pick<int>([1, 2, 4, 8, 24]);
        accounts = this.Brisk || this.Crowd != Crowd.None ? 1 : accounts;
        this.Accounts = asked.Accounts > 0 ? asked.Accounts : wide ? Many : accounts;
        int clients = random.Pick<int>([4, 16, 48, 128]);
        clients = this.Narrow ? 128 : clients;
        this.Clients = asked.Clients > 0 ? asked.Clients : wide ? Many : clients;
        this.Sticky = !random.OneIn(4);
        this.FaultEvery = asked.Faults ? random.Pick<int>([0, 40, 200, 1_000]) : 0;
        this.ChaosNanos = asked.Faults ? random.Pick<long>([0, 20, 100, 500]) * 1_000_000 : 0;
        this.JumpEvery = random.Pick<int>([0, 400, 2_000]);
        this.JumpEvery = this.Brisk ? 40 : this.KeysEnd ? 100 : this.JumpEvery;
        this.LagEvery = random.Pick<int>([0, 0, 4, 40]);
        this.StartNanos = this.PickStart(random);
        SimRandom clocks = new(asked.Seed ^ 0xA5A3564E1F1A8B25);
        if (this.Brisk && clocks.OneIn(3))
        {
            this.Zone = "America/St_Johns";
            this.StartNanos = ((long)(new DateTime(2010, 11, 6) - DateTime.UnixEpoch).TotalSeconds * Second) + clocks.Between(0, 26 * 3600 * Second);
        }

        this.Engine = new EngineOptions
        {
            // With room for far fewer than are asked for at once, hosts do little but load.
            MaxActivations = random.OneIn(6) ? 2 + (this.Accounts * 3 / 4) : 1_000,
            WindowSize = random.Pick<int>([2, 2, 16, 256]),
            SnapshotRows = this.Taste == Taste.Crowded ? 60 : random.Pick<int>([4, 8, 8, 8, 8, 16, 16, 50]),
            RepeatFilterBits = random.Pick<int>([64, 640, 1 << 12, 1 << 14, 1 << 16]),
            SnapshotTailRows = random.Pick<int>([2, 4, 4, 20]),
            MaxQueuedCommands = random.Pick<int>([6, 40, 16_384, 16_384]),
            MaxBatchRows = random.Pick<int>([3, 30, 2_048]),
            HousekeepingInterval = TimeSpan.FromMilliseconds(random.Pick<int>([50, 500, 5_000])),
            SnapshotInterval = TimeSpan.FromMilliseconds(random.Pick<int>([2, 5, 5, 50])),
            IdleTime = TimeSpan.FromMilliseconds(random.Pick<int>([100, 3_000, 900_000])),
            LoadPageRows = random.Pick<int>([1, 7, 4_096]),
        };
        this.StormEvery = asked.Faults && random.OneIn(2) ? random.Pick<int>([300, 1_000]) : 0;
        this.SwitchEvery = asked.Faults && random.OneIn(3) ? random.Pick<int>([100, 400, 2_000]) : 0;
        this.StallEvery = asked.Faults && random.OneIn(2) ? random.Pick<int>([100, 100, 300, 1_000]) : 0;

        if (this.Narrow)
        {
            this.StallEvery = 100;
            this.Engine = this.Engine with { MaxBatchRows = 3, MaxQueuedCommands = 16_384 };
        }

        bool Spared(Troubles trouble) => asked.Without.HasFlag(trouble);
        this.FaultEvery = Spared(Troubles.Database) ? 0 : this.FaultEvery;
        this.ChaosNanos = Spared(Troubles.Chaos) ? 0 : this.ChaosNanos;
        this.JumpEvery = Spared(Troubles.Jumps) ? 0 : this.JumpEvery;
        this.StormEvery = Spared(Troubles.Storms) ? 0 : this.StormEvery;
        this.SwitchEvery = Spared(Troubles.Switches) ? 0 : this.SwitchEvery;
        this.StallEvery = Spared(Troubles.Stalls) ? 0 : this.StallEvery;
        this.LagEvery = Spared(Troubles.Lag) ? 0 : this.LagEvery;

        // Long enough to matter beside the time of a call; not drawn, as it came later than the others.
        this.Engine = this.Engine with { RestTime = TimeSpan.FromMilliseconds(this.Engine.SnapshotInterval.TotalMilliseconds >= 50 ? 1_500 : 60) };
    }

    public bool Shared { get; }

    public int Nodes { get; }

    public int Lanes { get; }

    public int Accounts { get; }

    public int Clients { get; }

    /// <summary>Whether callers nearly always know which nodes serve.</summary>
    public bool Informed { get; }

    /// <summary>Whether what ends does so at whole seconds, much of it at one moment, and time comes to those very moments.</summary>
    public bool Exact { get; }

    /// <summary>Whether it is keys to whose ends it comes, not holds and grants.</summary>
    public bool KeysEnd { get; }

    /// <summary>Whether several commands in their order are often one that is refused and one after which it would not be.</summary>
    public bool Wavers { get; }

    /// <summary>Whether hosts that were frozen are asked first, as soon as they go on, and grains are put away while rows of theirs are on their way.</summary>
    public bool Haunted { get; }

    /// <summary>Whether amounts are often just what is left of something, or one nano off.</summary>
    public bool ToTheNano { get; }

    /// <summary>Whether time goes on by seconds and minutes all the while.</summary>
    public bool Brisk { get; }

    /// <summary>The zone of its accounts where a day is near that ends, begins again, and ends an hour later; null where each has its own.</summary>
    public string? Zone { get; }

    /// <summary>Whether much waits behind little that takes long: many clients, batches of a few rows, and a server that hardly answers most of the time.</summary>
    public bool Narrow { get; }

    /// <summary>Of what an account gets more and more.</summary>
    public Crowd Crowd { get; }

    /// <summary>What its commands are like.</summary>
    public Taste Taste { get; }

    /// <summary>Whether an account's calls mostly go to the same node.</summary>
    public bool Sticky { get; }

    /// <summary>Faults of the database: 1 in this many calls; 0 is never.</summary>
    public int FaultEvery { get; }

    /// <summary>How often something happens to a node, about; 0 is never.</summary>
    public long ChaosNanos { get; }

    /// <summary>How many calls lie between jumps in time; 0 is no jumps.</summary>
    public int JumpEvery { get; }

    /// <summary>How often what is due soon happens while tasks wait for a processor: 1 in this many steps; 0 is never.</summary>
    public int LagEvery { get; }

    /// <summary>How many calls lie between two switches of the server for a copy that lacks the last commits, about; 0 is never.</summary>
    public int SwitchEvery { get; }

    /// <summary>How many calls lie between two times at which the server hardly answers, about; 0 is never.</summary>
    public int StallEvery { get; }

    /// <summary>
    /// How many ids a host knows at least, of the latest: what fits into half of its filter, less what may come into it out of order,
    /// because it is in the window or under way.
    /// </summary>
    public int RepeatsKnown => (this.Engine.RepeatFilterBits / 10) - this.Engine.WindowSize - (2 * this.Clients) - 32;

    /// <summary>After how many more ids it has forgotten all that it knew: what fits into both halves, and what is not in it yet.</summary>
    public int RepeatsForgotten => (2 * (this.Engine.RepeatFilterBits / 10)) + this.Engine.WindowSize + (2 * this.Clients) + 32;

    /// <summary>How many calls lie between two times at which clients repeat nearly all they asked for, about; 0 is never.</summary>
    public int StormEvery { get; }

    public long StartNanos { get; }

    public EngineOptions Engine { get; }

    /// <summary>Draws how often each fault strikes.</summary>
    public void Draw(FaultPlan faults, SimRandom random)
    {
        int Rate() => random.OneIn(3) ? 0 : this.FaultEvery * (1 + random.Below(4));
        faults.LostBefore = Rate();
        faults.LostAfter = Rate();
        faults.LateCommit = Rate();
        faults.Passing = Rate();
        faults.Slow = Rate() * 4;
        faults.SessionLost = Rate();
        faults.Unreachable = Rate();
        faults.SlowRead = Rate();
        faults.SnapshotLost = Rate() / 8;
    }

    public override string ToString() =>
        $"{(this.Shared ? "shared" : "alone")}, {this.Taste}{(this.Exact ? ", exact" : "")}{(this.KeysEnd ? ", ends of keys" : "")}{(this.Wavers ? ", wavering" : "")}{(this.Haunted ? ", haunted" : "")}{(this.ToTheNano ? ", to the nano" : "")}{(this.Brisk ? ", brisk" : "")}{(this.Narrow ? ", narrow" : "")}{(this.Zone is null ? "" : $", {this.Zone}")}{(this.Crowd == Crowd.None ? "" : $", more {this.Crowd}")}, {this.Nodes} nodes, {this.Lanes} lanes, {this.Accounts} accounts, {this.Clients} clients, faults 1/{this.FaultEvery}, chaos {this.ChaosNanos / 1_000_000} ms, jumps {this.JumpEvery}, storms {this.StormEvery}, switches {this.SwitchEvery}, stalls {this.StallEvery}, lag {this.LagEvery}, {this.Engine.MaxActivations} activations, window {this.Engine.WindowSize}, snapshots {this.Engine.SnapshotRows}/{this.Engine.SnapshotTailRows}, queue {this.Engine.MaxQueuedCommands}, batch {this.Engine.MaxBatchRows}, housekeeping {this.Engine.HousekeepingInterval.TotalMilliseconds} ms, idle {this.Engine.IdleTime.TotalMilliseconds} ms";

    // Near the changes of clocks, the ends of months, a leap day.
    private long PickStart(SimRandom random)
    {
        DateTime day = random.Pick<DateTime>(
        [
            new(2026, 3, 28), new(2026, 10, 24), new(2027, 2, 27), new(2028, 2, 27), new(2026, 12, 30), new(2026, 4, 4), new(2027, 9, 25),
            new(2026, 6, 14), new(2029, 1, 30), new(2026, 11, 1), new(2027, 3, 13), new(2010, 11, 6), new(2011, 12, 29),
        ]);
        return ((long)(day - DateTime.UnixEpoch).TotalSeconds * Second) + random.Between(0, 48 * 3600 * Second);
    }
}
