using OrleansBilling.Account;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Several commands in their order: as if each had been asked once the one before it was answered.</summary>
internal static class InOrderCases
{
    public static readonly GrainsCase[] All =
    [
        new("commands in order find what those before them did", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId[] accounts = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => kit.OpenAccountAsync(host, 10 * Unit)));
            host.PutAway(accounts[0]);
            await Task.WhenAll(accounts.Select(async account =>
            {
                Reply[] replies = await host.AskInOrderAsync(
                    account,
                    [
                        Charge(4 * Unit, "a"), Charge(7 * Unit, "b"), Charge(6 * Unit, "c"), new GetAccount(), Charge(Unit, "d"), Topup(2 * Unit, "e"),
                        Charge(Unit, "d"), Charge(4 * Unit, "a"), Charge(5 * Unit, "a"), Charge(Unit), Charge(Unit), new GetAccount(),
                    ]);
                Assert.Equal(
                    [
                        Outcome.Accepted, Outcome.InsufficientCredit, Outcome.Accepted, Outcome.Accepted, Outcome.InsufficientCredit, Outcome.Accepted,
                        Outcome.Accepted, Outcome.Accepted, Outcome.IdempotencyMismatch, Outcome.Accepted, Outcome.InsufficientCredit, Outcome.Accepted,
                    ],
                    replies.Select(r => r.Outcome));
                Assert.Equal((6 * Unit, 7 * Unit), (Assert.IsType<Denied>(replies[1]).Limit!.Max, Assert.IsType<Denied>(replies[1]).Limit!.Requested));
                Assert.Equal([0, 0], new[] { replies[3], replies[11] }.Select(r => Assert.IsType<AccountView>(r).BalanceNanos));
                AssertRepeats(Assert.IsType<Accepted>(replies[0]), replies[7]);
                Assert.Equal(replies.OfType<Accepted>().Where(a => !a.Replayed).Select(a => a.Seq).Order(), replies.OfType<Accepted>().Where(a => !a.Replayed).Select(a => a.Seq));
                await kit.AuditAsync(account, 0);
            }));
            Assert.Empty(await host.AskInOrderAsync(accounts[0], []));
        }),
        new("a denial in order never rests on what was not recorded", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            host.Journal.Close();
            Task<Reply[]> asked = host.AskInOrderAsync(account, [Charge(10 * Unit), Charge(Unit), new GetAccount()]).AsTask();
            await host.Journal.ReachedAsync;
            for (int i = 0; i < 1000; i++)
            {
                await Task.Yield();
            }

            Assert.False(asked.IsCompleted, "A reply came before the commit.");
            await host.Journal.CutAsync();
            host.Journal.Open();
            Reply[] replies = await asked;

            // The first is gone, or nobody knows: whatever the others are told, it is what the journal has.
            Assert.Equal(Outcome.InDoubt, replies[0].Outcome);
            Assert.Equal(Outcome.Accepted, replies[1].Outcome);
            Assert.Equal(9 * Unit, Assert.IsType<AccountView>(replies[2]).BalanceNanos);
            await kit.AuditAsync(account, 9 * Unit);
        }),
        new("ids that come late in an order are found, and those behind them go on", async kit =>
        {
            GrainsHost before = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(before, 10 * Unit);
            Accepted first = await before.AcceptAsync(account, Charge(Unit, "r1"));
            Accepted second = await before.AcceptAsync(account, Charge(Unit, "r2"));
            await before.StopAsync();
            GrainsHost host = await kit.OpenAsync();
            Reply[] replies = await host.AskInOrderAsync(
                account, [Charge(Unit), Charge(Unit, "r1"), Charge(3 * Unit, "r3"), Charge(5 * Unit, "r4"), Charge(Unit, "r2"), Charge(9 * Unit, "r2"), Charge(4 * Unit, "r5"), Charge(9 * Unit, "r1")]);
            Assert.Equal(
                [
                    Outcome.Accepted, Outcome.Accepted, Outcome.Accepted, Outcome.InsufficientCredit, Outcome.Accepted, Outcome.IdempotencyMismatch, Outcome.Accepted,
                    Outcome.IdempotencyMismatch,
                ],
                replies.Select(r => r.Outcome));
            AssertRepeats(first, replies[1]);
            AssertRepeats(second, replies[4]);
            await kit.AuditAsync(account, 0);
        }),
        new("two hosts that ask in order of one account admit exactly its credit, each in its order", async kit =>
        {
            const int batches = 8;
            const int size = 20;
            GrainsHost one = await kit.OpenAsync(shared: true);
            GrainsHost other = await kit.OpenAsync(shared: true);
            GrainId account = await kit.OpenAccountAsync(one, 100 * Unit);
            Reply[][] replies = await Task.WhenAll(Enumerable.Range(0, batches).Select(b => Task.Run(async () =>
                await (b % 2 == 0 ? one : other).AskInOrderAsync(account, [.. Enumerable.Range(0, size).Select(i => Charge(Unit, $"{b}.{i}"))]))));

            foreach (Reply[] batch in replies)
            {
                // Once there is no credit there is none later; what the host could not decide says nothing.
                int denied = Array.FindIndex(batch, r => r.Outcome == Outcome.InsufficientCredit);
                Assert.DoesNotContain(batch.Skip(denied < 0 ? size : denied), r => r is Accepted { Replayed: false });
                long[] rows = [.. batch.OfType<Accepted>().Where(a => !a.Replayed).Select(a => a.Seq)];
                Assert.Equal(rows.Order(), rows);
            }

            // What was left undecided is decided now.
            for (int b = 0; b < batches; b++)
            {
                for (int i = 0; i < size; i++)
                {
                    await one.DecideAsync(account, Charge(Unit, $"{b}.{i}"));
                }
            }

            await kit.AuditAsync(account, 0);
        }),
    ];
}
