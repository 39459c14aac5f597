using OrleansBilling.Account;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>One engine alone: decisions, many at once, and a full queue.</summary>
internal static class DecidingCases
{
    public static readonly GrainsCase[] All =
    [
        new("an account is opened, credited, charged and read", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = kit.NewGrain();
            Accepted opened = await host.AcceptAsync(account, new OpenAccount { Currency = "EUR", Zone = "Europe/Berlin", AnchorDay = 31 });
            Assert.Equal("EUR", Assert.IsType<AccountOpened>(opened.Event).Currency);
            Accepted credited = await host.AcceptAsync(account, Topup(10 * Unit));
            Accepted charged = await host.AcceptAsync(account, Charge(3 * Unit));
            Assert.Equal((1, 2, 3), (opened.Seq, credited.Seq, charged.Seq));
            Assert.True(opened.AtNanos <= credited.AtNanos && credited.AtNanos <= charged.AtNanos);
            Assert.Equal(7 * Unit, Assert.IsType<Charged>(charged.Event).BalanceNanos);
            AccountView view = await host.ViewAsync(account);
            Assert.Equal(
                ("EUR", "Europe/Berlin", 31, 7 * Unit, 0, 3 * Unit, 3),
                (view.Currency, view.Zone, view.AnchorDay, view.BalanceNanos, view.HeldNanos, view.TotalSpentNanos, view.Seq));
            await kit.AuditAsync(account, 7 * Unit);
        }),
        new("an account that is not there is denied and stays away", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = kit.NewGrain();
            await host.DenyAsync(account, Charge(Unit, "r1"), Outcome.AccountNotFound);
            await host.DenyAsync(account, new GetAccount(), Outcome.AccountNotFound);
            Assert.Empty(await kit.AuditAsync(account, 0));
        }),
        new("a charge beyond the credit is denied with the numbers and changes nothing", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            await host.AcceptAsync(account, Charge(4 * Unit));
            Denied denied = await host.DenyAsync(account, Charge((6 * Unit) + 1), Outcome.InsufficientCredit);
            Assert.NotNull(denied.Limit);
            Assert.Equal((6 * Unit) + 1, denied.Limit.Requested);
            Assert.Equal(6 * Unit, denied.Limit.Max - denied.Limit.Used);
            Assert.Equal(6 * Unit, (await host.ViewAsync(account)).BalanceNanos);
            Assert.Equal(3, (await kit.AuditAsync(account, 6 * Unit)).Count);
        }),
        new("of 200 charges at once a balance of 100 takes exactly 100", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 100 * Unit);
            Reply[] replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => host.AskApart(account, Charge(Unit, $"r{i}"))));
            Charged[] charged = [.. replies.OfType<Accepted>().Select(reply => Assert.IsType<Charged>(reply.Event))];
            Assert.Equal(100, charged.Length);
            Assert.Equal(100, replies.Count(reply => reply.Outcome == Outcome.InsufficientCredit));
            Assert.Equal(Enumerable.Range(0, 100).Select(i => i * Unit), charged.Select(c => c.BalanceNanos).Order());
            AccountView view = await host.ViewAsync(account);
            Assert.Equal((0, 100 * Unit), (view.BalanceNanos, view.TotalSpentNanos));
            await kit.AuditAsync(account, 0);
        }),
        new("many accounts at once do not mix", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId[] accounts = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => kit.OpenAccountAsync(host, i * Unit)));
            await Task.WhenAll(accounts.SelectMany(account => Enumerable.Range(0, 30).Select(_ => host.AskApart(account, Charge(Unit)))));
            for (int i = 1; i <= accounts.Length; i++)
            {
                Assert.Equal((0, i * Unit), ((await host.ViewAsync(accounts[i - 1])).BalanceNanos, (await host.ViewAsync(accounts[i - 1])).TotalSpentNanos));
                await kit.AuditAsync(accounts[i - 1], 0);
            }
        }),
        new("a full queue overloads, decides nothing, and empties", async kit =>
        {
            GrainsHost host = await kit.OpenAsync(options: kit.Defaults with { MaxQueuedCommands = 4 });
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            host.Journal.Close();
            Task<Reply>[] asked = [.. Enumerable.Range(0, 5).Select(i => host.AskAsync(account, Charge(Unit, $"r{i}")).AsTask())];

            // Which of them comes last is the engine's; it alone is answered while nothing is durable.
            Task<Reply> last = await Task.WhenAny(asked);
            Assert.Equal(Outcome.Overloaded, Assert.IsType<Denied>(await last).Outcome);
            host.Journal.Open();
            Assert.All(await Task.WhenAll(asked.Where(call => call != last)), reply => Assert.IsType<Accepted>(reply));
            Assert.Equal(6 * Unit, (await host.ViewAsync(account)).BalanceNanos);
            await host.AcceptAsync(account, Charge(Unit, $"r{Array.IndexOf(asked, last)}"));
            Assert.Equal(7, (await kit.AuditAsync(account, 5 * Unit)).Count);
        }),
        new("a stopped host decides nothing", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, Unit);
            await host.StopAsync();
            await host.DenyAsync(account, Charge(Unit, "r1"), Outcome.Stopping);
            await kit.AuditAsync(account, Unit);
        }),
        new("a host whose clock is wrong decides nothing", async kit =>
        {
            GrainsHost right = await kit.OpenAsync(shared: true);
            GrainId account = await kit.OpenAccountAsync(right, Unit);
            foreach (int ahead in new[] { 60, -60 })
            {
                GrainsHost wrong = await kit.OpenAsync(shared: true, ahead: TimeSpan.FromSeconds(ahead));
                await wrong.DenyAsync(account, Charge(Unit, "r1"), Outcome.ClockSkew);
            }

            await kit.AuditAsync(account, Unit);
        }),
        new("a host whose clock is set decides nothing from then on", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 2 * Unit);
            foreach (int ahead in new[] { 1, -1 })
            {
                host.Time.Ahead = TimeSpan.FromSeconds(ahead);
                await host.DenyAsync(account, Charge(Unit, $"r{ahead}"), Outcome.ClockSkew);
                host.Time.Ahead = default;
                await host.AcceptAsync(account, Charge(Unit, $"r{ahead}"));
            }

            await kit.AuditAsync(account, 0);
        }),
    ];
}
