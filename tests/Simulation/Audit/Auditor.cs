using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Kernel;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Sees every call and every commit, and says when one is not what the design promises.</summary>
internal sealed class Auditor : IDatabaseObserver
{
    // How old a reading of the database's clock may be by which a host decides.
    private const long ClockAgeNanos = 60_000_000_000;

    // A fifth of what a lane has for an answer: 5 s, less a fiftieth for the way.
    private const long PatienceNanos = 979_000_000;

    private static readonly Denied NotDecided = new(Outcome.Stopping);
    private readonly Zones zones = new();
    private readonly SimWorld world;
    private readonly RepeatAudit repeats;
    private readonly BatchAudit batches;
    private readonly Dictionary<GrainId, GrainAudit> grains = [];
    private readonly List<Call> calls = [];
    private readonly HashSet<ChainHash> lost = [];
    private readonly ArrayBufferWriter<byte> buffer = new(512);
    private readonly byte[] hashInput = new byte[1024];
    private readonly int queueMax;

    public Auditor(SimWorld world, Scenario scenario)
    {
        this.world = world;
        this.queueMax = scenario.Engine.MaxQueuedCommands;
        this.repeats = new RepeatAudit(world, scenario.RepeatsKnown, scenario.RepeatsForgotten);
        this.batches = new BatchAudit(world, scenario.Engine.RestTime.Ticks * 100, scenario.Engine.CallTime.Ticks * 100, row => this.calls[GrainAudit.IdOf(row.Actor)]);
    }

    public IReadOnlyDictionary<GrainId, GrainAudit> Grains => this.grains;

    public Zones Zones => this.zones;

    public IReadOnlyList<Call> Calls => this.calls;

    /// <summary>What was wrong first.</summary>
    public Violation? Found { get; private set; }

    /// <summary>How many repeats were sent and refused.</summary>
    public int RepeatsRefused => this.repeats.Refused;

    public GrainAudit Of(GrainId grain)
    {
        if (!this.grains.TryGetValue(grain, out GrainAudit? audit))
        {
            this.grains.Add(grain, audit = new GrainAudit(grain, this.zones, id => this.calls[id]));
        }

        return audit;
    }

    public void OnStart(Call call)
    {
        this.calls.Add(call);
        GrainAudit audit = this.Of(call.Grain);
        call.StartNanos = this.world.NowNanos;
        call.StartRests = this.world.Rests;
        call.Incarnation = call.Node.Incarnation;
        call.Tariff = call.Node.Tariff;
        call.MinSkew = call.MaxSkew = call.Node.SkewNanos;
        audit.Start(call);
    }

    /// <summary>A call is about to end that was to be decided after another one.</summary>
    public void OnFollow(Call call, Call before)
    {
        if (before.Reply is Accepted { Replayed: false } accepted)
        {
            this.Guard(() => this.Of(call.Grain).Follow(call, before, accepted.Seq));
        }
    }

    /// <summary>A call has ended before which others were not to be decided: what one of them recorded is no answer to it.</summary>
    public void OnAnsweredBefore(Call call, ReadOnlySpan<Call> later)
    {
        if (call is { Reply: Accepted { Replayed: true } or Denied { Outcome: Outcome.IdempotencyMismatch }, Command.RequestId: { } id }
            && this.Of(call.Grain).FirstOf(id) is { } first && later.Contains(first.Call)

            // Where a switched server lost rows, it may have been one of those, under the same id.
            && (call.Reply is Accepted known ? known.Seq == first.Seq && known.AtNanos == this.Of(call.Grain).RowOf(first.Seq).AtNanos : this.lost.Count == 0))
        {
            this.Report(new Violation("order", $"call {call.Id} on {call.Grain} was answered {call.Reply} by row {first.Seq} of call {first.Call.Id}, which was to be decided after it"));
        }
    }

    /// <summary>A node's clock was set while calls were under way.</summary>
    public static void OnSkew(Call call, long skewNanos)
    {
        call.MinSkew = Math.Min(call.MinSkew, skewNanos);
        call.MaxSkew = Math.Max(call.MaxSkew, skewNanos);
    }

    /// <summary>The call's guard did not let it through: it must never write.</summary>
    public void OnNotDecided(Call call)
    {
        call.State = CallState.Ended;
        call.Reply = NotDecided;
        call.EndNanos = this.world.NowNanos;
        this.Of(call.Grain).End(call);
        if (call.RowSeq != 0)
        {
            this.Report(new Violation("guard", $"call {call.Id} was not let through by its guard, and wrote row {call.RowSeq} of {call.Grain}"));
        }
    }

