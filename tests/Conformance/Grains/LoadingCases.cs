using OrleansBilling.Account;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Grains come into memory from snapshots that may be thrown away and from chains of any length (rules 2, 8, 11).</summary>
internal static class LoadingCases
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    // A form of no release, nothing at all, this release's first bytes and no more, and noise.
    private static readonly byte[][] Unreadable = [[250, 1, 2, 3], [], [1, 1], [1, .. Enumerable.Range(0, 300).Select(i => (byte)(i * 37 % 251))]];

    public static readonly GrainsCase[] All =
    [
        new("a grain whose snapshot cannot be read is replayed from its rows", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(shared: true, options: SmallPages(kit));
            foreach (byte[] data in Unreadable)
            {
                GrainId account = await SpendAsync(kit, host, 20);
                AccountView before = await host.ViewAsync(account);
                await SpoilAsync(kit, account, data);
                host.PutAway(account);
                AccountView after = await host.ViewAsync(account);
                Assert.Equal(
                    (before.Seq, before.BalanceNanos, before.TotalSpentNanos, before.Grants.Length),
                    (after.Seq, after.BalanceNanos, after.TotalSpentNanos, after.Grants.Length));
                await host.AcceptAsync(account, Charge(Unit));

                // The same with rows behind the snapshot.
                host.PutAway(account);
                Assert.Equal(before.BalanceNanos - Unit, (await host.ViewAsync(account)).BalanceNanos);
                await kit.AuditAsync(account, before.BalanceNanos - Unit);
            }
        }),
        new("what could not be read is replaced", async kit =>
        {
            GrainsHost first = await kit.OpenAsync(shared: true, options: SmallPages(kit));
            GrainId account = await SpendAsync(kit, first, 20);
            await SpoilAsync(kit, account, Unreadable[0]);
            GrainsHost host = await kit.OpenAsync(shared: true, options: SmallPages(kit) with { SnapshotTailRows = 8 });
            await host.ViewAsync(account);
            await host.StopAsync();
            StoredSnapshot? kept = (await kit.LoadAsync(account)).Snapshot;
            Assert.Equal(22, kept?.Seq);
            Assert.NotEqual(Unreadable[0], kept?.Data);
            GrainsHost next = await kit.OpenAsync(shared: true);
            Assert.Equal(80 * Unit, (await next.ViewAsync(account)).BalanceNanos);
        }),
        new("a long chain loads page by page, whatever is written meanwhile", async kit =>
        {
            GrainsHost one = await kit.OpenAsync(shared: true, options: SmallPages(kit));
            GrainsHost other = await kit.OpenAsync(shared: true, options: SmallPages(kit));
            GrainId account = await SpendAsync(kit, one, 30);
            for (int i = 0; i < 8; i++)
            {
                // All lengths around a full page.
                await one.AcceptAsync(account, Charge(Unit));
                other.PutAway(account);
                Assert.Equal((69 - i) * Unit, (await other.ViewAsync(account)).BalanceNanos);
            }

            other.PutAway(account);
            Reply[][] replies = await Task.WhenAll(new[] { one, other }.Select(host => Task.WhenAll(Enumerable.Range(0, 5).Select(i =>
            {
                host.Engine.PutAway(account);
                return Task.Run(() => host.DecideAsync(account, Charge(Unit, $"{(host == one ? "one" : "other")}{i}")));
            }))));
            Assert.All(replies.SelectMany(r => r), reply => Assert.IsType<Accepted>(reply));
            await kit.AuditAsync(account, 52 * Unit);
        }),
        new("a call ends in time though its grain takes long to load, and a later one finds it loaded", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(shared: true, options: SmallPages(kit) with { CallTime = TimeSpan.FromMilliseconds(300) });
            GrainId account = await SpendAsync(kit, host, 20);
            host.PutAway(account);
            host.Journal.CloseReads();
            int before = host.Journal.Loads;
            foreach (Command command in new Command[] { Charge(Unit, "r1"), Charge(1000 * Unit), new GetAccount() })
            {
                await host.DenyAsync(account, command, Outcome.Unavailable);
            }

            host.Journal.OpenReads();
            Assert.Equal(80 * Unit, Assert.IsType<AccountView>(await host.DecideAsync(account, new GetAccount())).BalanceNanos);
            Assert.Equal(1, host.Journal.Loads - before);
            await kit.AuditAsync(account, 80 * Unit);
        }),
    ];

    private static EngineOptions SmallPages(GrainsKit kit) =>
        kit.Defaults with { LoadPageRows = 4, SnapshotRows = int.MaxValue, SnapshotTailRows = int.MaxValue, SnapshotInterval = Never };

    // An account with 100 units of credit and so many charges of one.
    private static async Task<GrainId> SpendAsync(GrainsKit kit, GrainsHost host, int charges)
    {
        GrainId account = await kit.OpenAccountAsync(host, 100 * Unit);
        for (int i = 0; i < charges; i++)
        {
            Assert.IsType<Accepted>(await host.DecideAsync(account, Charge(Unit, $"spent{i}")));
        }

        return account;
    }

    // A snapshot of the account's last row that nobody can read.
    private static async Task SpoilAsync(GrainsKit kit, GrainId account, byte[] data)
    {
        JournalRow last = (await kit.LoadAsync(account)).Rows[^1];
        await kit.SaveAsync(new StoredSnapshot(account, last.Seq, last.Hash, last.AtNanos, data));
    }
}
