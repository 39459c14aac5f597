using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Memory;

/// <summary>
/// What <see cref="MemoryJournal"/>s of one process share: the rows, the snapshots, the writer sessions with their locks.
/// Gone when the process ends. Members may be called from any thread; none waits.
/// </summary>
public sealed partial class MemoryStore
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Dictionary<GrainId, List<JournalRow>> chains = [];
    private readonly Dictionary<RequestKey, JournalRow> requests = [];
    private readonly Dictionary<GrainId, StoredSnapshot> snapshots = [];
    private readonly Dictionary<WriterIdentity, bool> sessions = [];
    private readonly List<MemoryJournal> hosts = [];
    private readonly HashSet<RequestKey> batchRequests = [];
    private int lastProcessId;

    /// <summary>An empty store.</summary>
    /// <param name="time">The store's clock, which its hosts compare theirs with.</param>
    /// <param name="lanes">The number of writer lanes, 1 or more.</param>
    public MemoryStore(TimeProvider time, int lanes = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        this.time = time;
        this.Lanes = lanes;
    }

    /// <summary>The number of writer lanes.</summary>
    public int Lanes { get; }

    /// <summary>Every row of every grain, each grain's by seq: the whole truth, for an audit.</summary>
    public IReadOnlyList<JournalRow> ReadAll()
    {
        lock (this.gate)
        {
            return [.. this.chains.OrderBy(chain => chain.Key.Path, StringComparer.Ordinal).SelectMany(chain => chain.Value)];
        }
    }

    /// <summary>Ends a writer session, as an operator ends a database session. Its lock is free; its next call finds it lost.</summary>
    /// <param name="session">The session; one that has ended already is no error.</param>
    public void EndSession(WriterIdentity session)
    {
        lock (this.gate)
        {
            this.sessions.Remove(session);
        }
    }

    internal void Join(MemoryJournal host)
    {
        lock (this.gate)
        {
            this.hosts.Add(host);
        }
    }

    internal void Leave(MemoryJournal host)
    {
        lock (this.gate)
        {
            this.hosts.Remove(host);
        }
    }

    internal long NowNanos() => (this.time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    internal WriterIdentity OpenSession(int lane, bool shared, WriterIdentity? previous)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lane);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(lane, this.Lanes);
        lock (this.gate)
        {
            if (previous is not null)
            {
                this.sessions.Remove(previous);
            }

            foreach ((WriterIdentity other, bool otherShared) in this.sessions)
            {
                if (other.Lane == lane && !(shared && otherShared))
                {
                    throw new JournalOccupiedException(otherShared
                        ? $"Lane {lane} is written in company and this host is configured to be alone: stop the other hosts, or configure this one for company."
                        : $"Lane {lane} is written by a host that is configured to be alone: stop that host, or configure both for company.");
                }
            }

            WriterIdentity session = new(lane, ++this.lastProcessId, this.NowNanos() / 1000);
            this.sessions.Add(session, shared);
            return session;
        }
    }

    internal void CheckSession(WriterIdentity session)
    {
        lock (this.gate)
        {
            this.MustBeOpen(session);
        }
    }

    internal AppendResult Append(WriterIdentity session, IReadOnlyList<JournalRow> rows)
    {
        lock (this.gate)
        {
            this.MustBeOpen(session);
            foreach (JournalRow row in rows)
            {
                if (Poison(row) is { } reason)
                {
                    return new AppendResult.Rejected(reason);
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

            return AppendResult.Committed.Instance;
        }
    }

    internal IReadOnlyList<Head> ReadHeads(WriterIdentity session, IReadOnlyList<GrainId> grains)
    {
        lock (this.gate)
        {
            this.MustBeOpen(session);
            Head[] heads = new Head[grains.Count];
            for (int i = 0; i < heads.Length; i++)
            {
                heads[i] = this.HeadOf(grains[i]);
            }

            return heads;
        }
    }

    internal void SaveSnapshots(IReadOnlyList<StoredSnapshot> saved)
    {
        lock (this.gate)
        {
            foreach (StoredSnapshot snapshot in saved)
            {
                // Rows are never taken back, so a snapshot that is valid when it is kept stays valid.
                bool valid = this.RowOf(snapshot.Grain, snapshot.Seq) is { } row && row.Hash == snapshot.Hash;
                if (valid && (!this.snapshots.TryGetValue(snapshot.Grain, out StoredSnapshot? kept) || kept.Seq <= snapshot.Seq))
                {
                    this.snapshots[snapshot.Grain] = snapshot;
                }
            }
        }
    }

    internal void AskForRest(MemoryJournal from, GrainId grain)
    {
        MemoryJournal[] others;
        lock (this.gate)
        {
            others = [.. this.hosts.Where(host => host != from)];
        }

        foreach (MemoryJournal other in others)
        {
            other.RestRequested?.Invoke(grain);
        }
    }

    private static string? Poison(JournalRow row) =>
        row.Grain.Path.Contains('\0', StringComparison.Ordinal) || row.Type.Contains('\0', StringComparison.Ordinal)
            || row.Actor.Contains('\0', StringComparison.Ordinal) || row.RequestId?.Contains('\0', StringComparison.Ordinal) == true
            ? $"Row {row.Seq} of a grain holds the character U+0000 in a name, which the journal cannot keep."
            : row.AtNanos % 1000 != 0 ? $"Row {row.Seq} of {row.Grain} has a time of {row.AtNanos} ns; the journal keeps whole microseconds." : null;

    private void MustBeOpen(WriterIdentity session)
    {
        if (!this.sessions.ContainsKey(session))
        {
            throw new JournalInDoubtException($"Writer session {session.ProcessId} on lane {session.Lane} has been ended.");
        }
    }

    private JournalRow? RowOf(GrainId grain, long seq) =>
        this.chains.TryGetValue(grain, out List<JournalRow>? chain) && seq >= 1 && seq <= chain.Count ? chain[(int)(seq - 1)] : null;

    private Head HeadOf(GrainId grain) =>
        this.chains.TryGetValue(grain, out List<JournalRow>? chain) ? new Head(chain.Count, chain[^1].Hash) : default;

    private List<Refusal>? FindRefusals(IReadOnlyList<JournalRow> rows)
    {
        List<Refusal>? refusals = null;
        Head head = default;
        bool fenced = false;
        this.batchRequests.Clear();
        for (int i = 0; i < rows.Count; i++)
        {
            JournalRow row = rows[i];
            if (i == 0 || row.Grain != rows[i - 1].Grain)
            {
                head = this.HeadOf(row.Grain);
                fenced = false;
            }

            if (!fenced && (row.Seq != head.Seq + 1 || row.Hash != ChainHash.Next(head.Hash, row)))
            {
                (refusals ??= []).Add(new Refusal(row.Grain, null));
                fenced = true;
            }

            head = new Head(row.Seq, row.Hash);
            if (row.RequestId is not null)
            {
                RequestKey key = new(row.Grain, row.RequestId);
                if (!this.batchRequests.Add(key) || this.requests.ContainsKey(key))
                {
                    (refusals ??= []).Add(new Refusal(row.Grain, row.RequestId));
                }
            }
        }

        return refusals;
    }
}
