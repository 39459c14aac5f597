using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Conformance.Journals.TestChain;

namespace OrleansBilling.Conformance.Journals;

/// <summary>Loads of many grains at once, and of long chains in pages (rule 2).</summary>
internal static class LoadCases
{
    public static readonly JournalCase[] All =
    [
        new("a load takes the first rows after the snapshot, as many as asked", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            JournalRow[] rows = await WriteManyAsync(writer, chain, 10);
            await AssertRowsAsync(journal, chain.Grain, 4, rows[..4]);
            await AssertRowsAsync(journal, chain.Grain, 10, rows);
            await AssertRowsAsync(journal, chain.Grain, 11, rows);
            await journal.SaveSnapshotsAsync([SnapshotOf(rows[2])], CancellationToken.None);
            await AssertRowsAsync(journal, chain.Grain, 1, rows[3..4]);
            await AssertRowsAsync(journal, chain.Grain, 4, rows[3..7]);
            await AssertRowsAsync(journal, chain.Grain, 100, rows[3..]);
        }),
        new("rows are read in pages, from any row on", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain before = new(kit.NewGrain());
            TestChain chain = new(kit.NewGrain());
            TestChain behind = new(kit.NewGrain());
            await WriteAsync(writer, before.Next(), before.Next(), behind.Next(), behind.Next());
            JournalRow[] rows = await WriteManyAsync(writer, chain, 10);

            // Snapshots have no say in it.
            await journal.SaveSnapshotsAsync([SnapshotOf(rows[4])], CancellationToken.None);
            foreach ((int after, int max) in new[] { (0, 1), (0, 4), (3, 4), (7, 3), (8, 5), (9, 1), (0, 100), (10, 4), (11, 4) })
            {
                IReadOnlyList<JournalRow> page = await journal.ReadRowsAsync(chain.Grain, after, max, CancellationToken.None);
                AssertSame(rows.Skip(after).Take(max), page);
            }

            Assert.Empty(await journal.ReadRowsAsync(kit.NewGrain(), 0, 5, CancellationToken.None));
        }),
        new("a page shows what any host has written before", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenInCompanyAsync();
            (IJournal reader, _) = await kit.OpenInCompanyAsync();
            TestChain chain = new(kit.NewGrain());
            for (int i = 0; i < 5; i++)
            {
                JournalRow row = chain.Next();
                await WriteAsync(writer, row);
                AssertSame([row], await reader.ReadRowsAsync(chain.Grain, i, 4, CancellationToken.None));
            }
        }),
        new("many grains load at once, each as it would alone", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain[] chains = [.. Enumerable.Range(0, 40).Select(_ => new TestChain(kit.NewGrain()))];
            JournalRow[][] rows = new JournalRow[chains.Length][];
            for (int i = 0; i < chains.Length; i++)
            {
                rows[i] = await WriteManyAsync(writer, chains[i], i % 7);
            }

            await journal.SaveSnapshotsAsync([.. rows.Where((r, i) => i % 3 == 0 && r.Length > 2).Select(r => SnapshotOf(r[1]))], CancellationToken.None);
            GrainId[] grains = [.. chains.Select(c => c.Grain).Reverse()];
            IReadOnlyList<StoredGrain> stored = await journal.LoadAsync(grains, 4, CancellationToken.None);
            Assert.Equal(grains.Length, stored.Count);
            for (int i = 0; i < grains.Length; i++)
            {
                int n = chains.Length - 1 - i;
                int start = n % 3 == 0 && rows[n].Length > 2 ? 2 : 0;
                Assert.Equal(start, stored[i].Snapshot?.Seq ?? 0);
                AssertSame(rows[n].Skip(start).Take(4), stored[i].Rows);
            }
        }),
        new("a snapshot of the same row replaces the one that is there", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            JournalRow[] rows = await WriteManyAsync(writer, chain, 3);
            await journal.SaveSnapshotsAsync([SnapshotOf(rows[1], 1)], CancellationToken.None);
            await journal.SaveSnapshotsAsync([SnapshotOf(rows[1], 2)], CancellationToken.None);
            StoredGrain stored = await journal.LoadAsync(chain.Grain, CancellationToken.None);
            Assert.Equal(SnapshotOf(rows[1], 2).Data, stored.Snapshot?.Data);
        }),
    ];

    private static async Task<JournalRow[]> WriteManyAsync(IJournalWriter writer, TestChain chain, int count)
    {
        JournalRow[] rows = [.. Enumerable.Range(0, count).Select(i => chain.Next($"r{i}"))];
        if (count > 0)
        {
            await WriteAsync(writer, rows);
        }

        return rows;
    }

    private static StoredSnapshot SnapshotOf(JournalRow row, byte form = 1) => new(row.Grain, row.Seq, row.Hash, row.AtNanos, [form, 2, 3]);

    private static async Task AssertRowsAsync(IJournal journal, GrainId grain, int maxRows, JournalRow[] expected) =>
        AssertSame(expected, (await journal.LoadAsync(grain, maxRows, CancellationToken.None)).Rows);

    private static void AssertSame(IEnumerable<JournalRow> expected, IReadOnlyList<JournalRow> actual)
    {
        JournalRow[] rows = [.. expected];
        Assert.Equal(rows.Select(r => r.Seq), actual.Select(r => r.Seq));
        for (int i = 0; i < rows.Length; i++)
        {
            TestChain.AssertSame(rows[i], actual[i]);
        }
    }
}
