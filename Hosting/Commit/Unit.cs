using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Turns;

namespace OrleansBilling.Hosting.Commit;

/// <summary>What became of a unit of rows.</summary>
internal enum Fate
{
    /// <summary>Committed.</summary>
    Durable,

    /// <summary>Not written; what it was decided on is gone: decide again.</summary>
    Dropped,

    /// <summary>Not written: its request id exists already. Look it up.</summary>
    RepeatedId,

    /// <summary>Written or not, nobody knows yet.</summary>
    InDoubt,

    /// <summary>Not written, and not tried again: the journal could not take it in time.</summary>
    Unwritten,
}

/// <summary>The rows of one command, queued as one: all become durable or none.</summary>
internal sealed class Unit(Activation activation, JournalRow[] rows, string? requestId)
{
    private JournalRow[] rows = rows;

    private readonly TaskCompletionSource<Fate> fate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The activation that decided it.</summary>
    public Activation Activation => activation;

    /// <summary>The rows, by seq.</summary>
    public JournalRow[] Rows => this.rows;

    /// <summary>The request id that one of the rows carries, or null.</summary>
    public string? RequestId => requestId;

    /// <summary>The snapshot to keep once the unit is durable, or null.</summary>
    public StoredSnapshot? Snapshot { get; set; }

    /// <summary>When it was queued, or some time before: since when it may have waited. The lane's.</summary>
    public long WaitsSince { get; set; }

    /// <summary>Whether its rows can no longer become durable later than now. The lane's.</summary>
    public bool Settled { get; private set; }

    /// <summary>Marks it settled; false when it was.</summary>
    public bool TrySettle()
    {
        bool first = !this.Settled;
        this.Settled = true;
        return first;
    }

    /// <summary>Whether it is known to be committed.</summary>
    public bool IsDurable => this.fate.Task is { IsCompletedSuccessfully: true, Result: Fate.Durable };

    /// <summary>Completes when the unit's fate is known.</summary>
    public Task<Fate> FateAsync => this.fate.Task;

    /// <summary>Tells everybody who waits. The rows are not needed after that; the window keeps the unit longer.</summary>
    public void Resolve(Fate result)
    {
        this.rows = [];
        this.Snapshot = null;
        this.fate.TrySetResult(result);
    }
}

/// <summary>A wish to know that an activation was still the grain's newest after a turn that appended nothing.</summary>
internal sealed class Confirmation(Activation activation, long seq)
{
    private readonly TaskCompletionSource<bool> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The activation that answered.</summary>
    public Activation Activation => activation;

    /// <summary>The number of the last row it had seen.</summary>
    public long Seq => seq;

    /// <summary>Since when it may have waited. The lane's.</summary>
    public long WaitsSince { get; set; }

    /// <summary>True when confirmed, false when the command has to be decided again.</summary>
    public Task<bool> ResultAsync => this.result.Task;

    /// <summary>Tells the one who waits.</summary>
    public void Resolve(bool confirmed) => this.result.TrySetResult(confirmed);
}
