namespace OrleansBilling.Simulation.Database;

/// <summary>How often things go wrong in the database and on the way to it, as 1 in N; 0 is never.</summary>
public sealed class FaultPlan
{
    /// <summary>The session is lost before the batch is written.</summary>
    public int LostBefore { get; set; }

    /// <summary>The batch is written and the answer is lost.</summary>
    public int LostAfter { get; set; }

    /// <summary>The connection is lost and the batch is written later all the same, unless the session is ended first.</summary>
    public int LateCommit { get; set; }

    /// <summary>The batch is refused for a reason that passes.</summary>
    public int Passing { get; set; }

    /// <summary>The commit takes long, up to longer than the host waits.</summary>
    public int Slow { get; set; }

    /// <summary>The session is lost while it is asked for heads or for a sign of life.</summary>
    public int SessionLost { get; set; }

    /// <summary>A read or a snapshot cannot reach the database.</summary>
    public int Unreachable { get; set; }

    /// <summary>A read takes long.</summary>
    public int SlowRead { get; set; }

    /// <summary>A snapshot is not kept, though the host is told that it is.</summary>
    public int SnapshotLost { get; set; }

    /// <summary>Nothing goes wrong any more.</summary>
    public void Clear()
    {
        this.LostBefore = this.LostAfter = this.LateCommit = this.Passing = this.Slow = 0;
        this.SessionLost = this.Unreachable = this.SlowRead = this.SnapshotLost = 0;
    }
}
