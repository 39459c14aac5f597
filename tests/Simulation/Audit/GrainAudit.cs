using System.Buffers;
using OrleansBilling.Account;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;
using OrleansBilling.Keys;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>
/// One grain under audit. Its committed rows are replayed late: a state is left only when no call that is still under way may
/// have been answered from it, so that every denial and read can be looked for among the states of its own time.
/// </summary>
internal sealed class GrainAudit(GrainId grain, Zones zones, Func<int, Call> callOf)
{
    private readonly List<JournalRow> rows = [];
    private readonly List<int> batchOf = [];
    private readonly List<long> committedAt = [];
    private readonly List<Event> events = [];
    private readonly List<Span> answers = [];
    private readonly Dictionary<Call, long> underWay = [];
    private readonly Dictionary<string, (long Seq, Call Call)> requests = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> buffer = new(512);
    private readonly Dictionary<(int Node, int Incarnation), long> answeredAt = [];
    private KeyIssued? issued;
    private GrainAudit? past;
    private int batch;

    public GrainId Grain => grain;

    public Ledger Ledger { get; } = new(zones);

    public bool IsAccount { get; } = grain.Kind == GrainId.AccountKind;

    /// <summary>The last durable row.</summary>
    public long Seq => this.rows.Count;

    /// <summary>The last row that the model has seen.</summary>
    public long Applied { get; private set; }

    public long LastAt => this.rows.Count == 0 ? 0 : this.rows[^1].AtNanos;

    public bool IsOpen => this.issued is not null || (this.IsAccount && this.Seq > 0);

    /// <summary>A row has become durable.</summary>
    public void Add(JournalRow row, bool newBatch, long nowNanos)
    {
        this.committedAt.Add(nowNanos);
        this.rows.Add(row);
        this.batch += newBatch ? 1 : 0;
        this.batchOf.Add(this.batch);
    }

    public JournalRow RowOf(long seq) => this.rows[(int)seq - 1];

    /// <summary>When a row became durable.</summary>
    public long CommittedAt(long seq) => this.committedAt[(int)seq - 1];

    public void Remember(string requestId, long seq, Call call) => this.requests.Add(requestId, (seq, call));

    public (long Seq, Call Call)? FirstOf(string requestId) => this.requests.TryGetValue(requestId, out (long, Call) first) ? first : null;

    /// <summary>A process answered about this grain.</summary>
    public void Answered(Call call)
    {
        (int, int) process = (call.Node.Number, call.Incarnation);
        this.answeredAt[process] = Math.Max(call.StartNanos, this.answeredAt.GetValueOrDefault(process));
    }

    /// <summary>When the latest call began that the same process has answered about this grain.</summary>
    public long LastAnswered(Call call) => this.answeredAt.GetValueOrDefault((call.Node.Number, call.Incarnation));

    /// <summary>A call begins.</summary>
    public void Start(Call call) => this.underWay.Add(call, this.Seq);

    /// <summary>A call was to be decided after another one, which has been accepted: its answer is from no state before that.</summary>
    public void Follow(Call call, Call before, long seq)
    {
        for (GrainAudit? history = this; history is not null; history = history.past)
        {
            if (history.Seq >= seq && history.RowOf(seq).Actor == before.Command.Actor && history.underWay.TryGetValue(call, out long from))
            {
                if (call.RowSeq != 0 && history == this && call.RowSeq < seq)
                {
                    throw new Violation("order", $"call {call.Id} on {grain} wrote row {call.RowSeq}, and was to come after call {before.Id}, which wrote row {seq}");
                }

                history.underWay[call] = Math.Max(from, seq);
            }
        }
    }

    /// <summary>A call is over.</summary>
    /// <returns>The states that its answer may be from.</returns>
    public Span End(Call call)
    {
        Span? span = null;
        for (GrainAudit? history = this; history is not null; history = history.past)
        {
            if (history.underWay.Remove(call, out long from))
            {
                span = new Span(history, call, from, history.Seq, span);
            }
        }

        return span!;
    }

    /// <summary>An answer that must have been right in some state of its time.</summary>
    public void MustHold(Span span) => this.answers.Add(span);

