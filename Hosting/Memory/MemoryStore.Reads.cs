using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Memory;

/// <content>What is read of the rows and snapshots.</content>
public sealed partial class MemoryStore
{
    internal IReadOnlyList<StoredGrain> Load(IReadOnlyList<GrainId> grains, int maxRows)
    {
        lock (this.gate)
        {
            StoredGrain[] stored = new StoredGrain[grains.Count];
            for (int i = 0; i < stored.Length; i++)
            {
                StoredSnapshot? snapshot = this.snapshots.GetValueOrDefault(grains[i]);
                stored[i] = new StoredGrain(snapshot, this.RowsAfter(grains[i], snapshot?.Seq ?? 0, maxRows));
            }

            return stored;
        }
    }

    internal IReadOnlyList<JournalRow> ReadRows(GrainId grain, long after, int maxRows)
    {
        lock (this.gate)
        {
            return this.RowsAfter(grain, after, maxRows);
        }
    }

    internal JournalRow? ReadRow(GrainId grain, long seq)
    {
        lock (this.gate)
        {
            return this.RowOf(grain, seq);
        }
    }

    internal IReadOnlyList<JournalRow?> FindRequests(IReadOnlyList<RequestKey> keys)
    {
        lock (this.gate)
        {
            JournalRow?[] rows = new JournalRow?[keys.Count];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = this.requests.GetValueOrDefault(keys[i]);
            }

            return rows;
        }
    }

    internal RequestIds ReadRequestIds(GrainId grain, long afterSeq, int rowsMax)
    {
        lock (this.gate)
        {
            List<string> ids = [];
            long last = afterSeq;
            while (last < afterSeq + rowsMax && this.RowOf(grain, last + 1) is { } row)
            {
                last++;
                if (row.RequestId is { } id)
                {
                    ids.Add(id);
                }
            }

            return new RequestIds(ids, last);
        }
    }

    private List<JournalRow> RowsAfter(GrainId grain, long after, int maxRows) =>
        this.chains.TryGetValue(grain, out List<JournalRow>? chain) && after < chain.Count
            ? chain.GetRange((int)after, (int)Math.Min(maxRows, chain.Count - after))
            : [];
}
