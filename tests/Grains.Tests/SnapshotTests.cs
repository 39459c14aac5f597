using OrleansBilling.Account;
using OrleansBilling.Grains.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class SnapshotTests
{
    [Fact]
    public void A_restored_account_is_the_same_and_decides_the_same()
    {
        AccountUnderTest account = Busy();
        Assert.Equal(Snapshot(account.State), Snapshot(account.Replayed()));
        AccountUnderTest other = Busy().Restored();
        foreach (Command command in new Command[] { Charge(3, key: "k"), Capture(10, 2), Reverse(9), Topup(1), new GetAccount() })
        {
            account.After(Hour).When(command);
            other.After(Hour).When(command);
            Assert.Equal(account.Outcome, other.Outcome);
            Assert.Equal(Snapshot(account.State), Snapshot(other.State));
        }
    }

    [Fact]
    public void A_snapshot_of_another_form_is_not_read()
    {
        byte[] snapshot = Snapshot(Busy().State);
        Assert.Null(AccountGrain.Instance.ReadSnapshot([]));
        Assert.Null(AccountGrain.Instance.ReadSnapshot([(byte)(snapshot[0] + 1), .. snapshot.AsSpan(1)]));
        Assert.Null(AccountGrain.Instance.ReadSnapshot([.. snapshot, 0]));
        for (int length = 0; length < snapshot.Length; length++)
        {
            Assert.Null(AccountGrain.Instance.ReadSnapshot(snapshot.AsSpan(0, length)));
        }
    }

    // What Apply allocates is the most that the state can keep.
    [Fact]
    public void An_idle_account_with_a_grant_and_a_key_takes_less_than_a_kibibyte()
    {
        AccountUnderTest account = Open().Given(Topup(10 * Unit), Key("abcdef0123456789abcdef"));
        account.Replayed();
        long before = GC.GetAllocatedBytesForCurrentThread();
        object state = account.Replayed();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(bytes, 1, 900);
        GC.KeepAlive(state);
    }

    [Fact]
    public void A_view_shows_where_everything_stands()
    {
        AccountView view = Busy().View;
        Assert.Equal((11, "pro", 4_958, 6), (view.Seq, view.Tier, view.BalanceNanos, view.HeldNanos));
        Assert.Equal([("daily_cap", 1_000, 48), ("monthly_cap", -1, 48), ("quota:api_request", 50, 6)], view.Limits.Select(l => (l.Name, l.Max, l.Used)));
        Assert.Equal(new HoldView(10, 6, 2, Start, Start + (15 * Minute), "k", "w", "api_request", 5), Assert.Single(view.Holds));
        Assert.Equal([3, 2], view.Grants.Select(g => g.Grant));
        Assert.Equal([("workspace_daily_cap", -1, 48), ("workspace_monthly_cap", -1, 48), ("workspace_total_cap", 100, 48)], view.Workspaces[0].Limits.Select(l => (l.Name, l.Max, l.Used)));
    }

    [Fact]
    public void Counters_of_windows_that_are_over_show_nothing_used() =>
        Assert.Equal([0, 0, 0], Busy().After(40 * Day).View.Limits.Select(l => l.Used));

    private static AccountUnderTest Busy() => Open(creditLimit: 5, quotas: new QuotaLimit("api_request", 10)).Given(
        Topup(4_000),
        Topup(1_000, priority: 3, expires: Start + Hour),
        Key("k", caps: new Caps { TotalNanos = 100 }, workspace: "w", expires: Start + Day, scopes: ["a", "b"]),
        new SetWorkspace("w", new Caps { TotalNanos = 100 }),
        new SetTier("pro", [new QuotaLimit("api_request", 50)]),
        new SetLimits { CreditLimitNanos = 5, DailyCapNanos = 1_000, LowBalanceNanos = 100 },
        Charge(40, key: "k", quantity: 0),
        Charge(0, key: "k"),
        Authorize(8, key: "k", quantity: 5),
        Capture(10, 2, final: false));
}
