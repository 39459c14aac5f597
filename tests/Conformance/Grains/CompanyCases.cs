using OrleansBilling.Account;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Two hosts on one journal, both asked about the same accounts: slower, never wrong (rules 1, 6, 7, 11).</summary>
internal static class CompanyCases
{
    private const int Rounds = 5;

    public static readonly GrainsCase[] All =
    [
        new("no denial from before the other host's top-up", async kit =>
        {
            (GrainsHost one, GrainsHost other, GrainId account) = await OpenTwoAsync(kit, 0);
            for (int i = 0; i < Rounds; i++)
            {
                await other.DenyAsync(account, Charge(Unit), Outcome.InsufficientCredit);
                await one.AcceptAsync(account, Topup(Unit));
                await other.AcceptAsync(account, Charge(Unit));
                await one.DenyAsync(account, Charge(Unit), Outcome.InsufficientCredit);
            }

            await kit.AuditAsync(account, 0);
        }),
        new("no read from before the other host's reply", async kit =>
        {
            (GrainsHost one, GrainsHost other, GrainId account) = await OpenTwoAsync(kit, 100 * Unit);
            for (int i = 1; i <= Rounds; i++)
            {
                await (i % 2 == 0 ? one : other).AcceptAsync(account, Charge(Unit));
                Assert.Equal((100 - i) * Unit, (await one.ViewAsync(account)).BalanceNanos);
                Assert.Equal((100 - i) * Unit, (await other.ViewAsync(account)).BalanceNanos);
            }
        }),
        new("the other host refuses a revoked key from its next charge on", async kit =>
        {
            (GrainsHost one, GrainsHost other, GrainId account) = await OpenTwoAsync(kit, 100 * Unit);
            for (int i = 0; i < Rounds; i++)
            {
                string key = $"route1key{i}";
                await one.AcceptAsync(account, new CreateKey { Key = key, Tag = "dGFn", Pepper = "cGVw" });
                await other.AcceptAsync(account, Charge(Unit) with { Key = key });
                await one.AcceptAsync(account, new RevokeKey(key, "leaked"));
                await other.DenyAsync(account, Charge(Unit) with { Key = key }, Outcome.KeyRevoked);
            }

            await kit.AuditAsync(account, (100 - Rounds) * Unit);
        }),
        new("the other host's ids are repeated, not charged again", async kit =>
        {
            (GrainsHost one, GrainsHost other, GrainId account) = await OpenTwoAsync(kit, 10 * Unit);
            Accepted first = await one.AcceptAsync(account, Charge(Unit, "r1"));
            AssertRepeats(first, await other.AskAsync(account, Charge(Unit, "r1")));
            Accepted second = await other.AcceptAsync(account, Charge(Unit, "r2"));
            AssertRepeats(second, await one.AskAsync(account, Charge(Unit, "r2")));
            AssertRepeats(first, await one.AskAsync(account, Charge(Unit, "r1")));
            await one.DenyAsync(account, Charge(2 * Unit, "r2"), Outcome.IdempotencyMismatch);
            await kit.AuditAsync(account, 8 * Unit);
        }),
        new("one id at both hosts at once has one effect", async kit =>
        {
            (GrainsHost one, GrainsHost other, GrainId account) = await OpenTwoAsync(kit, 100 * Unit);
            for (int i = 0; i < 4 * Rounds; i++)
            {
                Charge charge = Charge(Unit, $"r{i}");
                Reply[] replies = await Task.WhenAll(
                    Task.Run(() => one.DecideAsync(account, charge)), Task.Run(() => other.DecideAsync(account, charge)));
                Accepted[] accepted = [.. replies.Select(reply => Assert.IsType<Accepted>(reply))];
                Assert.Equal(accepted[0].Seq, accepted[1].Seq);
                Assert.Single(accepted, reply => !reply.Replayed);
            }

            await kit.AuditAsync(account, (100 - (4 * Rounds)) * Unit);
        }),
        new("two hosts that charge one account admit exactly its credit", async kit =>
        {
            (GrainsHost one, GrainsHost other, GrainId account) = await OpenTwoAsync(kit, 40 * Unit);
            Reply[] replies = await Task.WhenAll(Enumerable.Range(0, 80).Select(i =>
                Task.Run(() => (i % 2 == 0 ? one : other).DecideAsync(account, Charge(Unit, $"r{i}")))));
            Assert.Equal(40, replies.Count(reply => reply is Accepted));
            Assert.Equal(40, replies.Count(reply => reply.Outcome == Outcome.InsufficientCredit));
            Assert.Equal(40, replies.OfType<Accepted>().Select(reply => reply.Seq).Distinct().Count());
            await kit.AuditAsync(account, 0);
        }),
        new("two hosts record exactly what they acknowledge", async kit =>
        {
            (GrainsHost one, GrainsHost other, GrainId first) = await OpenTwoAsync(kit, 1000 * Unit);
            GrainId[] accounts = [first, .. await Task.WhenAll(Enumerable.Range(0, 17).Select(_ => kit.OpenAccountAsync(one, 1000 * Unit)))];
            await Task.WhenAll(accounts.Select(account => other.ViewAsync(account)));

            // All is decided before anything is committed, so that batches hold many accounts: of each three, one
            // is charged at the one host, one at the other, one at both.
            one.Journal.Close();
            other.Journal.Close();
            Task<Reply>[][] asked = [.. accounts.Select((account, n) =>
                Enumerable.Range(0, 12).Select(i => (n % 3 == 0 || (n % 3 == 2 && i % 2 == 0) ? one : other).AskAsync(account, Charge(Unit)).AsTask()).ToArray())];
            await Task.WhenAll(one.Journal.ReachedAsync, other.Journal.ReachedAsync);
            one.Journal.Open();
            other.Journal.Open();
            Reply[][] replies = await Task.WhenAll(asked.Select(replies => Task.WhenAll(replies)));
            for (int i = 0; i < accounts.Length; i++)
            {
                Assert.DoesNotContain(replies[i], reply => reply.Outcome is not Outcome.Accepted and not Outcome.Unavailable);
                long[] acknowledged = [.. replies[i].OfType<Accepted>().Select(reply => reply.Seq).Order()];
                var events = await kit.AuditAsync(accounts[i], (1000 - acknowledged.Length) * Unit);
                Assert.Equal(acknowledged, events.Where(e => e.Event is Charged).Select(e => e.Row.Seq));
            }
        }),
        new("a second host alone decides nothing while the first is there", async kit =>
        {
            GrainsHost first = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(first, 10 * Unit);
            GrainsHost second = await kit.OpenAsync(options: kit.Defaults with { CallTime = TimeSpan.FromMilliseconds(300) });
            await second.DenyAsync(account, Charge(Unit), Outcome.Unavailable);
            await second.DenyAsync(account, new GetAccount(), Outcome.Unavailable);
            await first.AcceptAsync(account, Charge(Unit));
            await first.StopAsync();
            Assert.Equal(9 * Unit, Assert.IsType<AccountView>(await second.DecideAsync(account, new GetAccount())).BalanceNanos);
        }),
        new("a host alone that was overtaken knows it before it answers", async kit =>
        {
            GrainsHost first = await kit.OpenAsync(options: kit.Defaults with { CallTime = TimeSpan.FromMilliseconds(300) });
            GrainId account = await kit.OpenAccountAsync(first, 10 * Unit);
            await first.Journal.CutAsync();
            GrainsHost second = await kit.OpenAsync();
            await second.AcceptAsync(account, Charge(9 * Unit, "r1"));
            await first.DenyAsync(account, new GetAccount(), Outcome.Unavailable);
            Assert.IsNotType<Accepted>(await first.AskAsync(account, Charge(5 * Unit, "r2")));
            await second.StopAsync();
            Assert.Equal(Unit, Assert.IsType<AccountView>(await first.DecideAsync(account, new GetAccount())).BalanceNanos);
            Assert.Equal(Outcome.InsufficientCredit, (await first.DecideAsync(account, Charge(5 * Unit, "r2"))).Outcome);
            await kit.AuditAsync(account, Unit);
        }),
    ];

    private static async Task<(GrainsHost One, GrainsHost Other, GrainId Account)> OpenTwoAsync(GrainsKit kit, long creditNanos)
    {
        GrainsHost one = await kit.OpenAsync(shared: true);
        GrainsHost other = await kit.OpenAsync(shared: true);
        GrainId account = await kit.OpenAccountAsync(one, creditNanos);

        // Both have it in memory from here on.
        await other.ViewAsync(account);
        return (one, other, account);
    }
}
