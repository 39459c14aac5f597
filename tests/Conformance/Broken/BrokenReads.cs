using System.Collections.Concurrent;
using System.Text.Json;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.Conformance.Broken;

/// <summary>Keeps any snapshot as the newest, whatever its number and hash.</summary>
internal abstract class KeepsSnapshots(MemoryJournal inner) : LoadWrapper(inner)
{
    private readonly ConcurrentDictionary<GrainId, StoredSnapshot> kept = new();

    public override async Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct)
    {
        foreach (StoredSnapshot snapshot in snapshots)
        {
            StoredGrain stored = await this.Inner.LoadAsync(snapshot.Grain, ct);
            JournalRow? row = await this.Inner.ReadRowAsync(snapshot.Grain, snapshot.Seq, ct);
            if (this.MayKeep(snapshot, row, this.kept.GetValueOrDefault(snapshot.Grain)))
            {
                this.kept[snapshot.Grain] = snapshot;
            }
        }
    }

    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct)
    {
        StoredGrain stored = await this.Inner.LoadAsync(grain, maxRows, ct);
        return this.kept.TryGetValue(grain, out StoredSnapshot? snapshot)
            ? new StoredGrain(snapshot, [.. stored.Rows.Where(row => row.Seq > snapshot.Seq)])
            : stored;
    }

    protected abstract bool MayKeep(StoredSnapshot snapshot, JournalRow? row, StoredSnapshot? before);
}

/// <summary>Believes a snapshot of rows that are not there.</summary>
internal sealed class BelievesSnapshotsAhead(MemoryJournal inner) : KeepsSnapshots(inner)
{
    protected override bool MayKeep(StoredSnapshot snapshot, JournalRow? row, StoredSnapshot? before) =>
        (row is null || row.Hash == snapshot.Hash) && (before is null || before.Seq < snapshot.Seq);
}

/// <summary>Believes a snapshot of other rows.</summary>
internal sealed class BelievesForeignSnapshots(MemoryJournal inner) : KeepsSnapshots(inner)
{
    protected override bool MayKeep(StoredSnapshot snapshot, JournalRow? row, StoredSnapshot? before) =>
        row is not null && (before is null || before.Seq < snapshot.Seq);
}

/// <summary>Lets an older snapshot replace a newer one.</summary>
internal sealed class GoesBackToOldSnapshots(MemoryJournal inner) : KeepsSnapshots(inner)
{
    protected override bool MayKeep(StoredSnapshot snapshot, JournalRow? row, StoredSnapshot? before) => row?.Hash == snapshot.Hash;
}

/// <summary>Keeps a grain's first snapshot for ever.</summary>
internal sealed class KeepsTheFirstSnapshot(MemoryJournal inner) : KeepsSnapshots(inner)
{
    protected override bool MayKeep(StoredSnapshot snapshot, JournalRow? row, StoredSnapshot? before) => row?.Hash == snapshot.Hash && before is null;
}

/// <summary>Loads a snapshot with all rows, those in it too.</summary>
internal sealed class LoadsRowsTwice(MemoryJournal inner) : LoadWrapper(inner)
{
    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct)
    {
        StoredGrain stored = await this.Inner.LoadAsync(grain, maxRows, ct);
        List<JournalRow> rows = [];
        for (long seq = 1; await this.Inner.ReadRowAsync(grain, seq, ct) is { } row; seq++)
        {
            rows.Add(row);
        }

        return new StoredGrain(stored.Snapshot, rows);
    }
}

/// <summary>Reads the rows first and the snapshot some time later.</summary>
internal sealed class LoadsAtTwoInstants(MemoryJournal inner) : LoadWrapper(inner)
{
    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct)
    {
        StoredGrain first = await this.Inner.LoadAsync(grain, maxRows, ct);
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5))
        {
            StoredGrain second = await this.Inner.LoadAsync(grain, maxRows, ct);
            if (second.Snapshot?.Seq != first.Snapshot?.Seq)
            {
                return new StoredGrain(second.Snapshot, first.Rows);
            }

            await Task.Yield();
        }

        return first;
    }
}

/// <summary>Answers a load with what an earlier one found.</summary>
internal sealed class CachesLoads(MemoryJournal inner) : LoadWrapper(inner)
{
    private readonly ConcurrentDictionary<GrainId, StoredGrain> cache = new();

    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct) =>
        this.cache.TryGetValue(grain, out StoredGrain? stored) ? stored : this.cache[grain] = await this.Inner.LoadAsync(grain, maxRows, ct);
}

