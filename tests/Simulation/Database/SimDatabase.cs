using OrleansBilling.Hosting.Journal;
using OrleansBilling.Simulation.Audit;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Database;

/// <summary>Told of what the database did, at the moment it did it.</summary>
internal interface IDatabaseObserver
{
    /// <summary>A batch was committed.</summary>
    void OnCommit(SimProcess process, IReadOnlyList<JournalRow> rows);

    /// <summary>A host sends a batch.</summary>
    void OnSent(SimProcess process, IReadOnlyList<JournalRow> rows);

    /// <summary>A batch was not committed, for the sake of these grains of it; of some, by the fence.</summary>
    void OnFailed(SimProcess process, IReadOnlyList<JournalRow> rows, HashSet<GrainId> guilty, IEnumerable<GrainId> fenced);

    /// <summary>A host asks the others to rest a grain.</summary>
    void OnRestAsked(object client, GrainId grain);

    /// <summary>A host was asked to rest a grain.</summary>
    void OnRest(object client, GrainId grain);

    /// <summary>A host gives a session up that did not answer a question for so long.</summary>
    void OnGivenUp(object client, long nanos);

    /// <summary>A row was refused because its request id is there already.</summary>
    void OnRefused(SimProcess process, JournalRow row);

    /// <summary>A host asks for a page of a grain's request ids.</summary>
    void OnIdsAsked(object client, GrainId grain, long afterSeq);

    /// <summary>It was given the page; null when it could not be read.</summary>
    void OnIdsRead(object client, GrainId grain, RequestIds? page, bool more);

    /// <summary>The server was replaced by a copy; of these grains it has only so many rows.</summary>
    void OnSwitch(IReadOnlyDictionary<GrainId, long> kept);

    /// <summary>A snapshot came to be kept; <paramref name="valid"/> when its row is there.</summary>
    void OnSnapshot(StoredSnapshot snapshot, bool valid);
}

/// <summary>
/// The one database of a simulated world, by the journal's rules: rows, request ids, snapshots, writer sessions with their
/// locks, and transactions that may outlive their clients. Written from IJournal's words, not from any implementation of it.
/// </summary>
internal sealed class SimDatabase(SimWorld world, int lanes, bool shared)
{
    private readonly Dictionary<GrainId, List<JournalRow>> chains = [];
    private readonly Dictionary<RequestKey, JournalRow> requests = [];
    private readonly Dictionary<GrainId, StoredSnapshot> snapshots = [];
    private readonly List<SimSession> sessions = [];
    private readonly List<Action> undo = [];
    private int lastProcessId;
    private (long UntilNanos, long NanosMax, Delayed What) delay;

    public SimWorld World => world;

    public int Lanes => lanes;

    public bool Shared => shared;

    /// <summary>Decides on faults and delays.</summary>
    public SimRandom Random { get; } = world.Random.Fork();

    /// <summary>What goes wrong now; changed by the simulation as it goes.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>What happened, and how often.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Whether a fault happens now; it is counted then.</summary>
    public bool Strikes(int oneIn, string fault)
    {
        bool strikes = oneIn > 0 && this.Random.OneIn(oneIn);
        if (strikes)
        {
            this.Tally.Add(fault);
        }

        return strikes;
    }

    /// <summary>False while nobody can reach it.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>Until a time, about half of what is asked takes up to so much longer.</summary>
    /// <param name="untilNanos">The time.</param>
    /// <param name="nanosMax">How much.</param>
    /// <param name="what">What of it.</param>
    public void Delay(long untilNanos, long nanosMax, Delayed what) => this.delay = (untilNanos, nanosMax, what);

    /// <summary>Whether that is so now.</summary>
    public bool IsSlow => world.NowNanos < this.delay.UntilNanos;

    /// <summary>How much longer something takes now.</summary>
    public long DrawDelay(Delayed what) =>
        world.NowNanos < this.delay.UntilNanos && this.delay.What.HasFlag(what) && this.Random.OneIn(2) ? this.Random.Between(0, this.delay.NanosMax) : 0;

    public IDatabaseObserver? Observer { get; set; }

