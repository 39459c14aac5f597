using System.Buffers;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.Hosting.Turns;

/// <summary>Inside a turn: what is due, the decision, and the rows it makes.</summary>
internal sealed partial class Activation
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

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
            inputs.Recent.Add(new RecentReply(new RequestKey(this.Id, id), bodyHash!, accepted, unit));
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