/// <summary>Stores data as parsed JSON, as a <c>jsonb</c> column would.</summary>
internal sealed class NormalisesData(MemoryJournal inner) : LoadWrapper(inner)
{
    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct)
    {
        StoredGrain stored = await this.Inner.LoadAsync(grain, maxRows, ct);
        return stored with { Rows = [.. stored.Rows.Select(row => row with { Data = JsonSerializer.SerializeToUtf8Bytes(JsonElement.Parse(row.Data)) })] };
    }
}

/// <summary>Finds no requests.</summary>
internal sealed class FindsNoRequests(MemoryJournal inner) : JournalWrapper(inner)
{
    public override Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<JournalRow?>>(new JournalRow?[requests.Count]);
}

/// <summary>Takes the last row with a request id for the last row.</summary>
internal sealed class EndsWithTheLastId(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct)
    {
        RequestIds page = await this.Inner.ReadRequestIdsAsync(grain, afterSeq, rowsMax, ct);
        return page with { LastSeq = page.Ids.Count == 0 ? afterSeq : page.LastSeq };
    }
}

/// <summary>Leaves out the requests it does not find.</summary>
internal sealed class LeavesOutMissingRequests(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
        [.. (await this.Inner.FindRequestsAsync(requests, ct)).Where(row => row is not null)];
}

/// <summary>Answers in the order of the store, not of the question.</summary>
internal sealed class FindsInItsOwnOrder(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
        [.. (await this.Inner.FindRequestsAsync(requests, ct)).OrderBy(row => row?.Grain.Path, StringComparer.Ordinal)];
}

/// <summary>Remembers each grain's head from the first time it was asked.</summary>
internal sealed class RemembersHeads(MemoryJournal inner) : JournalWrapper(inner)
{
    private readonly ConcurrentDictionary<GrainId, Head> heads = new();

    protected override async Task<IReadOnlyList<Head>> ReadHeadsAsync(IJournalWriter writer, IReadOnlyList<GrainId> grains, CancellationToken ct)
    {
        IReadOnlyList<Head> now = await writer.ReadHeadsAsync(grains, ct);
        return [.. grains.Select((grain, i) => this.heads.GetOrAdd(grain, now[i]))];
    }
}

/// <summary>Answers heads in the order of the grains' names.</summary>
internal sealed class SortsHeads(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override Task<IReadOnlyList<Head>> ReadHeadsAsync(IJournalWriter writer, IReadOnlyList<GrainId> grains, CancellationToken ct) =>
        writer.ReadHeadsAsync([.. grains.OrderBy(grain => grain.Path, StringComparer.Ordinal)], ct);
}

/// <summary>Leaves out grains without rows.</summary>
internal sealed class LeavesOutMissingHeads(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<IReadOnlyList<Head>> ReadHeadsAsync(IJournalWriter writer, IReadOnlyList<GrainId> grains, CancellationToken ct) =>
        [.. (await writer.ReadHeadsAsync(grains, ct)).Where(head => head.Seq > 0)];
}

/// <summary>Tells heads by their numbers alone.</summary>
internal sealed class TellsNoHashes(MemoryJournal inner) : JournalWrapper(inner)
{
    protected override async Task<IReadOnlyList<Head>> ReadHeadsAsync(IJournalWriter writer, IReadOnlyList<GrainId> grains, CancellationToken ct) =>
        [.. (await writer.ReadHeadsAsync(grains, ct)).Select(head => head with { Hash = default })];
}

/// <summary>Loads a grain to which nothing has happened with a row.</summary>
internal sealed class LoadsNothingAsSomething(MemoryJournal inner) : LoadWrapper(inner)
{
    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct)
    {
        StoredGrain stored = await this.Inner.LoadAsync(grain, maxRows, ct);
        return stored.Rows.Count > 0 ? stored : stored with { Rows = [new JournalRow(grain, 1, 0, "charged", "", null, null, [])] };
    }
}

/// <summary>Leaves out rows that nobody could read.</summary>
internal sealed class LoadsNothingOfNonsense(MemoryJournal inner) : LoadWrapper(inner)
{
    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct)
    {
        StoredGrain stored = await this.Inner.LoadAsync(grain, maxRows, ct);
        return stored with { Rows = [.. stored.Rows.TakeWhile(row => row.Actor != TestChain.Nonsense)] };
    }
}
