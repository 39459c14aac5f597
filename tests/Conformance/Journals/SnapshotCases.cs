using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Conformance.Journals.TestChain;

namespace OrleansBilling.Conformance.Journals;

/// <summary>Loading, and snapshots of durable states only (rules 2 and 8).</summary>
internal static class SnapshotCases
{
    private const int Races = 100;

    public static readonly JournalCase[] All =
    [
        new("a grain without rows loads empty", async kit =>
        {
            (IJournal journal, _) = await kit.OpenAloneAsync();
            StoredGrain stored = await journal.LoadAsync(kit.NewGrain(), CancellationToken.None);
            Assert.Null(stored.Snapshot);
            Assert.Empty(stored.Rows);
        }),
        new("a grain loads as its snapshot and the rows after it", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next(), chain.Next(), chain.Next());
            StoredSnapshot snapshot = Snapshot(chain, 7);
            await journal.SaveSnapshotsAsync([snapshot], CancellationToken.None);
            Assert.Equal(chain.Head, await AssertLoadsAsync(journal, chain.Grain, snapshot));
            await WriteAsync(writer, chain.Next(), chain.Next());
            Assert.Equal(chain.Head, await AssertLoadsAsync(journal, chain.Grain, snapshot));
        }),
        new("a newer snapshot replaces an older one", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next());
            await journal.SaveSnapshotsAsync([Snapshot(chain, 1)], CancellationToken.None);
            await WriteAsync(writer, chain.Next());
            StoredSnapshot newer = Snapshot(chain, 2);
            await journal.SaveSnapshotsAsync([newer], CancellationToken.None);
            await WriteAsync(writer, chain.Next());
            await AssertLoadsAsync(journal, chain.Grain, newer);
        }),
        new("an older snapshot does not replace a newer one", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next());
            StoredSnapshot older = Snapshot(chain, 1);
            await WriteAsync(writer, chain.Next());
            StoredSnapshot newer = Snapshot(chain, 2);
            await journal.SaveSnapshotsAsync([newer], CancellationToken.None);
            await journal.SaveSnapshotsAsync([older], CancellationToken.None);
            await AssertLoadsAsync(journal, chain.Grain, newer);
        }),
        new("a snapshot ahead of the rows is ignored", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next(), chain.Next());
            Head written = chain.Head;
            _ = chain.Next();
            await journal.SaveSnapshotsAsync([Snapshot(chain, 3)], CancellationToken.None);
            Assert.Equal(written, await AssertLoadsAsync(journal, chain.Grain, null));
        }),
        new("a snapshot of a grain without rows is ignored", async kit =>
        {
            (IJournal journal, _) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            _ = chain.Next();
            await journal.SaveSnapshotsAsync([Snapshot(chain, 1)], CancellationToken.None);
            Assert.Equal(default, await AssertLoadsAsync(journal, chain.Grain, null));
        }),
        new("a snapshot with another hash than its row is ignored", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain chain = new(kit.NewGrain());
            await WriteAsync(writer, chain.Next(), chain.Next());
            TestChain other = new(chain.Grain);
            _ = other.Next(data: "{\"amount\":2}");
            _ = other.Next();
            await journal.SaveSnapshotsAsync([Snapshot(other, 2)], CancellationToken.None);
            Assert.Equal(chain.Head, await AssertLoadsAsync(journal, chain.Grain, null));
        }),
        new("snapshots of several grains are kept each by its own rule", async kit =>
        {
            (IJournal journal, IJournalWriter writer) = await kit.OpenAloneAsync();
            TestChain a = new(kit.NewGrain());
            TestChain ahead = new(kit.NewGrain());
            TestChain b = new(kit.NewGrain());
            await WriteAsync(writer, a.Next(), ahead.Next(), b.Next());
            _ = ahead.Next();
            StoredSnapshot[] snapshots = [Snapshot(b, 1), Snapshot(ahead, 2), Snapshot(a, 3)];
            await journal.SaveSnapshotsAsync(snapshots, CancellationToken.None);
            await AssertLoadsAsync(journal, a.Grain, snapshots[2]);
            await AssertLoadsAsync(journal, ahead.Grain, null);
            await AssertLoadsAsync(journal, b.Grain, snapshots[0]);
        }),
        new("a load sees what any host has written before", async kit =>
        {
            (_, IJournalWriter writer) = await kit.OpenInCompanyAsync();
            (IJournal reader, _) = await kit.OpenInCompanyAsync();
            TestChain chain = new(kit.NewGrain());
            for (int i = 0; i < 5; i++)
            {
                await WriteAsync(writer, chain.Next());
                Assert.Equal(chain.Head, await AssertLoadsAsync(reader, chain.Grain, null));
            }
        }),
        new("snapshot and rows are read at one instant", SnapshotAndRowsAreReadAtOneInstant),
    ];

    private static StoredSnapshot Snapshot(TestChain chain, byte data) =>
        new(chain.Grain, chain.Head.Seq, chain.Head.Hash, 1_760_000_000_000_000_000, [0, data, 255]);

    private static async Task<Head> AssertLoadsAsync(IJournal journal, GrainId grain, StoredSnapshot? expected)
    {
        StoredGrain stored = await journal.LoadAsync(grain, CancellationToken.None);
        if (expected is null)
        {
            Assert.Null(stored.Snapshot);
            return AssertChain(default, stored.Rows);
        }

        Assert.NotNull(stored.Snapshot);
        Assert.Equal((expected.Grain, expected.Seq, expected.Hash, expected.AtNanos), (stored.Snapshot.Grain, stored.Snapshot.Seq, stored.Snapshot.Hash, stored.Snapshot.AtNanos));
        Assert.Equal(expected.Data, stored.Snapshot.Data);
        return AssertChain(new Head(expected.Seq, expected.Hash), stored.Rows);
    }

    private static async Task SnapshotAndRowsAreReadAtOneInstant(JournalKit kit)
    {
        (IJournal journal, IJournalWriter writer) = await kit.OpenInCompanyAsync();
        (IJournal reader, _) = await kit.OpenInCompanyAsync();
        TestChain chain = new(kit.NewGrain());
        await WriteAsync(writer, chain.Next());

        // Each load races one write, which is let go once it has begun.
        using SemaphoreSlim loading = new(0);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Races; i++)
            {
                await loading.WaitAsync();
                await WriteAsync(writer, chain.Next());
                await journal.SaveSnapshotsAsync([Snapshot(chain, 0)], CancellationToken.None);
            }
        });
        Head last = default;
        for (int i = 0; i < Races; i++)
        {
            Task<StoredGrain> load = reader.LoadAsync(chain.Grain, CancellationToken.None);
            loading.Release();
            StoredGrain stored = await load;
            Head start = stored.Snapshot is { } snapshot ? new Head(snapshot.Seq, snapshot.Hash) : default;
            Head head = AssertChain(start, stored.Rows);
            Assert.True(head.Seq >= last.Seq, $"A load ended at row {head.Seq} after one had ended at row {last.Seq}.");
            last = head;
        }

        await writing;
        Assert.Equal(chain.Head, await AssertLoadsAsync(reader, chain.Grain, Snapshot(chain, 0)));
    }
}
