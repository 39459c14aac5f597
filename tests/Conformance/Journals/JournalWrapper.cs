using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Conformance.Journals;

/// <summary>Passes every call on; a journal that breaks a rule overrides the one call that it breaks it with.</summary>
/// <param name="inner">A journal that keeps all rules.</param>
internal abstract class JournalWrapper(IJournal inner) : IJournal
{
    public int Lanes => inner.Lanes;

    public virtual bool Shared => inner.Shared;

    public Action<GrainId>? RestRequested
    {
        get => inner.RestRequested;
        set => inner.RestRequested = value;
    }

    protected IJournal Inner => inner;

    public virtual async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct) =>
        new WriterWrapper(this, await inner.OpenWriterAsync(lane, previous, ct));

    public virtual Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct) =>
        inner.LoadAsync(grains, maxRows, ct);

    public virtual Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) =>
        inner.ReadRowsAsync(grain, after, maxRows, ct);

    public virtual Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) => inner.ReadRowAsync(grain, seq, ct);

    public virtual Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
        inner.FindRequestsAsync(requests, ct);

    public virtual Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct) =>
        inner.ReadRequestIdsAsync(grain, afterSeq, rowsMax, ct);

    public virtual Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct) => inner.SaveSnapshotsAsync(snapshots, ct);

    public virtual Task<long> ReadClockAsync(CancellationToken ct) => inner.ReadClockAsync(ct);

    public virtual Task AskForRestAsync(GrainId grain, CancellationToken ct) => inner.AskForRestAsync(grain, ct);

    public virtual ValueTask DisposeAsync() => inner.DisposeAsync();

    protected virtual Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct) =>
        writer.AppendAsync(rows, ct);

    protected virtual Task PingAsync(IJournalWriter writer, CancellationToken ct) => writer.PingAsync(ct);

    protected virtual Task<IReadOnlyList<Head>> ReadHeadsAsync(IJournalWriter writer, IReadOnlyList<GrainId> grains, CancellationToken ct) =>
        writer.ReadHeadsAsync(grains, ct);

    protected virtual ValueTask DisposeAsync(IJournalWriter writer) => writer.DisposeAsync();

    /// <summary>A writer whose calls come by its journal.</summary>
    protected IJournalWriter Wrap(IJournalWriter writer) => new WriterWrapper(this, writer);

    private sealed class WriterWrapper(JournalWrapper journal, IJournalWriter writer) : IJournalWriter
    {
        public WriterIdentity Identity => writer.Identity;

        public Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct) => journal.AppendAsync(writer, rows, ct);

        public Task PingAsync(CancellationToken ct) => journal.PingAsync(writer, ct);

        public Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct) => journal.ReadHeadsAsync(writer, grains, ct);

        public ValueTask DisposeAsync() => journal.DisposeAsync(writer);
    }
}

/// <summary>Passes every call on, but loads by one grain after the other.</summary>
internal abstract class LoadWrapper(IJournal inner) : JournalWrapper(inner)
{
    public override async Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct)
    {
        StoredGrain[] stored = new StoredGrain[grains.Count];
        for (int i = 0; i < stored.Length; i++)
        {
            stored[i] = await this.LoadAsync(grains[i], maxRows, ct);
        }

        return stored;
    }

    protected abstract Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct);
}
