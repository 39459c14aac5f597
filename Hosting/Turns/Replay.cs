using OrleansBilling.Grains;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.Hosting.Turns;

/// <summary>A grain's rows do not form a chain, or cannot be read.</summary>
internal sealed class GrainBrokenException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A grain's state as it grows from its rows, page by page. Each row is checked against the one before it, so that pages read at
/// different instants are one chain all the same: rows are never changed, and a later page can only have more of them.
/// </summary>
internal sealed class Replay
{
    private readonly GrainKind kind;
    private readonly object state;
    private readonly long snapshotSeq;
    private long atNanos;
    private ChainHash hash;

    /// <summary>From nothing.</summary>
    public Replay(GrainKind kind)
    {
        this.kind = kind;
        this.state = kind.NewState();
    }

    private Replay(GrainKind kind, StoredSnapshot snapshot, object state)
    {
        this.kind = kind;
        this.state = state;
        this.snapshotSeq = this.Seq = snapshot.Seq;
        this.atNanos = snapshot.AtNanos;
        this.hash = snapshot.Hash;
    }

    /// <summary>The number of the last row in it.</summary>
    public long Seq { get; private set; }

    /// <summary>What has been replayed.</summary>
    public LoadedState Loaded => new(this.state, this.Seq, this.atNanos, this.hash, this.snapshotSeq);

    /// <summary>From a snapshot; null where it cannot be read, as it can be thrown away as long as the rows are there.</summary>
    public static Replay? From(GrainKind kind, StoredSnapshot snapshot)
    {
        try
        {
            return kind.ReadSnapshot(snapshot.Data) is { } state ? new Replay(kind, snapshot, state) : null;
        }
        catch (Exception)
        {
            // Bytes of another release, or damaged: whatever reading them trips over, the rows know better.
            return null;
        }
    }

    /// <summary>Whether its last row is the first of these.</summary>
    public bool EndsWith(IReadOnlyList<JournalRow> rows) => rows.Count > 0 && rows[0].Seq == this.Seq && rows[0].Hash == this.hash;

    /// <summary>Goes on by the rows that follow.</summary>
    /// <exception cref="GrainBrokenException">They do not follow, or do not fit the state.</exception>
    public void Add(IEnumerable<JournalRow> rows)
    {
        try
        {
            foreach (JournalRow row in rows)
            {
                this.Add(row);
            }
        }
        catch (Exception e) when (e is not GrainBrokenException)
        {
            // Rows can be a chain and still not fit the state: whatever replaying them trips over, it is this grain that is broken.
            throw new GrainBrokenException(e.Message, e);
        }
    }

    private void Add(JournalRow row)
    {
        if (row.Seq != this.Seq + 1)
        {
            throw new GrainBrokenException($"row {row.Seq} follows row {this.Seq}.");
        }

        this.hash = ChainHash.Next(this.hash, row);
        if (this.hash != row.Hash)
        {
            throw new GrainBrokenException($"row {row.Seq} does not have the hash that its content and the rows before it give.");
        }

        this.kind.Apply(this.state, EventJson.Read(row.Type, row.Data), row.Seq, row.AtNanos);
        this.Seq = row.Seq;
        this.atNanos = row.AtNanos;
    }
}