    /// <summary>The journals of the nodes that live, for what one tells the others.</summary>
    public List<SimJournal> Hosts { get; } = [];

    public IReadOnlyDictionary<GrainId, List<JournalRow>> Chains => chains;

    public IReadOnlyDictionary<GrainId, StoredSnapshot> Snapshots => snapshots;

    public Head HeadOf(GrainId grain) =>
        this.chains.TryGetValue(grain, out List<JournalRow>? chain) ? new Head(chain.Count, chain[^1].Hash) : default;

    public JournalRow? RowOf(GrainId grain, long seq) =>
        this.chains.TryGetValue(grain, out List<JournalRow>? chain) && seq >= 1 && seq <= chain.Count ? chain[(int)seq - 1] : null;

    public RequestIds RequestIdsOf(GrainId grain, long afterSeq, int rowsMax)
    {
        List<JournalRow> rows = this.chains.TryGetValue(grain, out List<JournalRow>? chain) ? [.. chain.Skip((int)afterSeq).Take(rowsMax)] : [];
        return new RequestIds([.. rows.Where(r => r.RequestId is not null).Select(r => r.RequestId!)], afterSeq + rows.Count);
    }

    public JournalRow? FindRequest(RequestKey key) => this.requests.GetValueOrDefault(key);

    /// <summary>All at once: the newest snapshot whose row exists, and the first rows after it.</summary>
    public StoredGrain Load(GrainId grain, int maxRows)
    {
        StoredSnapshot? snapshot = this.snapshots.GetValueOrDefault(grain);
        if (snapshot is not null && this.RowOf(grain, snapshot.Seq)?.Hash != snapshot.Hash)
        {
            snapshot = null;
            this.Tally.Add("load past a snapshot without its row");
        }

        return new StoredGrain(snapshot, this.ReadRows(grain, snapshot?.Seq ?? 0, maxRows));
    }

    public IReadOnlyList<JournalRow> ReadRows(GrainId grain, long after, int maxRows) =>
        this.chains.TryGetValue(grain, out List<JournalRow>? chain) && after < chain.Count
            ? chain.GetRange((int)after, (int)Math.Min(maxRows, chain.Count - after))
            : [];

    public void SaveSnapshots(IReadOnlyList<StoredSnapshot> saved)
    {
        foreach (StoredSnapshot snapshot in saved)
        {
            this.Observer?.OnSnapshot(snapshot, this.RowOf(snapshot.Grain, snapshot.Seq)?.Hash == snapshot.Hash);
            bool newer = !this.snapshots.TryGetValue(snapshot.Grain, out StoredSnapshot? kept) || kept.Seq <= snapshot.Seq
                || this.RowOf(kept.Grain, kept.Seq)?.Hash != kept.Hash;
            if (newer && !this.Strikes(this.Faults.SnapshotLost, "snapshot lost"))
            {
                this.Remember(snapshot.Grain, kept);
                this.snapshots[snapshot.Grain] = snapshot;
            }
        }
    }

    private void Remember(GrainId grain, StoredSnapshot? kept) => this.CanUndo(() =>
    {
        if (kept is null)
        {
            this.snapshots.Remove(grain);
        }
        else
        {
            this.snapshots[grain] = kept;
        }
    });

    private void CanUndo(Action undone)
    {
        if (this.undo.Count == 2 * SwitchMax)
        {
            this.undo.RemoveRange(0, SwitchMax);
        }

        this.undo.Add(undone);
    }

    /// <summary>
    /// The server is replaced by a copy that lacks its last commits, as an asynchronous standby does: what was under way is gone,
    /// with all sessions, and process ids are given out anew.
    /// </summary>
    /// <param name="commits">How many, at most <see cref="SwitchMax"/>.</param>
    public void Switch(int commits)
    {
        this.CutSessions(null);
        this.lastProcessId = 0;
        Dictionary<GrainId, long> before = this.chains.ToDictionary(c => c.Key, c => (long)c.Value.Count);
        for (int i = 0; i < commits && this.undo.Count > 0; i++)
        {
            this.undo[^1]();
            this.undo.RemoveAt(this.undo.Count - 1);
        }

        Dictionary<GrainId, long> kept = before.Where(b => this.HeadOf(b.Key).Seq < b.Value).ToDictionary(b => b.Key, b => this.HeadOf(b.Key).Seq);
        this.Observer?.OnSwitch(kept);
        this.Tally.Add(kept.Count > 0 ? "server switched, rows lost" : "server switched, nothing lost");
    }