    /// <summary>
    /// The history that goes on after the first <paramref name="kept"/> rows: the server was replaced by a copy that lacks the others.
    /// This one stays until every call is explained that was under way.
    /// </summary>
    public GrainAudit Fork(long kept)
    {
        GrainAudit fork = new(grain, zones, callOf) { past = this, batch = this.batch };
        fork.rows.AddRange(this.rows[..(int)kept]);
        fork.batchOf.AddRange(this.batchOf[..(int)kept]);
        fork.committedAt.AddRange(this.committedAt[..(int)kept]);
        foreach ((string id, (long Seq, Call Call) first) in this.requests.Where(r => r.Value.Seq <= kept))
        {
            fork.requests.Add(id, first);
        }

        foreach (((int, int) process, long at) in this.answeredAt)
        {
            fork.answeredAt.Add(process, at);
        }

        foreach (Call call in this.underWay.Keys)
        {
            fork.underWay.Add(call, kept);
        }

        while (fork.Applied < kept && fork.Applied < this.Applied)
        {
            fork.Apply(this.events[(int)fork.Applied], fork.RowOf(fork.Applied + 1));
        }

        return fork;
    }

    /// <summary>Replays as far as it may.</summary>
    public void Advance()
    {
        if (this.past is { } before)
        {
            before.Advance();
            if (before.underWay.Count > 0 || before.answers.Count > 0 || before.Applied < before.Seq)
            {
                return;
            }

            this.past = null;
        }

        long limit = this.underWay.Count == 0 ? this.Seq : Math.Min(this.Seq, this.underWay.Values.Min());

        this.CheckAnswers();
        while (this.Applied < limit)
        {
            this.ApplyNext();
            this.CheckAnswers();
        }
    }

    /// <summary>At the end all is replayed, every answer explained, and no hold is left.</summary>
    public void CheckEnd(StoredSnapshot? snapshot)
    {
        if (snapshot is not null && snapshot.Seq <= this.Seq && this.RowOf(snapshot.Seq).Hash == snapshot.Hash)
        {
            this.CheckSnapshot(snapshot);
        }

        if (this.Applied != this.Seq || this.answers.Count > 0 || this.past is not null)
        {
            throw new Violation("end", $"{grain}: {this.Applied} of {this.Seq} rows replayed, {this.answers.Count} answers unexplained");
        }

        if (this.Ledger.OpenHolds > 0)
        {
            throw new Violation("hold", $"{grain}: {this.Ledger.OpenHolds} holds never ended");
        }
    }

    // A replay from nothing and one from the snapshot come to the same state, byte for byte.
    private void CheckSnapshot(StoredSnapshot snapshot)
    {
        GrainKind kind = GrainKinds.Find(grain.Kind)!;
        object fromNothing = kind.NewState();
        object fromSnapshot = kind.ReadSnapshot(snapshot.Data) ?? throw new Violation("snapshot", $"{grain}: its snapshot cannot be read");
        foreach (JournalRow row in this.rows)
        {
            Event e = EventJson.Read(row.Type, row.Data);
            kind.Apply(fromNothing, e, row.Seq, row.AtNanos);
            if (row.Seq > snapshot.Seq)
            {
                kind.Apply(fromSnapshot, e, row.Seq, row.AtNanos);
            }
        }

        ArrayBufferWriter<byte> x = new();
        ArrayBufferWriter<byte> y = new();
        kind.WriteSnapshot(fromNothing, x);
        kind.WriteSnapshot(fromSnapshot, y);
        if (!x.WrittenSpan.SequenceEqual(y.WrittenSpan))
        {
            throw new Violation("snapshot", $"{grain}: the rows from nothing and from the snapshot at row {snapshot.Seq} come to different states");
        }
    }

    private void CheckAnswers()
    {
        for (int i = this.answers.Count - 1; i >= 0; i--)
        {
            Span span = this.answers[i];
            Call call = span.Call;
            if (span.From > this.Applied)
            {
                continue;
            }

            if (this.Explains(call, span.Then is not null))
            {
                call.Forget();
                this.answers[i] = this.answers[^1];
                this.answers.RemoveAt(this.answers.Count - 1);
            }
            else if (span.To == this.Applied && span.Then is { } then)
            {
                then.History.MustHold(then);
                this.answers[i] = this.answers[^1];
                this.answers.RemoveAt(this.answers.Count - 1);
            }
            else if (span.To == this.Applied)
            {
                throw new Violation(
                    "answer",
                    $"call {call.Id} on {grain}: {call.Command}\n  was answered {Text(call.Reply)}\n  which holds in no state from row {span.From} to {span.To}, from {call.StartNanos} to {call.EndNanos} by a clock {call.MinSkew} to {call.MaxSkew} off; in the last one it would be {Text(this.Expected(call, this.TimesOf(call).Low))}");
            }
        }
    }

    private (long Low, long High) TimesOf(Call call) => (
        Math.Max(this.Ledger.At, EarliestOf(call)),
        Math.Max(this.Ledger.At, LatestOf(call, call.EndNanos)));

