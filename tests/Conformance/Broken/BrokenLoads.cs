using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.Conformance.Broken;

/// <summary>Loads more rows than it was asked for.</summary>
internal sealed class LoadsWithoutLimit(MemoryJournal inner) : LoadWrapper(inner)
{
    protected override Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct) => this.Inner.LoadAsync(grain, int.MaxValue, ct);
}

/// <summary>Of more rows than were asked for, loads the last ones.</summary>
internal sealed class LoadsTheLastRows(MemoryJournal inner) : LoadWrapper(inner)
{
    protected override async Task<StoredGrain> LoadAsync(GrainId grain, int maxRows, CancellationToken ct)
    {
        StoredGrain stored = await this.Inner.LoadAsync(grain, int.MaxValue, ct);
        return stored with { Rows = [.. stored.Rows.TakeLast(maxRows)] };
    }
}

/// <summary>Answers a load of many grains in the order of their names.</summary>
internal sealed class SortsLoads(MemoryJournal inner) : JournalWrapper(inner)
{
    public override Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct) =>
        base.LoadAsync([.. grains.OrderBy(grain => grain.Path, StringComparer.Ordinal)], maxRows, ct);
}

/// <summary>Takes the limit for one of all grains together.</summary>
internal sealed class LimitsLoadsTogether(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct)
    {
        int left = maxRows;
        return
        [
            .. (await base.LoadAsync(grains, maxRows, ct)).Select(stored =>
            {
                JournalRow[] rows = [.. stored.Rows.Take(left)];
                left -= rows.Length;
                return stored with { Rows = rows };
            }),
        ];
    }
}

/// <summary>Starts a page with the row that it is to follow.</summary>
internal sealed class OverlapsPages(MemoryJournal inner) : JournalWrapper(inner)
{
    public override Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) =>
        base.ReadRowsAsync(grain, Math.Max(0, after - 1), maxRows, ct);
}

/// <summary>Reads no page further back than the snapshot.</summary>
internal sealed class ReadsNothingBeforeSnapshots(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) =>
        await base.ReadRowsAsync(grain, Math.Max(after, (await this.Inner.LoadAsync(grain, 1, ct)).Snapshot?.Seq ?? 0), maxRows, ct);
}

/// <summary>Breaks a page off before it is full, though there are more rows.</summary>
internal sealed class BreaksPagesOff(MemoryJournal inner) : JournalWrapper(inner)
{
    public override Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) =>
        base.ReadRowsAsync(grain, after, Math.Min(maxRows, 3), ct);
}

/// <summary>Answers a page with what an earlier look found.</summary>
internal sealed class CachesPages(MemoryJournal inner) : JournalWrapper(inner)
{
    private readonly Dictionary<GrainId, IReadOnlyList<JournalRow>> cache = [];

    public override async Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct)
    {
        if (!this.cache.TryGetValue(grain, out IReadOnlyList<JournalRow>? rows))
        {
            this.cache[grain] = rows = await base.ReadRowsAsync(grain, 0, int.MaxValue, ct);
        }

        return [.. rows.Where(row => row.Seq > after).Take(maxRows)];
    }
}

/// <summary>Keeps the first of two snapshots of one row.</summary>
internal sealed class KeepsTheFirstOfOneRow(MemoryJournal inner) : JournalWrapper(inner)
{
    public override async Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct)
    {
        foreach (StoredSnapshot snapshot in snapshots)
        {
            if ((await this.Inner.LoadAsync(snapshot.Grain, 1, ct)).Snapshot?.Seq != snapshot.Seq)
            {
                await base.SaveSnapshotsAsync([snapshot], ct);
            }
        }
    }
}
