using OrleansBilling.Hosting.Journal;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Database;

/// <summary>Told of what the database did, at the moment it did it.</summary>
internal interface IDatabaseObserver
{
    /// <summary>A batch was committed.</summary>
    void OnCommit(IReadOnlyList<JournalRow> rows);

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
    private int lastProcessId;

    public SimWorld World => world;

    public int Lanes => lanes;

    public bool Shared => shared;

    /// <summary>Decides on faults and delays.</summary>
    public SimRandom Random { get; } = world.Random.Fork();

    /// <summary>What goes wrong now; changed by the simulation as it goes.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>False while nobody can reach it.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>When a read last failed or took long.</summary>
    public long LastTroubleNanos { get; set; }

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
            if (newer && !FaultPlan.Strikes(this.Faults.SnapshotLost, this.Random))
            {
                this.snapshots[snapshot.Grain] = snapshot;
            }
        }
    }

    /// <summary>An operator deletes a snapshot.</summary>
    public void DropSnapshot(GrainId grain) => this.snapshots.Remove(grain);

    /// <summary>A snapshot of a row that is not there, as after a restore: to be ignored.</summary>
    public void MisplaceSnapshot(GrainId grain)
    {
        if (this.snapshots.TryGetValue(grain, out StoredSnapshot? kept))
        {
            this.snapshots[grain] = kept with { Seq = kept.Seq + 1_000 };
        }
    }

    /// <summary>A snapshot comes to hold what no release ever wrote: to be thrown away.</summary>
    public void SpoilSnapshot(GrainId grain)
    {
        if (this.snapshots.TryGetValue(grain, out StoredSnapshot? kept))
        {
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
    public AppendResult Append(IReadOnlyList<JournalRow> rows)
    {
        foreach (JournalRow row in rows)
        {
            // The one row that this database cannot store, so that hosts have to find it.
            if (row.Actor.Length > 0 && row.Actor[^1] == Poison)
            {
                return new AppendResult.Rejected("a row that cannot be stored");
            }
        }

        if (this.FindRefusals(rows) is { } refusals)
        {
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

        this.Observer?.OnCommit(rows);
        return AppendResult.Committed.Instance;
    }

    /// <summary>Snapshots that start so cannot be read.</summary>
    public const byte Spoiled = 255;

    /// <summary>Rows by an actor that ends so cannot be stored.</summary>
    public const char Poison = '!';

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