    // By its host's clock, which did not decide while it was further off.
    private static long EarliestOf(Call call) => (call.StartNanos + Math.Max(call.MinSkew, -Call.SkewAllowedNanos)) / 1000 * 1000;

    private static long LatestOf(Call call, long endNanos) => (endNanos + Math.Min(call.MaxSkew, Call.SkewAllowedNanos)) / 1000 * 1000;

    // Some moment of the call's time at which nothing is due and the answer is the right one.
    private bool Explains(Call call, bool goesOn)
    {
        if (call.Command.RequestId is { } id && this.requests.TryGetValue(id, out (long Seq, Call Call) first) && first.Seq <= this.Applied)
        {
            return false;
        }

        (long low, long high) = this.TimesOf(call);
        if (call.Reply is AccountView view)
        {
            // A view says the moment it was taken at.
            bool timely = view.Seq == this.Applied && view.AtNanos >= low && view.AtNanos <= high;
            bool holds = timely && this.HoldsAt(call, view.AtNanos);
            if (timely && !holds && !goesOn)
            {
                throw new Violation("answer", $"call {call.Id} on {grain} was shown {Difference(Text(view), Text(this.Expected(call, view.AtNanos)))}");
            }

            return holds;
        }

        if (this.HoldsAt(call, low) || (high > low && this.HoldsAt(call, high)))
        {
            return true;
        }

        if (high > low && this.IsAccount && this.Ledger.IsOpened)
        {
            foreach (long moment in this.Ledger.Moments(low, high).Concat(this.MomentsOf(call.Command)))
            {
                if (moment > low && moment <= high && this.HoldsAt(call, moment))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // The last moment before something is due, and the first at which what the command would end has ended already; in whole microseconds.
    private long[] MomentsOf(Command command)
    {
        long ends = command switch
        {
            PostCredit c => c.ExpiresAtNanos ?? 0,
            CreateKey c => c.ExpiresAtNanos ?? 0,
            _ => 0,
        };
        return [(this.Ledger.NextDueNanos - 1) / 1000 * 1000, ends <= 0 || ends > long.MaxValue - 1000 ? 0 : (ends + 999) / 1000 * 1000];
    }

    private bool HoldsAt(Call call, long now)
    {
        if (this.IsAccount && this.Ledger.NextDue(now) is not null)
        {
            return false;
        }

        if (call.Reply is AccountView view && view.AtNanos == now && call.Command is GetAccount && this.IsAccount && this.Ledger.IsShownBy(view))
        {
            return true;
        }

        Verdict verdict = this.VerdictOf(call, now);
        return Same(verdict.Answer, call.Reply!) || (verdict.Or is not null && Same(verdict.Or, call.Reply!));
    }

    private Verdict VerdictOf(Call call, long now) => this.IsAccount ? this.Ledger.Decide(call.Command, now, call.Tariff!) : this.KeyVerdict(call.Command);

    private Reply? Expected(Call call, long now) => this.VerdictOf(call, now).Answer;

    private Verdict KeyVerdict(Command command) => command switch
    {
        GetKeyProof => this.issued is null
            ? Verdict.Deny(Outcome.KeyNotFound)
            : Verdict.Reply(new KeyProof(this.issued.Account, this.issued.Tag, this.issued.Pepper) { Hash = this.issued.Hash }),
        _ when Ledger.WrongFields(command, 0) is { } fields => Verdict.Invalid(fields),
        IssueKey c => this.issued is null ? Verdict.Accept(new KeyIssued(c.Account, c.Tag, c.Pepper) { Hash = c.Hash }) : Verdict.Deny(Outcome.KeyExists),
        RenewKeyProof c => this.issued is null ? Verdict.Deny(Outcome.KeyNotFound) : Verdict.Accept(new KeyProofRenewed(c.Tag, c.Pepper)),
        _ => throw new InvalidOperationException($"A key grain does not take {command.GetType().Name}."),
    };

    // One row, and the follower that must come with it.
    private void ApplyNext()
    {
        JournalRow row = this.RowOf(this.Applied + 1);
        Event? due = this.IsAccount ? this.Ledger.NextDue(row.AtNanos) : null;
        if (due is not null)
        {
            if (row.Actor.Length > 0)
            {
                throw new Violation("due", $"{Text(row)}\n  was written while this was due: {due}");
            }

            this.Take(row, due, "due");
            return;
        }

        if (row.Actor.Length == 0)
        {
            throw new Violation("due", $"{Text(row)}\n  is an expiry, and nothing is due");
        }

        Call call = callOf(IdOf(row.Actor));
        this.CheckTime(row, call);
        Verdict verdict = this.VerdictOf(call, row.AtNanos);
        if (verdict.Event is null)
        {
            throw new Violation("row", $"{Text(row)}\n  was written by call {call.Id}: {call.Command}\n  which had to be answered {Text(verdict.Answer)}");
        }

        this.Take(row, verdict.Event, "row");
        JournalRow? next = this.Applied < this.Seq ? this.RowOf(this.Applied + 1) : null;
        bool hasFollower = next is not null && next.RequestId is null && next.Actor == row.Actor && next.Type == "low_balance_crossed";
        if (verdict.Follower is null)
        {
            if (hasFollower)
            {
                throw new Violation("low balance", $"{Text(next!)}\n  says what needs no saying after {Text(row)}");
            }

            return;
        }

        if (!hasFollower || this.batchOf[(int)next!.Seq - 1] != this.batchOf[(int)row.Seq - 1])
        {
            throw new Violation("low balance", $"{Text(row)}\n  must be followed, in the same commit, by {verdict.Follower}");
        }

        this.Take(next, verdict.Follower, "low balance");
    }

    // A row's time is its host's clock in the turn, or that of the row before where that is later.
    private void CheckTime(JournalRow row, Call call)
    {
        long before = row.Seq == 1 ? 0 : this.RowOf(row.Seq - 1).AtNanos;
        long low = EarliestOf(call);
        long high = LatestOf(call, this.committedAt[(int)row.Seq - 1]);
        if (row.AtNanos != before && (row.AtNanos < low || row.AtNanos > high))
        {
            throw new Violation("time", $"{Text(row)}\n  was decided between {low} and {high} by its host's clock");
        }
    }

    private void Take(JournalRow row, Event expected, string check)
    {
        this.buffer.ResetWrittenCount();
        EventJson.Write(expected, this.buffer);
        if (row.Type != EventJson.TypeName(expected) || !this.buffer.WrittenSpan.SequenceEqual(row.Data))
        {
            string by = row.Actor.Length == 0 ? "the system" : $"call {row.Actor}: {callOf(IdOf(row.Actor)).Command}";
            throw new Violation(check, $"{Text(row)}\n  was written by {by}\n  and had to be {EventJson.TypeName(expected)} {System.Text.Encoding.UTF8.GetString(this.buffer.WrittenSpan)}");
        }

        this.Apply(expected, row);
    }

    private void Apply(Event e, JournalRow row)
    {
        if (this.IsAccount)
        {
            this.Ledger.Apply(e, row.Seq, row.AtNanos);
            this.Ledger.CheckInvariants();
        }
        else
        {
            this.issued = e is KeyProofRenewed renewed ? this.issued! with { Tag = renewed.Tag, Pepper = renewed.Pepper } : (KeyIssued)e;
        }

        this.events.Add(e);
        this.Applied = row.Seq;
    }

    /// <summary>The call that an actor names.</summary>
    public static int IdOf(string actor) =>
        int.Parse(actor.AsSpan()[1..].TrimEnd('!'), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The rows, for a person who looks for the reason of a violation.</summary>
    public IEnumerable<string> Print() => this.rows.Select(Text);

    private static string Text(JournalRow row) =>
        $"row {row.Seq} of {row.Grain} at {row.AtNanos}: {row.Type} {System.Text.Encoding.UTF8.GetString(row.Data)}";

    // Long texts from where they differ.
    private static string Difference(string actual, string expected)
    {
        int same = actual.Zip(expected).TakeWhile(p => p.First == p.Second).Count();
        return same < 100 ? expected : $"the same up to\n  …{actual[Math.Max(0, same - 80)..Math.Min(actual.Length, same + 160)]}…, but\n  …{expected[Math.Max(0, same - 80)..Math.Min(expected.Length, same + 160)]}…";
    }

    private static string Text(Reply? reply) => reply is AccountView or KeyView
        ? System.Text.Json.JsonSerializer.Serialize(reply, reply.GetType())
        : reply?.ToString() ?? "an acceptance";

    // Details are sentences for people; everything else must be equal.
    private static bool Same(Reply? expected, Reply actual) => (expected, actual) switch
    {
        (Denied x, Denied y) => x.Outcome == y.Outcome && x.Limit == y.Limit && (x.Field == y.Field || (x.Field?.Split('|').Contains(y.Field, StringComparer.Ordinal) ?? false)),
        (AccountView x, AccountView y) => Views.Same(x, y),
        (KeyView x, KeyView y) => Views.Same(x, y),
        (KeyProof x, KeyProof y) => x == y,
        _ => false,
    };
}
