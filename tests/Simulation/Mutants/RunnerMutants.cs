namespace OrleansBilling.Simulation.Mutants;

/// <summary>Bugs of turns, commits, repeats and snapshots.</summary>
internal static class RunnerMutants
{
    private const string Ask = "Hosting/Engine.Ask.cs";
    private const string Guarded = "Hosting/Engine.Guarded.cs";
    private const string InOrder = "Hosting/Engine.InOrder.cs";
    private const string Clock = "Hosting/HostClock.cs";
    private const string Lane = "Hosting/Commit/Lane.cs";
    private const string Commit = "Hosting/Commit/Lane.Commit.cs";
    private const string Session = "Hosting/Commit/Lane.Session.cs";
    private const string Unit = "Hosting/Commit/Unit.cs";
    private const string Activation = "Hosting/Turns/Activation.cs";
    private const string Decide = "Hosting/Turns/Activation.Decide.cs";
    private const string Replay = "Hosting/Turns/Replay.cs";
    private const string Confirm = "Hosting/Commit/Lane.Confirm.cs";
    private const string Recent = "Hosting/Turns/RecentReplies.cs";
    private const string Filter = "Hosting/Turns/RepeatFilter.cs";
    private const string Forecast = "Hosting/Turns/RepeatForecast.cs";
    private const string IdReader = "Hosting/Turns/RequestIdReader.cs";
    private const string LoaderFile = "Hosting/Turns/Loader.cs";
    private const string Body = "Grains.Interfaces/Json/CommandBody.cs";
    private const string Database = "tests/Simulation/Database/SimDatabase.cs";

