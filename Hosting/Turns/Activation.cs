using System.Security.Cryptography;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// One grain in this host's memory. Turns run under its lock, one at a time; a turn decides, applies and queues, and never waits.
/// </summary>
internal sealed partial class Activation
{
    private readonly GrainKind kind;
    private readonly object state;
    private readonly Lane lane;
    private TaskCompletionSource? gone;
    private long snapshotSeq;
    private ChainHash hash;

    /// <summary>Takes over what was loaded.</summary>
    public Activation(GrainId id, GrainKind kind, Lane lane, LoadedState loaded, long epoch)
    {
        this.Id = id;
        this.kind = kind;
        this.lane = lane;
        this.Epoch = epoch;
        this.state = loaded.State;
        this.Seq = loaded.Seq;
        this.AtNanos = loaded.AtNanos;
        this.hash = loaded.Hash;
        this.DurableSeq = loaded.Seq;
        this.DurableHash = loaded.Hash;
        this.snapshotSeq = loaded.SnapshotSeq;
    }

    /// <summary>The grain.</summary>
    public GrainId Id { get; }

    /// <summary>Its kind's name.</summary>
    public string KindName => this.kind.Name;

    /// <summary>The writer session that it was loaded under; a later one does not trust it.</summary>
    public long Epoch { get; }

    /// <summary>The number of the last row in memory.</summary>
    public long Seq { get; private set; }

    /// <summary>The time of the last row in memory.</summary>
    public long AtNanos { get; private set; }

    /// <summary>The number of the last row known to be durable. The lane's.</summary>
    public long DurableSeq { get; set; }

    /// <summary>The hash of that row. The lane's.</summary>
    public ChainHash DurableHash { get; set; }

    /// <summary>Units queued or in a batch, not settled. Changed under the lock.</summary>
    public int Pending { get; set; }

    /// <summary>The unit queued last, while something is pending.</summary>
    public Unit? LastUnit { get; set; }

    /// <summary>True once its memory may not be used any more.</summary>
    public bool Dropped { get; private set; }

    /// <summary>When it was used last, in the directory's ticks.</summary>
    public int UsedTick { get; set; }

    /// <summary>Whether it was used since the directory's hand came by last.</summary>
    public bool Used { get; set; } = true;

    /// <summary>Where it stands in the directory's clock.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Decides one command. What it appends is queued when this returns.</summary>
    public Turn Take(Command command, byte[]? bodyHash, in TurnInputs inputs)
    {
        lock (this)
        {
            if (this.Dropped || this.Epoch != this.lane.Epoch)
            {
                return Turn.Gone;
            }

            if (command.RequestId is { } id && inputs.Recent.TryGet(this, id, out RecentReply? entry))
            {
                Reply again = CryptographicOperations.FixedTimeEquals(entry.BodyHash, bodyHash)
                    ? entry.Reply with { Replayed = true }
                    : new Denied(Outcome.IdempotencyMismatch);

                // What it tells of is its own row; rows behind that one are none of its business, and may wait for other commits.
                return new Turn(TurnKind.Replay, again, entry.Reply.Seq, entry.Unit);
            }

            if (!this.lane.TryReserve())
            {
                return Turn.Full;
            }

            bool queued = false;
            try
            {
                return this.Decide(command, bodyHash, inputs, out queued);
            }
            catch
            {
                // A bug in the core: what is due may be applied and not queued, so this memory is worth nothing.
                this.Drop();
                throw;
            }
            finally
            {
                if (!queued)
                {
                    this.lane.Unreserve();
                }
            }
        }
    }

    /// <summary>Makes the memory unusable. Queued rows are the lane's to remove.</summary>
    public void Drop()
    {
        lock (this)
        {
            this.Dropped = true;
            this.Settle(0);
        }
    }

    /// <summary>Counts units whose fate is sealed; a dropped activation is gone with its last one.</summary>
    public void Settle(int units)
    {
        lock (this)
        {
            this.Pending -= units;
            if (this.Pending == 0)
            {
                this.LastUnit = null;
                if (this.Dropped)
                {
                    this.gone?.TrySetResult();
                }
            }
        }
    }

    /// <summary>Completes when the activation is dropped and none of its rows is unresolved.</summary>
    public Task GoneAsync()
    {
        lock (this)
        {
            if (this.Dropped && this.Pending == 0)
            {
                return Task.CompletedTask;
            }

            this.gone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return this.gone.Task;
        }
    }

    /// <summary>Drops the activation if nothing of it is pending.</summary>
    public bool TryPutAway()
    {
        lock (this)
        {
            if (this.Pending > 0)
            {
                return false;
            }

            this.Dropped = true;
            this.gone?.TrySetResult();
            return true;
        }
    }

    /// <summary>The state as a snapshot, when nothing is pending and at least <paramref name="minRows"/> rows are not in the last one.</summary>
    public StoredSnapshot? TrySnapshot(int minRows)
    {
        lock (this)
        {
            return this.Dropped || this.Pending > 0 || this.Seq - this.snapshotSeq < minRows ? null : this.EncodeSnapshot();
        }
    }
}
