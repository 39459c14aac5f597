using OrleansBilling.Account;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Request ids: one effect, the same reply, for ever (rule 7).</summary>
internal static class RepeatCases
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    public static readonly GrainsCase[] All =
    [
        new("a burst leaves no more in the window than there is room for", async kit =>
        {
            // So many at once take a while, also where calls are to have little time.
            TimeSpan least = TimeSpan.FromSeconds(5);
            GrainsHost host = await kit.OpenAsync(options: kit.Defaults with { WindowSize = 8, CallTime = kit.Defaults.CallTime > least ? kit.Defaults.CallTime : least });
            GrainId account = await kit.OpenAccountAsync(host, 1000 * Unit);
            host.Journal.Close();
            Task<Reply>[] burst = [.. Enumerable.Range(0, 60).Select(i => host.AskAsync(account, Charge(Unit, $"burst{i}")).AsTask())];
            await host.Journal.ReachedAsync;
            host.Journal.Open();
            await Task.WhenAll(burst);

            // As many come after it, one by one: then the window has its usual size again.
            List<Accepted> after = [];
            for (int i = 0; i < 60; i++)
            {
                after.Add(await host.AcceptAsync(account, Charge(Unit, $"after{i}")));
            }

            // Few: after more late repeats all ids would be looked up.
            int before = host.Journal.Lookups;
            for (int i = 20; i < 23; i++)
            {
                AssertRepeats(after[i], await host.AskAsync(account, Charge(Unit, $"after{i}")));
            }

            Assert.Equal(3, host.Journal.Lookups - before);
            await kit.AuditAsync(account, 880 * Unit);
        }),
        new("a repeat is answered with the first reply", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            Accepted first = await host.AcceptAsync(account, Charge(Unit, "r1"));
            await host.AcceptAsync(account, Charge(Unit, "r2"));
            AssertRepeats(first, await host.AskAsync(account, Charge(Unit, "r1")));
            await kit.AuditAsync(account, 8 * Unit);
        }),
        new("the same id with another body is a mismatch", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            await host.AcceptAsync(account, Charge(Unit, "r1"));
            await AssertMismatchesAsync(host, account);
            host.PutAway(account);
            await AssertMismatchesAsync(host, account);
            await kit.AuditAsync(account, 9 * Unit);
        }),
        new("the server's part of a command is no part of its body", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, Unit);
            CreateKey create = new() { RequestId = "k", Name = "one", Key = "route1abc", Tag = "dGFn", Pepper = "cGVw", Actor = "admin" };
            Accepted first = await host.AcceptAsync(account, create);
            AssertRepeats(first, await host.AskAsync(account, create with { Key = "route1xyz", Tag = "b3RoZXI", Actor = "other" }));
            Assert.Equal("route1abc", Assert.Single((await host.ViewAsync(account)).Keys).Key);
        }),
        new("duplicates in flight have one effect and one reply", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            host.Journal.Close();
            Task<Reply>[] asked = [.. Enumerable.Range(0, 16).Select(_ => host.AskApart(account, Charge(Unit, "r1")))];
            await host.Journal.ReachedAsync;
            host.Journal.Open();
            Accepted[] replies = [.. (await Task.WhenAll(asked)).Select(reply => Assert.IsType<Accepted>(reply))];
            Accepted first = Assert.Single(replies, reply => !reply.Replayed);
            Assert.All(replies.Where(reply => reply.Replayed), reply => AssertRepeats(first, reply));
            await kit.AuditAsync(account, 9 * Unit);
        }),
        new("a repeat does not wait for what came after its first", async kit =>
        {
            const int burst = 12;
            GrainsHost host = await kit.OpenAsync(options: kit.Defaults with { MaxBatchRows = 1, CallTime = Long, CommitTime = Long });
            GrainId account = await kit.OpenAccountAsync(host, 20 * Unit);
            Accepted first = await host.AcceptAsync(account, Charge(Unit, "r0"));
            host.Journal.Close();
            Task<Reply>[] later = [.. Enumerable.Range(1, burst).Select(i => host.AskAsync(account, Charge(Unit, $"r{i}")).AsTask())];
            await host.HasCallsAsync(burst);
            await host.Journal.ReachedAsync;
            Task<Reply> again = host.AskAsync(account, Charge(Unit, "r0")).AsTask();

            // Before that no commit goes through: a call may be on its way to the host for any time.
            await host.HasCallsAsync(burst + 1);
            for (int i = 0; i < burst - 2; i++)
            {
                await host.Journal.StepAsync();
            }

            try
            {
                AssertRepeats(first, await again.WaitAsync(Long));
                Assert.Contains(later, call => !call.IsCompleted);
            }
            finally
            {
                host.Journal.Open();
            }

            Assert.All(await Task.WhenAll(later), reply => Assert.IsType<Accepted>(reply));
            await kit.AuditAsync(account, (20 - 1 - burst) * Unit);
        }),
        new("a repeat finds its reply after the grain was put away", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(options: kit.Defaults with { WindowSize = 1 });
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            Accepted first = await host.AcceptAsync(account, Charge(Unit, "r1"));
            await host.AcceptAsync(account, Charge(0, "r2"));
            await host.AcceptAsync(account, Charge(0, "r3"));
            host.PutAway(account);
            AssertRepeats(first, await host.AskAsync(account, Charge(Unit, "r1")));
            await kit.AuditAsync(account, 9 * Unit);
        }),
        new("a repeat finds its reply after a restart", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            Accepted first = await host.AcceptAsync(account, Charge(Unit, "r1"));
            await host.StopAsync();
            GrainsHost next = await kit.OpenAsync();
            AssertRepeats(first, await next.AskAsync(account, Charge(Unit, "r1")));
            await kit.AuditAsync(account, 9 * Unit);
        }),
        new("a repeat finds its reply after its window", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(options: kit.Defaults with { WindowSize = 4 });
            GrainId account = await kit.OpenAccountAsync(host, 100 * Unit);
            Accepted first = await host.AcceptAsync(account, Charge(Unit, "r0"));
            for (int i = 1; i <= 20; i++)
            {
                await host.AcceptAsync(account, Charge(Unit, $"r{i}"));
            }

            AssertRepeats(first, await host.AskAsync(account, Charge(Unit, "r0")));
            await kit.AuditAsync(account, 79 * Unit);
        }),
        new("a repeat is answered before the rules", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            Accepted first = await host.AcceptAsync(account, Charge(10 * Unit, "r1"));
            AssertRepeats(first, await host.AskAsync(account, Charge(10 * Unit, "r1")));
            await host.AcceptAsync(account, new SuspendAccount("unpaid"));
            AssertRepeats(first, await host.AskAsync(account, Charge(10 * Unit, "r1")));
            await host.StopAsync();
            GrainsHost next = await kit.OpenAsync();
            AssertRepeats(first, await next.AskAsync(account, Charge(10 * Unit, "r1")));
            await next.DenyAsync(account, Charge(9 * Unit, "r1"), Outcome.IdempotencyMismatch);
            await next.DenyAsync(account, Charge(Unit, "r2"), Outcome.AccountSuspended);
        }),
        new("a denial is not remembered", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, Unit);
            await host.DenyAsync(account, Charge(2 * Unit, "r1"), Outcome.InsufficientCredit);
            await host.AcceptAsync(account, Topup(Unit));
            Assert.False((await host.AcceptAsync(account, Charge(2 * Unit, "r1"))).Replayed);
            await kit.AuditAsync(account, 0);
        }),
        new("accounts do not share request ids", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId one = await kit.OpenAccountAsync(host, Unit);
            GrainId other = await kit.OpenAccountAsync(host, Unit);
            Accepted first = await host.AcceptAsync(one, Charge(Unit, "r1"));
            Assert.False((await host.AcceptAsync(other, Charge(Unit / 2, "r1"))).Replayed);
            AssertRepeats(first, await host.AskAsync(one, Charge(Unit, "r1")));
        }),
        new("charges without an id never repeat one another", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 3 * Unit);
            Accepted[] replies = [await host.AcceptAsync(account, Charge(Unit)), await host.AcceptAsync(account, Charge(Unit))];
            Assert.All(replies, reply => Assert.False(reply.Replayed));
            await kit.AuditAsync(account, Unit);
        }),
    ];

    private static async Task AssertMismatchesAsync(GrainsHost host, GrainId account)
    {
        await host.DenyAsync(account, Charge(2 * Unit, "r1"), Outcome.IdempotencyMismatch);
        await host.DenyAsync(account, Charge(Unit, "r1") with { Meter = "other" }, Outcome.IdempotencyMismatch);
        await host.DenyAsync(account, Topup(Unit, "r1"), Outcome.IdempotencyMismatch);
    }
}
