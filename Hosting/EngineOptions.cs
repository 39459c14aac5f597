namespace OrleansBilling.Hosting;

/// <summary>How one host runs its grains. Every value has a default that suits one machine.</summary>
public sealed record EngineOptions
{
    /// <summary>The most grains kept in memory; the least recently used of those with nothing pending are put away beyond it.</summary>
    public int MaxActivations { get; init; } = 1_000_000;

    /// <summary>How long a grain may go unused before it is put away.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The most commands decided and not yet durable, per lane; beyond it nothing is decided (503).</summary>
    public int MaxQueuedCommands { get; init; } = 16_384;

    /// <summary>The most rows in one commit.</summary>
    public int MaxBatchRows { get; init; } = 2_048;

    /// <summary>Within this every call ends.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one commit may take before the session is given up and the batch is in doubt.</summary>
    public TimeSpan CommitTime { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How many of its latest replies the host keeps, so that their repeats need no look-up; those not durable yet come on top.</summary>
    public int WindowSize { get; init; } = 1_024;

    /// <summary>The most rows read at once when a grain is loaded, or its request ids are; one with more is read in pages.</summary>
    public int LoadPageRows { get; init; } = 4_096;

    /// <summary>Bits of each of the two filters that remember, roughly, which request ids left the window; 10 an id, at least 64.</summary>
    public int RepeatFilterBits { get; init; } = 1 << 26;

    /// <summary>A snapshot is taken after this many rows.</summary>
    public int SnapshotRows { get; init; } = 500;

    /// <summary>How often snapshots are written.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Rows since its snapshot from which a grain is written again when the host stops or the grain was loaded the long way.</summary>
    public int SnapshotTailRows { get; init; } = 64;

    /// <summary>
    /// How far this host's clock may be from the journal's. It decides only while it is proven to be nearer, by a reading of the
    /// journal's clock not older than a minute.
    /// </summary>
    public TimeSpan MaxClockSkew { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the clocks are compared, more often while they do not agree, and idle grains looked for.</summary>
    public TimeSpan HousekeepingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a grain rests when another host asks.</summary>
    public TimeSpan RestTime { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>How long a stopping host waits for calls under way.</summary>
    public TimeSpan StopTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Counts what the engine does; one engine's own.</summary>
    public EngineMetrics Metrics { get; init; } = new();

    /// <summary>Runs the host's loops; a simulator passes its own.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;
}
