using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Memory;

/// <summary>What a host asks of its journal.</summary>
public enum JournalCall
{
    /// <summary><see cref="IJournal.OpenWriterAsync"/>.</summary>
    OpenWriter,

    /// <summary><see cref="IJournal.LoadAsync"/>.</summary>
    Load,

    /// <summary><see cref="IJournal.ReadRowsAsync"/>.</summary>
    ReadRows,

    /// <summary><see cref="IJournal.ReadRowAsync"/>.</summary>
    ReadRow,

    /// <summary><see cref="IJournal.FindRequestsAsync"/>.</summary>
    FindRequests,

    /// <summary><see cref="IJournal.ReadRequestIdsAsync"/>.</summary>
    ReadRequestIds,

    /// <summary><see cref="IJournal.SaveSnapshotsAsync"/>.</summary>
    SaveSnapshots,

    /// <summary><see cref="IJournal.ReadClockAsync"/>.</summary>
    ReadClock,

    /// <summary><see cref="IJournal.AskForRestAsync"/>.</summary>
    AskForRest,

    /// <summary><see cref="IJournalWriter.AppendAsync"/>.</summary>
    Append,

    /// <summary><see cref="IJournalWriter.PingAsync"/>.</summary>
    Ping,

    /// <summary><see cref="IJournalWriter.ReadHeadsAsync"/>.</summary>
    ReadHeads,
}

/// <summary>
/// One host's journal in the process's memory: for a try without a database, and for tests. Keeps every rule that a durable
/// journal keeps, but nothing across a restart of the process. Calls complete at once.
/// </summary>
/// <param name="store">What the hosts share.</param>
/// <param name="shared">Whether this host is configured for company.</param>
public class MemoryJournal(MemoryStore store, bool shared = false) : IJournal
{
    private readonly Lock gate = new();
    private readonly HashSet<WriterIdentity> opened = [];
    private bool joined;

    /// <summary>What the hosts share.</summary>
    public MemoryStore Store => store;

    /// <inheritdoc/>
    public int Lanes => store.Lanes;

    /// <inheritdoc/>
    public bool Shared => shared;

    /// <inheritdoc/>
    public Action<GrainId>? RestRequested { get; set; }

    /// <inheritdoc/>
    public async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct)
    {
        await this.BeforeAsync(JournalCall.OpenWriter, ct);
        ct.ThrowIfCancellationRequested();
        WriterIdentity session = store.OpenSession(lane, shared, previous);
        lock (this.gate)
        {
            if (!this.joined)
            {
                this.joined = true;
                store.Join(this);
            }

            if (previous is not null)
            {
                this.opened.Remove(previous);
            }

            this.opened.Add(session);
        }

        await this.AfterAsync(JournalCall.OpenWriter, ct);
        return new Writer(this, session);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct) =>
        this.CallAsync(JournalCall.Load, (grains, maxRows), static (store, asked) => store.Load(asked.grains, asked.maxRows), ct);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) =>
        this.CallAsync(JournalCall.ReadRows, (grain, after, maxRows), static (store, page) => store.ReadRows(page.grain, page.after, page.maxRows), ct);

    /// <inheritdoc/>
    public Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) =>
        this.CallAsync(JournalCall.ReadRow, (grain, seq), static (store, row) => store.ReadRow(row.grain, row.seq), ct);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
        this.CallAsync(JournalCall.FindRequests, requests, static (store, requests) => store.FindRequests(requests), ct);

    /// <inheritdoc/>
    public Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct) => this.CallAsync(
        JournalCall.ReadRequestIds, (grain, afterSeq, rowsMax), static (store, page) => store.ReadRequestIds(page.grain, page.afterSeq, page.rowsMax), ct);

    /// <inheritdoc/>
    public Task<long> ReadClockAsync(CancellationToken ct) =>
        this.CallAsync(JournalCall.ReadClock, 0, static (store, _) => store.NowNanos(), ct);

    /// <inheritdoc/>
    public async Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct)
    {
        await this.BeforeAsync(JournalCall.SaveSnapshots, ct);
        ct.ThrowIfCancellationRequested();
        store.SaveSnapshots(snapshots);
        await this.AfterAsync(JournalCall.SaveSnapshots, ct);
    }

    /// <inheritdoc/>
    public async Task AskForRestAsync(GrainId grain, CancellationToken ct)
    {
        await this.BeforeAsync(JournalCall.AskForRest, ct);
        ct.ThrowIfCancellationRequested();
        store.AskForRest(this, grain);
        await this.AfterAsync(JournalCall.AskForRest, ct);
    }

    /// <summary>Ends the host's writer sessions.</summary>
    public ValueTask DisposeAsync()
    {
        store.Leave(this);
        lock (this.gate)
        {
            foreach (WriterIdentity session in this.opened)
            {
                store.EndSession(session);
            }

            this.opened.Clear();
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs before a call touches the store: what is thrown here leaves the store as it was. Does nothing, unless a simulator overrides it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="ct">The caller's.</param>
    protected virtual ValueTask BeforeAsync(JournalCall call, CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>Runs after a call touched the store, before its caller knows: what is thrown here leaves the caller in doubt.</summary>
    /// <param name="call">The call.</param>
    /// <param name="ct">The caller's.</param>
    protected virtual ValueTask AfterAsync(JournalCall call, CancellationToken ct) => ValueTask.CompletedTask;

    private async Task<TResult> CallAsync<TArgument, TResult>(
        JournalCall call, TArgument argument, Func<MemoryStore, TArgument, TResult> ask, CancellationToken ct)
    {
        await this.BeforeAsync(call, ct);
        ct.ThrowIfCancellationRequested();
        TResult result = ask(store, argument);
        await this.AfterAsync(call, ct);
        return result;
    }

    private sealed class Writer(MemoryJournal journal, WriterIdentity session) : IJournalWriter
    {
        public WriterIdentity Identity => session;

        public Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
            journal.CallAsync(JournalCall.Append, (session, rows), static (store, batch) => store.Append(batch.session, batch.rows), ct);

        public Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct) =>
            journal.CallAsync(JournalCall.ReadHeads, (session, grains), static (store, asked) => store.ReadHeads(asked.session, asked.grains), ct);

        public async Task PingAsync(CancellationToken ct)
        {
            await journal.BeforeAsync(JournalCall.Ping, ct);
            ct.ThrowIfCancellationRequested();
            journal.Store.CheckSession(session);
            await journal.AfterAsync(JournalCall.Ping, ct);
        }

        public ValueTask DisposeAsync()
        {
            journal.Store.EndSession(session);
            lock (journal.gate)
            {
                journal.opened.Remove(session);
            }

            return ValueTask.CompletedTask;
        }
    }
}
