namespace OrleansBilling.Hosting.Journal;

/// <summary>
/// The truth: an append-only table of rows, each grain's forming a chain. What is primitive is here; grouping, retrying and
/// deciding again are the runner's. Members may be called from any thread.
/// </summary>
/// <remarks>Every member throws <see cref="JournalUnavailableException"/> when the store cannot be reached; nothing happened then.</remarks>
public interface IJournal : IAsyncDisposable
{
    /// <summary>The number of writer lanes, fixed in the store; a grain stays on one.</summary>
    int Lanes { get; }

    /// <summary>Whether other hosts may write the same journal: answers are then confirmed by heads, not by a round trip.</summary>
    bool Shared { get; }

    /// <summary>
    /// Opens a lane's writer session and takes the lane's lock on it, exclusive when alone, shared in company. First makes sure
    /// that <paramref name="previous"/> has ended (its backend gone, its transaction over), ending it where it must.
    /// </summary>
    /// <param name="lane">0 … <see cref="Lanes"/> − 1.</param>
    /// <param name="previous">The session of this host and lane that was lost, or null.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="JournalOccupiedException">Another host holds the lane's lock in a way that excludes this one.</exception>
    Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct);

    /// <summary>
    /// Of each grain its newest valid snapshot and the first rows after it, read at one instant. Same length and order as asked.
    /// Chains are checked by the caller, who asks for what follows by <see cref="ReadRowsAsync"/>.
    /// </summary>
    /// <param name="grains">The grains, each once.</param>
    /// <param name="maxRows">The most rows of each grain, 1 or more; where fewer come, there were no more.</param>
    /// <param name="ct">Gives up.</param>
    Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct);

    /// <summary>The rows of a grain that follow a row, by seq.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="after">That row's number; 0 for rows from the first.</param>
    /// <param name="maxRows">The most rows, 1 or more; where fewer come, there were no more.</param>
    /// <param name="ct">Gives up.</param>
    Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct);

    /// <summary>One row, or null.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="seq">The row's number.</param>
    /// <param name="ct">Gives up.</param>
    Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct);

    /// <summary>The rows under these request ids; null where there is none. Same length and order as asked.</summary>
    /// <param name="requests">Grains and request ids.</param>
    /// <param name="ct">Gives up.</param>
    Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct);

    /// <summary>The request ids in a grain's rows after a number, in order, looking at no more than so many rows.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="afterSeq">The number of the last row looked at before; 0 at first.</param>
    /// <param name="rowsMax">How many rows to look at, at most.</param>
    /// <param name="ct">Gives up.</param>
    Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct);

    /// <summary>
    /// Keeps snapshots of durable states; an older one of the same grain is replaced, and one of the same row, which may have a form
    /// that this host does not read; a newer one stays.
    /// </summary>
    /// <param name="snapshots">The snapshots.</param>
    /// <param name="ct">Gives up.</param>
    Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct);

    /// <summary>The store's clock now, in nanos since the Unix epoch.</summary>
    /// <param name="ct">Gives up.</param>
    Task<long> ReadClockAsync(CancellationToken ct);

    /// <summary>Tells the other hosts that this one was refused repeatedly on a grain, so that they rest it for a moment. Best effort.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="ct">Gives up.</param>
    Task AskForRestAsync(GrainId grain, CancellationToken ct);

    /// <summary>Called with each grain that another host asks to rest. Set once, before the first writer is opened; may be called from any thread.</summary>
    Action<GrainId>? RestRequested { get; set; }
}

/// <summary>One lane's writer session. One call at a time.</summary>
public interface IJournalWriter : IAsyncDisposable
{
    /// <summary>Names the session, so that its end can be made sure of.</summary>
    WriterIdentity Identity { get; }