    public void OnLost(Call call)
    {
        call.State = CallState.Lost;
        call.EndNanos = this.world.NowNanos;
        this.Of(call.Grain).End(call);
    }

    public void OnEnd(Call call, Reply? reply, Exception? failure)
    {
        if (this.Found is not null)
        {
            return;
        }

        try
        {
            this.End(call, reply, failure);
        }
        catch (Exception e)
        {
            this.Found = ViolationOf(e);
        }
    }

    public void OnCommit(SimProcess process, IReadOnlyList<JournalRow> rows) => this.Guard(() =>
    {
        this.Commit(rows);
        foreach (JournalRow row in rows)
        {
            this.batches.OnCommit(process, row);
            if (row.RequestId is not null)
            {
                this.repeats.OnCommit(process, new RequestKey(row.Grain, row.RequestId));
            }
        }
    });

    public void OnSent(SimProcess process, IReadOnlyList<JournalRow> rows) => this.Guard(() => this.batches.OnSent(process, rows));

    public void OnFailed(SimProcess process, IReadOnlyList<JournalRow> rows, HashSet<GrainId> guilty, IEnumerable<GrainId> fenced) =>
        this.Guard(() => this.batches.OnFailed(process, rows, guilty, fenced));

    public void OnGivenUp(object client, long nanos) => this.Guard(() =>
    {
        if (nanos < PatienceNanos)
        {
            throw new Violation("patience", $"a host gave a session up, with all that was in memory, after a question had not been answered for {nanos} ns");
        }
    });

    public void OnRestAsked(object client, GrainId grain) => this.Guard(() => this.batches.OnRestAsked(client, grain));

    public void OnRest(object client, GrainId grain) => this.Guard(() => this.batches.OnRest(client, grain));

    public void OnRefused(SimProcess process, JournalRow row) => this.Guard(() =>
    {
        GrainAudit audit = this.Of(row.Grain);
        if (audit.FirstOf(row.RequestId!) is { } first)
        {
            this.repeats.OnRepeat(
                process, new RequestKey(row.Grain, row.RequestId!), this.calls[GrainAudit.IdOf(row.Actor)], (first.Call, first.Seq, audit.CommittedAt(first.Seq)));
        }
    });

    public void OnIdsAsked(object client, GrainId grain, long afterSeq) => this.Guard(() => this.repeats.OnIdsAsked(client, grain, afterSeq));

    public void OnIdsRead(object client, GrainId grain, RequestIds? page, bool more) => this.Guard(() => this.repeats.OnIdsRead(client, grain, page, more));

    public void OnSnapshot(StoredSnapshot snapshot, bool valid) => this.Guard(() =>
    {
        // Its host may not know yet that the row was lost with the server.
        if (!valid && !this.lost.Contains(snapshot.Hash))
        {
            throw new Violation("snapshot", $"a snapshot of {snapshot.Grain} at row {snapshot.Seq} was written, and that row is not durable");
        }
    });

    /// <summary>The server was replaced by a copy; what it lacks is gone, by its operator's choice.</summary>
    public void OnSwitch(IReadOnlyDictionary<GrainId, long> kept) => this.Guard(() =>
    {
        foreach ((GrainId grain, long rows) in kept)
        {
            GrainAudit before = this.grains[grain];
            for (long seq = rows + 1; seq <= before.Seq; seq++)
            {
                this.lost.Add(before.RowOf(seq).Hash);
            }

            this.grains[grain] = before.Fork(rows);
        }
    });

    /// <summary>Replays what may be replayed.</summary>
    public void Advance() => this.Guard(() =>
    {
        foreach (GrainAudit audit in this.grains.Values)
        {
            audit.Advance();
        }
    });

    /// <summary>Remembers the first thing wrong; the simulation ends there.</summary>
    public void Guard(Action check)
    {
        if (this.Found is not null)
        {
            return;
        }

        try
        {
            check();
        }
        catch (Exception e)
        {
            this.Found = ViolationOf(e);
        }
    }

    // Nobody would hear of another exception in the task of a call.
    private static Violation ViolationOf(Exception e) => e as Violation ?? new Violation("auditor", e.ToString());

    /// <summary>Something was found elsewhere.</summary>
    public void Report(Violation violation) => this.Found ??= violation;

    private void Commit(IReadOnlyList<JournalRow> rows)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            JournalRow row = rows[i];
            GrainAudit audit = this.Of(row.Grain);
            ChainHash previous = audit.Seq == 0 ? default : audit.RowOf(audit.Seq).Hash;
            if (row.Seq != audit.Seq + 1 || row.AtNanos < audit.LastAt || row.Hash != this.HashOf(previous, row))
            {
                throw new Violation("chain", $"row {row.Seq} of {row.Grain} does not continue the chain after row {audit.Seq}");
            }