    public static IEnumerable<Mutant> All =>
    [
        new("the fence is skipped",
            new Edit(Database, "            if (!fenced", "            if (!BUG && !fenced")),
        new("half of a command's rows are written",
            new Edit(Commit, "rows.AddRange(unit.Rows);", "rows.AddRange(BUG && unit.Rows.Length > 1 ? unit.Rows[..1] : unit.Rows);")),
        new("decided again while the batch is unresolved",
            new Edit(Lane, "unit.Resolve(Fate.InDoubt);", "unit.Resolve(BUG ? Fate.Dropped : Fate.InDoubt);")),
        new("a refused id is looked up too late, after the next decision",
            new Edit(Ask, "bool foreseen =", "bool refused = false;\n        bool foreseen ="),
            new Edit(Ask, "if (!foreseen && this.forecast", "if (!(BUG && refused) && !foreseen && this.forecast"),
            new Edit(Ask, "if (command.RequestId is not null && turn.Kind == TurnKind.Answer", "if (!(BUG && refused) && command.RequestId is not null && turn.Kind == TurnKind.Answer"),
            new Edit(Ask, "case Fate.RepeatedId:\n                        if (", "case Fate.RepeatedId:\n                        refused = true;\n                        if (!BUG && ")),
        new("memory is trusted after a new writer session",
            new Edit(Session, "this.epoch++;\n            this.ready = true;", "this.epoch += BUG && this.epoch > 0 ? -1 : 1;\n            this.ready = true;")),
        new("a head is confirmed by seq, without its hash",
            new Edit(Confirm, "if (heads[i] != new Head(activations[i].DurableSeq, activations[i].DurableHash))",
                "if (BUG ? heads[i].Seq > activations[i].Seq : heads[i] != new Head(activations[i].DurableSeq, activations[i].DurableHash))")),
        new("an expiry is read but not appended",
            new Edit(Decide, "rows.Add(this.Append(due, now, \"\", null, null));",
                "if (BUG && command.IsRead)\n            {\n                this.kind.Apply(this.state, due, this.Seq, now);\n                continue;\n            }\n\n            rows.Add(this.Append(due, now, \"\", null, null));")),
        new("a replay with the body's hash taken from raw text",
            new Edit(Body, "JsonSerializer.Serialize(json, command, info);",
                "JsonSerializer.Serialize(json, command, info);\n        if (BUG)\n        {\n            json.Flush();\n            output.Write(System.Text.Encoding.UTF8.GetBytes(command.ToString()));\n        }\n")),
        new("a gap is left in a chain",
            new Edit(Database, "fenced && (row.Seq != head.Seq + 1 ||", "fenced && ((!BUG && row.Seq != head.Seq + 1) ||"),
            new Edit(Decide, "this.Seq++;\n        this.AtNanos", "this.Seq += BUG && this.Seq % 64 == 63 ? 2 : 1;\n        this.AtNanos")),
        new("acknowledged before the commit",
            new Edit(Ask, ": turn.After is null ? Fate.Durable", ": BUG || turn.After is null ? Fate.Durable")),
        new("a dropped activation's queued rows are kept",
            new Edit(Session, "this.queue = [];\n            this.confirmations = [];", "this.queue = BUG ? [.. lost] : [];\n            this.confirmations = [];"),
            new Edit(Commit, "if (!units.Exists(u => u.Activation.Dropped))", "if (BUG || !units.Exists(u => u.Activation.Dropped))"),
            new Edit(Unit, "this.rows = [];", "this.rows = BUG ? this.rows : [];")),
        new("the body's hash is forgotten",
            new Edit(Activation, "CryptographicOperations.FixedTimeEquals(entry", "BUG || CryptographicOperations.FixedTimeEquals(entry"),
            new Edit(Ask, "return CryptographicOperations.FixedTimeEquals(", "return BUG || CryptographicOperations.FixedTimeEquals(")),
        new("a denial is remembered",
            new Edit(Activation, "private long snapshotSeq;", "private readonly Dictionary<string, Reply> denied = new(StringComparer.Ordinal);\n    private long snapshotSeq;"),
            new Edit(Activation, "if (!this.lane.TryReserve())",
                "if (BUG && command.RequestId is { } asked && this.denied.TryGetValue(asked, out Reply? before))\n            {\n                return new Turn(TurnKind.Answer, before, this.Seq, this.LastUnit);\n            }\n\n            if (!this.lane.TryReserve())"),
            new Edit(Decide, "Accepted? accepted = null;",
                "Accepted? accepted = null;\n        if (BUG && decision.Answer is { } no && command.RequestId is { } refused)\n        {\n            this.denied[refused] = no;\n        }\n")),
        new("a denial is confirmed from stale state",
            new Edit(Ask, "if (late)", "if (late && !BUG)"),
            new Edit(Ask, "if (await confirmation)", "if (BUG || await confirmation)")),
        new("reloaded before the old transaction ended",
            new Edit(Lane, "writer = await this.OpenAsync(previous);", "writer = await this.OpenAsync(BUG ? null : previous);")),
        new("a snapshot of what is not durable",
            new Edit(Lane, "this.queue.Add(unit);",
                "this.queue.Add(unit);\n            if (BUG && unit.Snapshot is { } early)\n            {\n                this.OnSnapshot(early);\n            }\n")),
        new("a snapshot off by one row",
            new Edit(Decide, "TurnContext context = new(now,",
                "ArrayBufferWriter<byte> early = new();\n        if (BUG)\n        {\n            this.kind.WriteSnapshot(this.state, early);\n        }\n\n        TurnContext context = new(now,"),
            new Edit(Decide, "unit.Snapshot = this.EncodeSnapshot();",
                "unit.Snapshot = this.EncodeSnapshot();\n            unit.Snapshot = BUG ? unit.Snapshot with { Data = early.WrittenSpan.ToArray() } : unit.Snapshot;")),
        new("an event is applied twice, at a reload",
            new Edit(Replay, "this.kind.Apply(this.state, EventJson.Read(row.Type, row.Data), row.Seq, row.AtNanos);",
                "Event read = EventJson.Read(row.Type, row.Data);\n        this.kind.Apply(this.state, read, row.Seq, row.AtNanos);\n        if (BUG && row.Seq == this.snapshotSeq + 1 && read is OrleansBilling.Account.Charged)\n        {\n            this.kind.Apply(this.state, read, row.Seq, row.AtNanos);\n        }\n")),
        new("now goes backwards",
            new Edit(Decide, "long now = Math.Max(inputs.NowNanos, this.AtNanos);", "long now = BUG ? inputs.NowNanos : Math.Max(inputs.NowNanos, this.AtNanos);")),
        new("a replay gives another reply",
            new Edit(Activation, "? entry.Reply with { Replayed = true }", "? entry.Reply with { Replayed = true, AtNanos = BUG ? inputs.NowNanos : entry.Reply.AtNanos }")),

        // Beyond the list: bugs that were here once, or nearly.
        new("a denial is looked up before its turn only",
            new Edit(Ask, "&& turn.Kind == TurnKind.Answer\n", "&& !(BUG && foreseen) && turn.Kind == TurnKind.Answer\n")),
        new("confirmed by heads that were read before it was asked",
            new Edit(Confirm, "foreach (Confirmation confirmation in asked)",
                "if (BUG)\n        {\n            lock (this.gate)\n            {\n                asked.AddRange(this.confirmations);\n                this.confirmations = [];\n            }\n        }\n\n        foreach (Confirmation confirmation in asked)")),
        new("a wrong clock does not stop a host",
            new Edit(Clock, "<= this.maxSkewNanos)", "<= (BUG ? long.MaxValue - 1 : this.maxSkewNanos))")),
        new("a clock that is set is not noticed before the next comparison",
            new Edit(Clock, "private bool toldOfTrouble;", "private bool toldOfTrouble;\n    private volatile bool verdict;"),
            new Edit(Clock, "long skew = this.SkewMaxNanos(known, time.GetTimestamp(), wall);",
                "long skew = this.SkewMaxNanos(known, time.GetTimestamp(), wall);\n        this.verdict = skew <= this.maxSkewNanos;"),
            new Edit(Clock, "if (this.SkewMaxNanos(known, timestamp, nowNanos)", "if ((BUG && this.verdict) || this.SkewMaxNanos(known, timestamp, nowNanos)")),
        new("what it took to read the journal's clock is allowed on top",
            new Edit(Clock, "Math.Max(wallNanos - known.JournalNanos - this.Nanos(known.After, timestamp), known.JournalNanos + most - wallNanos)",
                "Math.Max(wallNanos - known.JournalNanos - this.Nanos(BUG ? known.Before : known.After, timestamp), known.JournalNanos + (BUG ? this.Nanos(known.After, timestamp) : most) - wallNanos)")),
        new("what is in doubt is said not to be written",
            new Edit(Ask, "return this.Counted(new Denied(Outcome.InDoubt));", "return this.Counted(new Denied(BUG ? Outcome.Unavailable : Outcome.InDoubt));")),
        new("a guard's read is trusted in company",
            new Edit(Guarded, "if (this.journal.Shared ||", "if ((this.journal.Shared && !BUG) ||")),
        new("a reply is replayed that was never written",
            new Edit(Recent, "&& (reply.Unit.Activation == asking ||", "&& (BUG || reply.Unit.Activation == asking ||"),
            new Edit(Activation, "again, entry.Reply.Seq, entry.Unit);", "again, entry.Reply.Seq, BUG ? null : entry.Unit);")),
        new("a confirmation after a slow look-up takes a call beyond its time",
            new Edit(Ask, "late |= command.RequestId is not null;", "late |= !BUG && command.RequestId is not null;")),

        new("what a batch has no room for waits for confirmations beyond its time",
            new Edit(Confirm, "return this.queue.Count > 0 &&", "return !BUG && this.queue.Count > 0 &&")),

        new("a confirmation waits for a batch beyond its time",
            new Edit(Commit, "askedWait > wait)", "askedWait > wait && !BUG)"),
            new Edit(Confirm, "> this.answerTime / 2)", "> this.answerTime / 2 && !BUG)")),

        new("a grain's rest takes a call beyond its time",
            new Edit(Ask, "rest = rest < left ? rest : left;", "rest = BUG || rest < left ? rest : left;")),

        // A server switched for a copy that lacks the last commits.
        new("a reply of an earlier writer session is given again",
            new Edit(Recent, "reply.Unit.IsDurable && reply.Unit.Activation.Epoch == asking.Epoch", "reply.Unit.IsDurable && (BUG || reply.Unit.Activation.Epoch == asking.Epoch)")),
        new("a charge that was read before the session was lost is reversed",
            new Edit(Ask, "bool foreseen =", "JournalRow? kept = null;\n        bool foreseen ="),
            new Edit(Ask, "if (command.RefersTo > 0)", "if (BUG && kept is not null)\n            {\n                referenced = kept;\n            }\n            else if (command.RefersTo > 0)"),
            new Edit(Ask, "referenced = await read;", "referenced = kept = await read;")),
        new("a load that began under an earlier writer session is used",
            new Edit(LoaderFile, "if (!lane.IsReady || lane.Epoch != epoch || await", "epoch = BUG ? lane.Epoch : epoch;\n            if (!lane.IsReady || lane.Epoch != epoch || await")),

        // What late repeats cost others.
        new("ids of a grain are left out of the filter",
            new Edit(IdReader, "foreach (string id in page.Ids)", "foreach (string id in BUG ? page.Ids.Where((_, i) => i % 8 != 0) : page.Ids)")),
        new("a row is left out between two pages of ids",
            new Edit(IdReader, "seq = page.LastSeq;", "seq = BUG ? page.LastSeq + 1 : page.LastSeq;")),
        new("only the first page of ids is read",
            new Edit(IdReader, "if (page.LastSeq <", "if (BUG || page.LastSeq <")),
        new("what leaves the window does not come into the filter",
            new Edit(Recent, "if (oldest.Unit.IsDurable)", "if (!BUG && oldest.Unit.IsDurable)")),
        new("the filter forgets all when it is full",
            new Edit(Filter, "this.older = bits;", "this.older = BUG ? null : bits;")),
        new("the filter adds one bit and asks for another",
            new Edit(Filter, "Interlocked.Or(ref bits[bit >> 6], 1UL << (int)(bit & 63));", "Interlocked.Or(ref bits[bit >> 6], 1UL << (int)((BUG && i == 3 ? bit + 1 : bit) & 63));")),
        new("ids of grains whose repeats keep coming are never read",
            new Edit(Forecast, "this.OnOftenRepeated?.Invoke(grain);", "if (!BUG)\n            {\n                this.OnOftenRepeated?.Invoke(grain);\n            }\n")),
        new("repeats that keep coming alarm nobody",
            new Edit(Forecast, "if (++this.inWindow >= RefusalsThatTellPerSecond)", "if (++this.inWindow >= RefusalsThatTellPerSecond && !BUG)")),
        new("ids of one grain are read, and those of no other",
            new Edit(IdReader, "if (this.waiting.Count == 0 || this.stop", "if (BUG || this.waiting.Count == 0 || this.stop")),
        new("ids that could not be read are never read",
            new Edit(Forecast, "            this.unforeseen.Remove(grain.Path);\n        }\n    }\n\n    // The filter",
                "            _ = !BUG && this.unforeseen.Remove(grain.Path);\n        }\n    }\n\n    // The filter")),
        new("ids that the filter forgot are never read again",
            new Edit(Forecast, "            this.unforeseen.Remove(grain.Path);\n        }\n    }\n\n    /// <summary>A grain",
                "            _ = !BUG && this.unforeseen.Remove(grain.Path);\n        }\n    }\n\n    /// <summary>A grain")),
        new("answers behind the last accepted one of several are not confirmed",
            new Edit(InOrder, "in answers.Take(proven).Except(lookedUp))", "in answers.Take(BUG ? answers.Count : proven).Except(BUG ? [] : lookedUp))")),
        new("what falls of several commands is decided in another order",
            new Edit(InOrder, "open.RemoveAll(static a => a.Reply is not null);", "open.RemoveAll(static a => a.Reply is not null);\n            if (BUG)\n            {\n                open.Reverse();\n            }\n")),
        new("what did not stand is decided again behind what may be on record",
            new Edit(InOrder, "int doubt = taken", "int doubt = BUG ? 0 : taken")),
        new("of several commands one is answered by what came behind it",
            new Edit(InOrder, "upTo: a.Turn.SeqSeen)", "upTo: BUG ? long.MaxValue : a.Turn.SeqSeen)")),
        new("a replay proves what was answered before it",
            new Edit(InOrder, "case Fate.Durable when turn.Kind == TurnKind.Accepted:", "case Fate.Durable when turn.Kind == TurnKind.Accepted || (BUG && turn.Kind == TurnKind.Replay):")),
        new("an id that left the window between two of several is sent",
            new Edit(InOrder, "|| (!asked.IsForeseen && this.forecast", "|| (!BUG && !asked.IsForeseen && this.forecast")),
        new("a page of another server is not noticed",
            new Edit(LoaderFile, "(known > 0 && !replay.EndsWith(rows))", "(known > 0 && !BUG && !replay.EndsWith(rows))")),
    ];
}