    /// <summary>
    /// Appends all rows in one statement, or none. Rows are ordered by grain and seq, and each grain's are consecutive.
    /// </summary>
    /// <param name="rows">The rows of one batch.</param>
    /// <param name="ct">Ends the wait; the outcome is then in doubt.</param>
    /// <exception cref="JournalInDoubtException">The session was lost; the batch may have been committed or not.</exception>
    Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct);

    /// <summary>A round trip on the session: proof that it, and so its lock, was still held after the call began.</summary>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="JournalInDoubtException">The session was lost.</exception>
    Task PingAsync(CancellationToken ct);

    /// <summary>The last row's number and hash of each grain, (0, default) for one without rows. Same length and order as asked.</summary>
    /// <param name="grains">The grains.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="JournalInDoubtException">The session was lost.</exception>
    Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct);
}

/// <summary>Names one writer session for ever.</summary>
/// <param name="Lane">The lane it writes.</param>
/// <param name="ProcessId">The server process's id.</param>
/// <param name="StartedMicros">When that process started, in microseconds since the Unix epoch, by the server's clock.</param>
public sealed record WriterIdentity(int Lane, int ProcessId, long StartedMicros);

/// <summary>One request id of one grain.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="RequestId">The id.</param>
public readonly record struct RequestKey(GrainId Grain, string RequestId);

/// <summary>Request ids of some rows of a grain.</summary>
/// <param name="Ids">The ids, in the rows' order; rows without one are left out.</param>
/// <param name="LastSeq">The number of the last row looked at; that of the row before, where there was none.</param>
public sealed record RequestIds(IReadOnlyList<string> Ids, long LastSeq);

/// <summary>The last row of a grain's chain.</summary>
/// <param name="Seq">Its number; 0 where there is none.</param>
/// <param name="Hash">Its hash.</param>
public readonly record struct Head(long Seq, ChainHash Hash);

/// <summary>A stored state.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="Seq">The number of the last row in it.</param>
/// <param name="Hash">That row's hash.</param>
/// <param name="AtNanos">That row's time.</param>
/// <param name="Data">The state.</param>
public sealed record StoredSnapshot(GrainId Grain, long Seq, ChainHash Hash, long AtNanos, byte[] Data);

/// <summary>What the store holds of one grain.</summary>
/// <param name="Snapshot">The newest snapshot whose row exists with its hash, or null.</param>
/// <param name="Rows">The rows after it, by seq, as many as were asked for.</param>
public sealed record StoredGrain(StoredSnapshot? Snapshot, IReadOnlyList<JournalRow> Rows);

/// <summary>What became of one attempt to append.</summary>
public abstract record AppendResult
{
    private AppendResult()
    {
    }

    /// <summary>All rows are durable.</summary>
    public sealed record Committed : AppendResult
    {
        /// <summary>The only one.</summary>
        public static readonly Committed Instance = new();
    }

    /// <summary>No row was written. These grains' chains have moved on, or their request ids exist; without them the rest may be sent again.</summary>
    /// <param name="Refusals">Every refusal found, at least one.</param>
    public sealed record Refused(IReadOnlyList<Refusal> Refusals) : AppendResult;

    /// <summary>No row was written, for a reason that passes (time-out, deadlock, resources): send the same again.</summary>
    /// <param name="Reason">For the log.</param>
    public sealed record Passing(string Reason) : AppendResult;

    /// <summary>No row was written, for a reason that lies in a row: bisect to the grain.</summary>
    /// <param name="Reason">For the log.</param>
    public sealed record Rejected(string Reason) : AppendResult;
}

/// <summary>Why one grain's rows were refused.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="RequestId">The id that exists already under another row; null when the chain has moved on (the fence).</param>
public sealed record Refusal(GrainId Grain, string? RequestId);

/// <summary>The store cannot be reached; nothing happened.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The session was lost around a write, or while it was asked: what it did last is not known.</summary>
public sealed class JournalInDoubtException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another host holds a lane in a way that excludes this one; the message says what to configure.</summary>
public sealed class JournalOccupiedException(string message) : Exception(message);
