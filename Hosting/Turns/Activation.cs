using System.Buffers;
using System.Security.Cryptography;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// One grain in this host's memory. Turns run under its lock, one at a time; a turn decides, applies and queues, and never waits.
/// </summary>
internal sealed class Activation
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    private readonly GrainKind kind;
    private readonly object state;
    private readonly Lane lane;
    private RequestWindow? window;
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

            if (command.RequestId is { } id && this.window is not null && this.window.TryGet(id, out WindowEntry? entry))
            {
                Reply again = CryptographicOperations.FixedTimeEquals(entry.BodyHash, bodyHash)
                    ? entry.Reply with { Replayed = true }
                    : new Denied(Outcome.IdempotencyMismatch);
                return new Turn(TurnKind.Replay, again, this.Seq, entry.Unit);
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
    public bool TryPutAway(RepeatFilter filter)
    {
        lock (this)
        {
            if (this.Pending > 0)
            {
                return false;
            }

            this.Dropped = true;
            this.TrimWindow(filter);
            this.gone?.TrySetResult();
            return true;
        }
    }

    /// <summary>Gives up the window of recent request ids; they are found in the journal from here on.</summary>
    public void TrimWindow(RepeatFilter filter)
    {
        lock (this)
        {
            if (this.window is null || this.Pending > 0)
            {
                return;
            }

            foreach (string id in this.window.RequestIds)
            {
                filter.Add(this.Id.Path, id);
            }

            this.window = null;
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

    private Turn Decide(Command command, byte[]? bodyHash, in TurnInputs inputs, out bool queued)
    {
        queued = false;
        long now = Math.Max(inputs.NowNanos, this.AtNanos);
        Rows rows = default;
        while (this.kind.NextDue(this.state, now) is { } due)
        {
            rows.Add(this.Append(due, now, "", null, null));
        }

        TurnContext context = new(now, inputs.Prices, inputs.Referenced, inputs.ReferencedAtNanos);
        Decision decision = this.kind.Decide(this.state, this.Seq, command, context);
        Accepted? accepted = null;
        if (decision.Accepted is { } e)
        {
            rows.Add(this.Append(e, now, command.Actor, command.RequestId, command.RequestId is null ? null : bodyHash));
            accepted = new Accepted(e, this.Seq, now, Replayed: false);
            if (decision.FollowedBy is { } follower)
            {
                rows.Add(this.Append(follower, now, command.Actor, null, null));
            }
        }

        if (rows.Count == 0)
        {
            return new Turn(TurnKind.Answer, decision.Answer, this.Seq, this.LastUnit);
        }

        Unit unit = new(this, rows.ToArray(), accepted is null ? null : command.RequestId);
        if (this.Seq - this.snapshotSeq >= inputs.Options.SnapshotRows)
        {
            unit.Snapshot = this.EncodeSnapshot();
        }

        if (!this.lane.Enqueue(unit))
        {
            // The session was lost since the lock was taken: what was applied is not queued, so the memory is worth nothing.
            this.Drop();
            return Turn.Gone;
        }

        queued = true;
        this.LastUnit = unit;
        this.Pending++;
        if (accepted is not null && command.RequestId is { } id)
        {
            this.window ??= new RequestWindow(inputs.Options.WindowSize);
            if (this.window.Add(new WindowEntry(id, bodyHash!, accepted, unit)) is { } oldest)
            {
                inputs.Filter.Add(this.Id.Path, oldest);
            }
        }

        return accepted is not null
            ? new Turn(TurnKind.Accepted, accepted, this.Seq, unit)
            : new Turn(TurnKind.Answer, decision.Answer, this.Seq, unit);
    }

    private JournalRow Append(Event e, long now, string actor, string? requestId, byte[]? bodyHash)
    {
        this.kind.Apply(this.state, e, this.Seq + 1, now);
        this.Seq++;
        this.AtNanos = now;
        ArrayBufferWriter<byte> data = buffer ??= new ArrayBufferWriter<byte>(512);
        data.ResetWrittenCount();
        EventJson.Write(e, data);
        JournalRow row = new(this.Id, this.Seq, now, EventJson.TypeName(e), actor, requestId, bodyHash, data.WrittenSpan.ToArray());
        row.Previous = this.hash;
        this.hash = ChainHash.Next(this.hash, row);
        row.Hash = this.hash;
        return row;
    }

    private StoredSnapshot EncodeSnapshot()
    {
        ArrayBufferWriter<byte> data = new(1024);
        this.kind.WriteSnapshot(this.state, data);
        this.snapshotSeq = this.Seq;
        return new StoredSnapshot(this.Id, this.Seq, this.hash, this.AtNanos, data.WrittenSpan.ToArray());
    }

    // Nearly every unit is one row; a list would cost as much as the row.
    private struct Rows
    {
        private JournalRow? first;
        private List<JournalRow>? more;

        public int Count { get; private set; }

        public void Add(JournalRow row)
        {
            this.Count++;
            if (this.first is null)
            {
                this.first = row;
                return;
            }

            this.more ??= [];
            this.more.Add(row);
        }

        public readonly JournalRow[] ToArray() => this.more is null ? [this.first!] : [this.first!, .. this.more];
    }
}
