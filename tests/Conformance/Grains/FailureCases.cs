using OrleansBilling.Account;
using OrleansBilling.Conformance.Journals;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Replies wait for the journal; crashes and lost sessions lose nothing and guess nothing (rules 5, 6, 8).</summary>
internal static class FailureCases
{
    public static readonly GrainsCase[] All =
    [
        new("no reply before what it saw is durable", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            host.Journal.Close();
            Task<Reply> charge = host.AskAsync(account, Charge(8 * Unit, "r1")).AsTask();
            await host.Journal.ReachedAsync;
            Task<Reply> repeat = host.AskAsync(account, Charge(8 * Unit, "r1")).AsTask();
            Task<Reply> denial = host.AskAsync(account, Charge(8 * Unit, "r2")).AsTask();
            Task<Reply> read = host.AskAsync(account, new GetAccount()).AsTask();
            for (int i = 0; i < 1000; i++)
            {
                await Task.Yield();
            }

            Assert.All(new[] { charge, repeat, denial, read }, reply => Assert.False(reply.IsCompleted, "A reply came before the commit."));
            host.Journal.Open();
            AssertRepeats(Assert.IsType<Accepted>(await charge), await repeat);
            Assert.Equal(Outcome.InsufficientCredit, (await denial).Outcome);
            Assert.Equal(2 * Unit, Assert.IsType<AccountView>(await read).BalanceNanos);
        }),
        new("what was acknowledged outlives a crash", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 100 * Unit);
            Accepted[] before = [.. (await Task.WhenAll(Enumerable.Range(0, 30).Select(i => host.AskApart(account, Charge(Unit, $"r{i}"))))).Cast<Accepted>()];
            await host.CrashAsync();
            GrainsHost next = await kit.OpenAsync();
            Assert.Equal(70 * Unit, (await next.ViewAsync(account)).BalanceNanos);
            for (int i = 0; i < before.Length; i++)
            {
                AssertRepeats(before[i], await next.AskAsync(account, Charge(Unit, $"r{i}")));
            }

            await kit.AuditAsync(account, 70 * Unit);
        }),
        new("a grain comes back from its snapshot as it was", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(options: kit.Defaults with { SnapshotTailRows = 1, SnapshotRows = 10 });
            GrainId account = await kit.OpenAccountAsync(host, 100 * Unit);
            for (int i = 0; i < 25; i++)
            {
                await host.AcceptAsync(account, Charge(Unit));
            }

            AccountView before = await host.ViewAsync(account);
            await host.StopAsync();
            GrainsHost next = await kit.OpenAsync();
            AccountView after = await next.ViewAsync(account);
            Assert.Equal(
                (before.Seq, before.BalanceNanos, before.HeldNanos, before.TotalSpentNanos, before.Grants.Length),
                (after.Seq, after.BalanceNanos, after.HeldNanos, after.TotalSpentNanos, after.Grants.Length));
            await next.AcceptAsync(account, Charge(Unit));
            await kit.AuditAsync(account, 74 * Unit);
        }),
        new("what is in doubt is said to be, and a repeat settles it", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);

            // Committed, and the reply lost.
            host.Journal.LoseNextReply();
            await host.DenyAsync(account, Charge(Unit, "r1"), Outcome.InDoubt);
            Assert.True((await host.AcceptAsync(account, Charge(Unit, "r1"))).Replayed);

            // Not committed.
            host.Journal.Close();
            Task<Reply> charge = host.AskAsync(account, Charge(Unit, "r2")).AsTask();
            await host.Journal.ReachedAsync;
            await host.Journal.CutAsync();
            host.Journal.Open();
            Assert.Equal(Outcome.InDoubt, (await charge).Outcome);
            Assert.False((await host.AcceptAsync(account, Charge(Unit, "r2"))).Replayed);
            await kit.AuditAsync(account, 8 * Unit);
        }),
        new("a read or a denial in doubt is decided again", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            await host.Journal.CutAsync();
            Assert.Equal(10 * Unit, (await host.ViewAsync(account)).BalanceNanos);
            await host.Journal.CutAsync();
            await host.DenyAsync(account, Charge(11 * Unit, "r1"), Outcome.InsufficientCredit);
        }),
        new("a host recovers from a lost session by itself", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 100 * Unit);
            for (int i = 0; i < 5; i++)
            {
                await host.Journal.CutAsync();
                Assert.IsType<Accepted>(await host.DecideAsync(account, Charge(Unit, $"r{i}")));
            }

            Assert.Equal(95 * Unit, (await host.ViewAsync(account)).BalanceNanos);
            await kit.AuditAsync(account, 95 * Unit);
        }),
        new("a journal that cannot be reached makes the host unavailable", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(options: kit.Defaults with { CallTime = TimeSpan.FromMilliseconds(300) });
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            await host.CrashAsync();
            foreach (Command command in new Command[] { Charge(Unit, "r1"), Charge(11 * Unit), new GetAccount() })
            {
                Assert.Contains((await host.AskAsync(account, command)).Outcome, new[] { Outcome.Unavailable, Outcome.InDoubt });
            }

            await kit.AuditAsync(account, 10 * Unit);
        }),
        new("a grain whose rows make no sense is broken, and alone", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(shared: true);
            GrainId good = await kit.OpenAccountAsync(host, 10 * Unit);
            string[][] nonsense =
            [
                ["of_another_release", "{}"],
                ["charged", "not JSON"],
                ["charged", "{\"amountNanos\":5}"],
                ["charged", "{\"amountNanos\":5,\"balanceNanos\":-5,\"totalSpentNanos\":5,\"meter\":\"m\",\"quantity\":1,\"takes\":[{\"grant\":77,\"nanos\":5}]}"],
                ["hold_released", "{\"hold\":99,\"amountNanos\":5}"],
            ];
            foreach (string[] typeAndData in nonsense)
            {
                GrainId bad = await kit.OpenAccountAsync(host, 0);
                await kit.AppendAsync(bad, head => [TestChain.Row(bad, head, data: typeAndData[1], actor: TestChain.Nonsense, type: typeAndData[0])]);
                await host.DenyAsync(bad, Charge(0), Outcome.GrainBroken);
                await host.DenyAsync(bad, new GetAccount(), Outcome.GrainBroken);
                await host.AcceptAsync(good, Charge(Unit));
            }
        }),
        new("a caller who gives up takes nothing back", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            using CancellationTokenSource caller = new();
            host.Journal.Close();
            Task<Reply> charge = host.AskAsync(account, Charge(Unit, "r1"), caller.Token).AsTask();
            await host.Journal.ReachedAsync;
            await caller.CancelAsync();
            host.Journal.Open();
            Exception? gaveUp = await Record.ExceptionAsync(() => charge);
            Assert.True(gaveUp is null or OperationCanceledException, $"{gaveUp}");
            Assert.True((await host.AcceptAsync(account, Charge(Unit, "r1"))).Replayed);
            await kit.AuditAsync(account, 9 * Unit);
        }),
    ];
}