    /// <summary>An operator deletes a snapshot.</summary>
    public void DropSnapshot(GrainId grain)
    {
        if (this.snapshots.Remove(grain, out StoredSnapshot? kept))
        {
            this.Tally.Add("snapshot deleted");
            this.Remember(grain, kept);
        }
    }

    /// <summary>A snapshot of a row that is not there, as after a restore: to be ignored.</summary>
    public void MisplaceSnapshot(GrainId grain)
    {
        if (this.snapshots.TryGetValue(grain, out StoredSnapshot? kept))
        {
            this.Remember(grain, kept);
            this.Tally.Add("snapshot ahead of its row");
            this.snapshots[grain] = kept with { Seq = kept.Seq + 1_000 };
        }
    }

    /// <summary>A snapshot comes to hold what no release ever wrote: to be thrown away.</summary>
    public void SpoilSnapshot(GrainId grain)
    {
        if (this.snapshots.TryGetValue(grain, out StoredSnapshot? kept))
        {
            this.Remember(grain, kept);
            this.Tally.Add("snapshot that cannot be read");
            this.snapshots[grain] = kept with { Data = [Spoiled, .. kept.Data] };
        }
    }

    public SimSession Open(int lane, object client)
    {
        foreach (SimSession other in this.sessions)
        {
            if (other.Identity.Lane == lane && !shared)
            {
                throw new JournalOccupiedException($"Lane {lane} is written by a host that is configured to be alone.");
            }
        }

        SimSession session = new(new WriterIdentity(lane, ++this.lastProcessId, world.NowNanos / 1000), client);
        this.sessions.Add(session);
        return session;
    }

    public SimSession? Find(WriterIdentity identity) => this.sessions.Find(s => s.Identity == identity);

    /// <summary>The session is over, and what it was doing is undone.</summary>
    public void End(SimSession session)
    {
        session.Ended = true;
        session.Busy = false;
        this.sessions.Remove(session);
        session.Wake();
    }

    /// <summary>The client is gone. What its sessions are doing goes on; then they end.</summary>
    public void Abandon(object client)
    {
        foreach (SimSession session in this.sessions.ToArray())
        {
            if (ReferenceEquals(session.Client, client))
            {
                session.Abandoned = true;
                if (!session.Busy)
                {
                    world.After(this.Random.Between(0, 2_000_000_000), () => this.EndUnlessBusy(session));
                }
            }
        }
    }

    /// <summary>Cuts sessions, as an operator or a broken network does.</summary>
    public void CutSessions(object? client)
    {
        foreach (SimSession session in this.sessions.ToArray())
        {
            if (client is null || ReferenceEquals(session.Client, client))
            {
                this.End(session);
            }
        }
    }

    public void GoDown()
    {
        this.Tally.Add("database down");
        this.IsUp = false;
        this.CutSessions(null);
    }

    public void ComeUp() => this.IsUp = true;

    public void EndUnlessBusy(SimSession session)
    {
        if (!session.Busy && !session.Ended)
        {
            this.End(session);
        }
    }

