using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.Simulation.Kernel;

/// <summary>What the simulated database did with one batch: for the auditor, who needs to know when each row became durable.</summary>
/// <param name="AtNanos">True time of the commit.</param>
/// <param name="Step">The world's step of the commit.</param>
/// <param name="Rows">The rows.</param>
public sealed record CommitRecord(long AtNanos, long Step, IReadOnlyList<JournalRow> Rows);

/// <summary>How often things go wrong, as 1 in N; 0 is never.</summary>
public sealed record FaultPlan
{
    /// <summary>The session is lost before the batch is written.</summary>
    public int LostBefore { get; set; }

    /// <summary>The batch is written and the answer is lost.</summary>
    public int LostAfter { get; set; }

    /// <summary>The session is lost and the batch is written later all the same, unless the session is ended first.</summary>
    public int LateCommit { get; set; }

    /// <summary>The batch is refused for a reason that passes.</summary>
    public int Passing { get; set; }

    /// <summary>The call takes long.</summary>
    public int Slow { get; set; }

    /// <summary>A read or a snapshot cannot reach the database.</summary>
    public int Unreachable { get; set; }

    /// <summary>A snapshot is not kept.</summary>
    public int SnapshotLost { get; set; }

    /// <summary>Whether the fault happens now.</summary>
    public static bool Strikes(int oneIn, SimRandom random) => oneIn > 0 && random.OneIn(oneIn);
}

/// <summary>The one database of a simulated world: rows, sessions, snapshots, and its own process in which late commits go on.</summary>
public sealed class SimDatabase
{
    private readonly SimScheduler server;

    /// <summary>An empty database.</summary>
    public SimDatabase(SimWorld world, int lanes)
    {
        this.World = world;
        this.server = new SimScheduler(world);
        this.Clock = new SimClock(this.server);
        this.Store = new MemoryStore(this.Clock, lanes);
        this.Random = world.Random.Fork();
    }

    /// <summary>The world.</summary>
    public SimWorld World { get; }

    /// <summary>The database's clock.</summary>
    public SimClock Clock { get; }

    /// <summary>Rows and sessions.</summary>
    public MemoryStore Store { get; }

    /// <summary>Decides on faults and delays.</summary>
    public SimRandom Random { get; }

    /// <summary>What goes wrong now; changed by the simulation as it goes.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>False while nobody can reach it.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>Every commit in its order.</summary>
    public List<CommitRecord> Commits { get; } = [];

    /// <summary>Runs something in the server's own process.</summary>
    public void RunInServer(Func<Task> work) => _ = this.server.Start(work);

    /// <summary>Remembers a commit.</summary>
    public void Record(IReadOnlyList<JournalRow> rows) => this.Commits.Add(new CommitRecord(this.World.NowNanos, this.World.Steps, rows));
}
