using OrleansBilling.Account;
using OrleansBilling.Hosting;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Commands behind a read of another grain: as if the read had been asked and waited for first.</summary>
internal static class GuardCases
{
    public static readonly GrainsCase[] All =
    [
        new("a guard lets through what it allows, and nothing else is decided", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId watched = await kit.OpenAccountAsync(host, 0);
            GrainId account = await kit.OpenAccountAsync(host, 100 * Unit);
            for (int i = 0; i < 10; i++)
            {
                GuardedReply allowed = await host.AskAsync(Active(watched), account, Charge(Unit, $"r{i}"));
                Assert.IsType<AccountView>(allowed.Read);
                Assert.False(Assert.IsType<Accepted>(allowed.Reply).Replayed);
                await host.AcceptAsync(watched, new SuspendAccount("test"));
                Assert.Null((await host.AskAsync(Active(watched), account, Charge(Unit, $"s{i}"))).Reply);
                await host.AcceptAsync(watched, new ResumeAccount("test"));
            }

            Assert.Null((await host.AskAsync(Active(kit.NewGrain()), account, Charge(Unit))).Reply);
            await kit.AuditAsync(account, 90 * Unit);
        }),
        new("a guarded command is denied, repeated and refused like any other", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId watched = await kit.OpenAccountAsync(host, 0);
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            Accepted first = Assert.IsType<Accepted>((await host.AskAsync(Active(watched), account, Charge(Unit, "r1"))).Reply);
            AssertRepeats(first, (await host.AskAsync(Active(watched), account, Charge(Unit, "r1"))).Reply!);
            Assert.Equal(Outcome.IdempotencyMismatch, (await host.AskAsync(Active(watched), account, Charge(2 * Unit, "r1"))).Reply!.Outcome);
            Assert.Equal(Outcome.InsufficientCredit, (await host.AskAsync(Active(watched), account, Charge(10 * Unit))).Reply!.Outcome);
            host.PutAway(watched);
            AssertRepeats(first, (await host.AskAsync(Active(watched), account, Charge(Unit, "r1"))).Reply!);
            await kit.AuditAsync(account, 9 * Unit);
        }),
        new("a guard outlives lost sessions, and what was in doubt is settled behind it", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId watched = await kit.OpenAccountAsync(host, 0);
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            host.Journal.LoseNextReply();
            Assert.Equal(Outcome.InDoubt, (await host.AskAsync(Active(watched), account, Charge(Unit, "r1"))).Reply!.Outcome);
            Assert.True(Assert.IsType<Accepted>((await host.AskAsync(Active(watched), account, Charge(Unit, "r1"))).Reply).Replayed);
            await host.Journal.CutAsync();
            Assert.Equal(Outcome.InsufficientCredit, (await host.AskAsync(Active(watched), account, Charge(10 * Unit))).Reply!.Outcome);
            await kit.AuditAsync(account, 9 * Unit);
        }),
        new("a guard sees at once what another host changed", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(shared: true);
            GrainsHost other = await kit.OpenAsync(shared: true);
            GrainId watched = await kit.OpenAccountAsync(host, 0);
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            for (int i = 0; i < 5; i++)
            {
                Assert.IsType<Accepted>((await host.AskAsync(Active(watched), account, Charge(Unit, $"r{i}"))).Reply);
                Assert.IsType<Accepted>(await other.DecideAsync(watched, new SuspendAccount("test") { RequestId = $"off{i}" }));
                Assert.Null((await host.AskAsync(Active(watched), account, Charge(Unit, $"s{i}"))).Reply);
                Assert.IsType<Accepted>(await other.DecideAsync(watched, new ResumeAccount("test") { RequestId = $"on{i}" }));
            }

            await kit.AuditAsync(account, 5 * Unit);
        }),
        new("a host alone that was overtaken lets nothing through on what it remembers", async kit =>
        {
            GrainsHost first = await kit.OpenAsync(options: kit.Defaults with { CallTime = TimeSpan.FromMilliseconds(300) });
            GrainId watched = await kit.OpenAccountAsync(first, 0);
            GrainId account = await kit.OpenAccountAsync(first, 10 * Unit);
            GuardedReply allowed = await first.AskAsync(Active(watched), account, Charge(Unit, "r1"));
            while (allowed.Read.Outcome == Outcome.Unavailable || allowed.Reply?.Outcome is Outcome.Unavailable or Outcome.InDoubt)
            {
                // Its calls have little time.
                allowed = await first.AskAsync(Active(watched), account, Charge(Unit, "r1"));
            }

            Assert.IsType<Accepted>(allowed.Reply);
            await first.Journal.CutAsync();
            GrainsHost second = await kit.OpenAsync();
            await second.AcceptAsync(watched, new SuspendAccount("test"));
            Assert.IsNotType<Accepted>((await first.AskAsync(Active(watched), account, Charge(Unit, "r2"))).Reply);
            await second.StopAsync();
            await first.DecideAsync(account, new GetAccount());
            Assert.Null((await first.AskAsync(Active(watched), account, Charge(Unit, "r3"))).Reply);
            Assert.Null((await first.AskAsync(Active(watched), account, Charge(Unit, "r1"))).Reply);
            await kit.AuditAsync(account, 9 * Unit);
        }),
    ];

    private static Guard Active(GrainId account) => new(account, new GetAccount(), reply => reply is AccountView { Status: AccountStatus.Active });
}