            audit.Add(row, i == 0 || rows[i - 1].Grain != row.Grain, this.world.NowNanos);
            row.Hash.CopyTo(this.hashInput);
            this.world.Mix(BinaryPrimitives.ReadUInt64LittleEndian(this.hashInput));
            if (row.Actor.Length > 0)
            {
                this.CheckAuthor(row, audit);
            }
            else if (row.RequestId is not null)
            {
                throw new Violation("author", $"row {row.Seq} of {row.Grain} is the system's and has a request id");
            }
        }
    }

    private void CheckAuthor(JournalRow row, GrainAudit audit)
    {
        Call call = this.calls[GrainAudit.IdOf(row.Actor)];
        if (row.Type == "low_balance_crossed" && call.RowSeq == row.Seq - 1 && call.Grain == row.Grain)
        {
            return;
        }

        if (call.Grain != row.Grain || call.RowSeq != 0)
        {
            throw new Violation("once", $"call {call.Id} wrote row {row.Seq} of {row.Grain} and before that row {call.RowSeq} of {call.Grain}");
        }

        if (call.State == CallState.Ended && call.Reply!.Outcome != Outcome.InDoubt)
        {
            throw new Violation("late", $"call {call.Id} had been answered {call.Reply}, and now its row {row.Seq} of {row.Grain} is there");
        }

        // A host that is in doubt answers nothing more about the grain before it knows what became of that.
        if (call.State == CallState.Ended && audit.LastAnswered(call) > call.EndNanos)
        {
            throw new Violation("in doubt", $"call {call.Id} was answered {call.Reply}, its host has answered about {call.Grain} since, and now its row {row.Seq} is there");
        }

        if (row.RequestId != call.Command.RequestId || row.RequestId is null != row.RequestHash is null)
        {
            throw new Violation("request id", $"row {row.Seq} of {row.Grain} has the request id {row.RequestId}, its call {call.Command.RequestId}");
        }

        CheckClock(call);
        call.RowSeq = row.Seq;
        if (row.RequestId is not null)
        {
            if (audit.FirstOf(row.RequestId) is { } first)
            {
                throw new Violation("request id", $"row {row.Seq} of {row.Grain} repeats the request id {row.RequestId} of row {first.Seq}");
            }

            audit.Remember(row.RequestId, row.Seq, call);
        }
    }

    // A host whose clock is wrong decides nothing, from the very moment that it is.
    private static void CheckClock(Call call)
    {
        if (call.MinSkew > Call.SkewAllowedNanos || call.MaxSkew < -Call.SkewAllowedNanos)
        {
            throw new Violation("clock", $"call {call.Id} on {call.Grain} was decided by a host whose clock was {call.MinSkew / 1_000_000} to {call.MaxSkew / 1_000_000} ms off meanwhile");
        }

        if (call.Node.Incarnation == call.Incarnation && call.StartNanos - call.Node.ClockReadNanos > ClockAgeNanos)
        {
            throw new Violation("clock", $"call {call.Id} on {call.Grain} was decided by a host that had not read the database's clock for {(call.StartNanos - call.Node.ClockReadNanos) / 1_000_000_000} s");
        }
    }

    private void End(Call call, Reply? reply, Exception? failure)
    {
        GrainAudit audit = this.Of(call.Grain);
        call.EndNanos = this.world.NowNanos;
        call.EndRests = this.world.Rests;
        Span span = audit.End(call);
        if (failure is not null)
        {
            if (failure is Violation found)
            {
                throw found;
            }

            if (failure is not OperationCanceledException || call.PatienceNanos == 0)
            {
                throw new Violation("exception", $"call {call.Id} on {call.Grain}: {call.Command}\n  ended with {failure}");
            }

            call.State = CallState.Lost;
            return;
        }

        call.State = CallState.Ended;
        call.Reply = reply;
        this.world.Mix((ulong)reply!.Outcome);
        // A stored first reply says nothing of what came after it.
        bool replayed = reply is Accepted { Replayed: true } or Denied { Outcome: Outcome.IdempotencyMismatch };
        if (!replayed && reply.Outcome is not (Outcome.InDoubt or Outcome.Unavailable or Outcome.Overloaded or Outcome.ClockSkew or Outcome.Stopping))
        {
            audit.Answered(call);
            CheckClock(call);
        }

        switch (reply)
        {
            case Accepted accepted:
                this.CheckAccepted(call, accepted, span);
                break;
            case Denied { Outcome: Outcome.InDoubt }:
                break;
            case Denied { Outcome: Outcome.GrainBroken }:
                throw new Violation("broken", $"{call.Grain} is said to be broken: {reply}");
            case Denied { Outcome: Outcome.IdempotencyMismatch }:
                if (!span.Any(history => call.Command.RequestId is { } id && history.FirstOf(id) is { } first && first.Call.Body != call.Body))
                {
                    throw new Violation("idempotency", $"call {call.Id} on {call.Grain} was answered {reply}, and no other body came under its id");
                }

                break;
            default:
                if (call.RowSeq != 0)
                {
                    throw new Violation("late", $"call {call.Id} was answered {reply}, and its row {call.RowSeq} of {call.Grain} is there");
                }

                if (reply.Outcome == Outcome.Unavailable)
                {
                    this.batches.CheckUnavailable(call);
                }

                if (reply.Outcome == Outcome.Overloaded && this.calls.Count <= this.queueMax)
                {
                    throw new Violation("room", $"call {call.Id} on {call.Grain} was answered {reply}, and no more than {this.calls.Count} commands have ever been asked for");
                }

                if (reply.Outcome is not (Outcome.Unavailable or Outcome.Overloaded or Outcome.ClockSkew or Outcome.Stopping))
                {
                    span.History.MustHold(span);
                }

                break;
        }
    }

    // A call that was under way when the server was switched may be told of what was durable then.
    private void CheckAccepted(Call call, Accepted accepted, Span span)
    {
        for (Span? one = span; one.Then is { } then; one = then)
        {
            try
            {
                this.CheckAccepted(call, accepted, one.History);
                return;
            }
            catch (Violation)
            {
                // The next history may have it.
                span = then;
            }
        }

        this.CheckAccepted(call, accepted, span.History);
    }

    private void CheckAccepted(Call call, Accepted accepted, GrainAudit audit)
    {
        if (accepted.Seq < 1 || accepted.Seq > audit.Seq)
        {
            throw new Violation("durable", $"call {call.Id} on {call.Grain} was told of row {accepted.Seq}, and only {audit.Seq} are durable");
        }

        JournalRow row = audit.RowOf(accepted.Seq);
        if (!accepted.Replayed && (call.RowSeq != accepted.Seq || row.Actor != call.Command.Actor))
        {
            throw new Violation("durable", $"call {call.Id} on {call.Grain} was told of row {accepted.Seq}, which is {row.Actor}'s; its own is {call.RowSeq}");
        }

        if (accepted.Replayed)
        {
            bool same = call.Command.RequestId is { } id && row.RequestId == id && this.calls[GrainAudit.IdOf(row.Actor)].Body == call.Body;
            if (!same || call.RowSeq != 0)
            {
                throw new Violation("idempotency", $"call {call.Id} on {call.Grain}, {call.Command} under {call.Command.RequestId},\n  was answered again with row {row.Seq} under {row.RequestId}: {row.Type}");
            }
        }

        this.buffer.ResetWrittenCount();
        EventJson.Write(accepted.Event, this.buffer);
        if (row.AtNanos != accepted.AtNanos || row.Type != EventJson.TypeName(accepted.Event) || !this.buffer.WrittenSpan.SequenceEqual(row.Data))
        {
            throw new Violation("reply", $"call {call.Id} on {call.Grain} was answered {accepted}, and its row is {row.Type} {Encoding.UTF8.GetString(row.Data)}");
        }
    }

    // The documented form: SHA-256(previous ‖ the columns, each with its length ‖ SHA-256(data)).
    private ChainHash HashOf(ChainHash previous, JournalRow row)
    {
        Span<byte> text = this.hashInput;
        previous.CopyTo(text);
        int length = 32;
        length = Append(text, length, row.Grain.Path);
        BinaryPrimitives.WriteInt64BigEndian(text[length..], row.Seq);
        BinaryPrimitives.WriteInt64BigEndian(text[(length + 8)..], row.AtNanos / 1000);
        length = Append(text, length + 16, row.Type);
        length = Append(text, length, row.Actor);
        length = Append(text, length, row.RequestId);
        byte[] body = row.RequestHash ?? [];
        text[length++] = (byte)body.Length;
        body.CopyTo(text[length..]);
        length += body.Length;
        SHA256.HashData(row.Data, text[length..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(text[..(length + 32)], hash);
        return new ChainHash(hash);
    }

    private static int Append(Span<byte> text, int at, string? value)
    {
        int bytes = value is null ? 0 : Encoding.UTF8.GetBytes(value, text[(at + 2)..]);
        BinaryPrimitives.WriteUInt16BigEndian(text[at..], value is null ? ushort.MaxValue : (ushort)bytes);
        return at + 2 + bytes;
    }
}