    /// <summary>One transaction: all rows or none.</summary>
    public AppendResult Append(SimSession session, IReadOnlyList<JournalRow> rows)
    {
        SimProcess process = new(session.Client, session);
        foreach (JournalRow row in rows)
        {
            // The one row that this database cannot store, so that hosts have to find it.
            if (row.Actor.Length > 0 && row.Actor[^1] == Poison)
            {
                this.Tally.Add("row that cannot be stored");
                this.Observer?.OnFailed(process, rows, [.. rows.Where(r => r.Actor.Length > 0 && r.Actor[^1] == Poison).Select(r => r.Grain)], []);
                return new AppendResult.Rejected("a row that cannot be stored");
            }
        }

        if (this.FindRefusals(rows) is { } refusals)
        {
            this.TellOfRepeats(process, rows);
            this.Observer?.OnFailed(process, rows, [.. refusals.Select(r => r.Grain)], refusals.Where(r => r.RequestId is null).Select(r => r.Grain));
            this.Tally.Add(refusals.Exists(r => r.RequestId is not null) ? "append refused for a repeated id" : "append refused by the fence");
            return new AppendResult.Refused(refusals);
        }

        foreach (JournalRow row in rows)
        {
            if (!this.chains.TryGetValue(row.Grain, out List<JournalRow>? chain))
            {
                this.chains.Add(row.Grain, chain = []);
            }

            chain.Add(row);
            if (row.RequestId is not null)
            {
                this.requests.Add(new RequestKey(row.Grain, row.RequestId), row);
            }
        }

        this.CanUndo(() => this.TakeBack(rows));
        this.Observer?.OnCommit(process, rows);
        return AppendResult.Committed.Instance;
    }

    private void TakeBack(IReadOnlyList<JournalRow> rows)
    {
        foreach (JournalRow row in rows.Reverse())
        {
            List<JournalRow> chain = this.chains[row.Grain];
            chain.RemoveAt(chain.Count - 1);
            if (chain.Count == 0)
            {
                this.chains.Remove(row.Grain);
            }

            if (row.RequestId is not null)
            {
                this.requests.Remove(new RequestKey(row.Grain, row.RequestId));
            }
        }
    }

    /// <summary>The most commits that a copy may lack.</summary>
    public const int SwitchMax = 64;

    /// <summary>Snapshots that start so cannot be read.</summary>
    public const byte Spoiled = 255;

    /// <summary>Rows by an actor that ends so cannot be stored.</summary>
    public const char Poison = '!';

    private void TellOfRepeats(SimProcess process, IReadOnlyList<JournalRow> rows)
    {
        foreach (JournalRow row in rows)
        {
            if (row.RequestId is not null && this.requests.ContainsKey(new RequestKey(row.Grain, row.RequestId)))
            {
                this.Observer?.OnRefused(process, row);
            }
        }
    }

    private List<Refusal>? FindRefusals(IReadOnlyList<JournalRow> rows)
    {
        List<Refusal>? refusals = null;
        HashSet<RequestKey>? inBatch = null;
        Head head = default;
        GrainId grain = default;
        bool fenced = false;
        foreach (JournalRow row in rows)
        {
            if (row.Grain != grain)
            {
                grain = row.Grain;
                head = this.HeadOf(grain);
                fenced = false;
            }

            if (!fenced && (row.Seq != head.Seq + 1 || row.Previous != head.Hash))
            {
                (refusals ??= []).Add(new Refusal(grain, null));
                fenced = true;
            }

            head = new Head(row.Seq, row.Hash);
            if (row.RequestId is not null)
            {
                RequestKey key = new(grain, row.RequestId);
                if (!(inBatch ??= []).Add(key) || this.requests.ContainsKey(key))
                {
                    (refusals ??= []).Add(new Refusal(grain, row.RequestId));
                }
            }
        }

        return refusals;
    }
}

/// <summary>What takes longer for a while.</summary>
[Flags]
internal enum Delayed
{
    None = 0,

    /// <summary>All that is asked, on the way to the server.</summary>
    Questions = 1,

    Commits = 2,

    /// <summary>The answers of reads, which are old by then.</summary>
    Answers = 4,
}

/// <summary>One writer session in the database.</summary>
internal sealed class SimSession(WriterIdentity identity, object client)
{
    public WriterIdentity Identity => identity;

    /// <summary>Whose it is.</summary>
    public object Client => client;

    public bool Ended { get; set; }

    /// <summary>Whether a transaction is under way.</summary>
    public bool Busy { get; set; }

    /// <summary>Whether its client is gone, so that it ends with its transaction.</summary>
    public bool Abandoned { get; set; }

    /// <summary>Those who wait for its transaction.</summary>
    public List<Action> WhenIdle { get; } = [];

    /// <summary>Its transaction is over, one way or another.</summary>
    public void Wake()
    {
        Action[] waiting = [.. this.WhenIdle];
        this.WhenIdle.Clear();
        Array.ForEach(waiting, w => w());
    }
}
