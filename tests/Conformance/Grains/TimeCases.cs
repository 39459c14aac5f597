using OrleansBilling.Account;
using Xunit;
using static OrleansBilling.Conformance.Grains.Asking;

namespace OrleansBilling.Conformance.Grains;

/// <summary>What is due is worked out when looked at, and time never runs back (rule 10). These move the clock.</summary>
internal static class TimeCases
{
    public static readonly GrainsCase[] All =
    [
        new("a hold expires when a charge looks", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            (GrainId account, Accepted hold) = await HoldAllAsync(kit, host);
            await host.DenyAsync(account, Charge(Unit), Outcome.InsufficientCredit);
            kit.Stepped.Advance(TimeSpan.FromSeconds(61));
            Accepted charged = await host.AcceptAsync(account, Charge(Unit));
            HoldExpired expired = Assert.Single((await kit.AuditAsync(account, 9 * Unit)).Select(e => e.Event).OfType<HoldExpired>());
            Assert.Equal((hold.Seq, 10 * Unit, 0), (expired.Hold, expired.AmountNanos, expired.HeldNanos));
            Assert.Equal(hold.AtNanos + (60 * Unit), expired.DueAtNanos);
            Assert.Equal(hold.Seq + 2, charged.Seq);
        }, Steps: true),
        new("a hold expires when a read looks, once", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            (GrainId account, _) = await HoldAllAsync(kit, host);
            Assert.Equal(10 * Unit, (await host.ViewAsync(account)).HeldNanos);
            kit.Stepped.Advance(TimeSpan.FromSeconds(61));
            AccountView view = await host.ViewAsync(account);
            Assert.Equal((0, 10 * Unit), (view.HeldNanos, view.BalanceNanos));
            Assert.Empty(view.Holds);
            host.PutAway(account);
            Assert.Equal(view.Seq, (await host.ViewAsync(account)).Seq);
            Assert.Single((await kit.AuditAsync(account, 10 * Unit)).Select(e => e.Event).OfType<HoldExpired>());
        }, Steps: true),
        new("a hold expires when a denial looks", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            (GrainId account, _) = await HoldAllAsync(kit, host);
            kit.Stepped.Advance(TimeSpan.FromSeconds(61));
            Assert.Equal(0, (await host.DenyAsync(account, Charge(11 * Unit), Outcome.InsufficientCredit)).Limit?.Used);
            Assert.Single((await kit.AuditAsync(account, 10 * Unit)).Select(e => e.Event).OfType<HoldExpired>());
        }, Steps: true),
        new("a hold expires at whichever host looks first, once", async kit =>
        {
            GrainsHost one = await kit.OpenAsync(shared: true);
            GrainsHost other = await kit.OpenAsync(shared: true);
            (GrainId account, _) = await HoldAllAsync(kit, one);
            await other.ViewAsync(account);
            kit.Stepped.Advance(TimeSpan.FromSeconds(61));
            AccountView[] views = await Task.WhenAll(Task.Run(() => one.ViewAsync(account)), Task.Run(() => other.ViewAsync(account)));
            Assert.Equal(views[0].Seq, views[1].Seq);
            Assert.Single((await kit.AuditAsync(account, 10 * Unit)).Select(e => e.Event).OfType<HoldExpired>());
        }, Steps: true),
        new("time never runs back in a grain", async kit =>
        {
            GrainsHost host = await kit.OpenAsync();
            GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
            long last = (await host.AcceptAsync(account, Charge(Unit))).AtNanos;
            kit.Stepped.Advance(TimeSpan.FromMinutes(-10));
            Assert.Equal(last, (await host.AcceptAsync(account, Charge(Unit))).AtNanos);
            host.PutAway(account);
            Assert.Equal(last, (await host.AcceptAsync(account, Charge(Unit))).AtNanos);
            kit.Stepped.Advance(TimeSpan.FromMinutes(11));
            Assert.Equal(last + (60 * Unit), (await host.AcceptAsync(account, Charge(Unit))).AtNanos);
        }, Steps: true),
    ];

    private static async Task<(GrainId Account, Accepted Hold)> HoldAllAsync(GrainsKit kit, GrainsHost host)
    {
        GrainId account = await kit.OpenAccountAsync(host, 10 * Unit);
        return (account, await host.AcceptAsync(account, new Authorize { AmountNanos = 10 * Unit, TtlNanos = 60 * Unit }));
    }
}
