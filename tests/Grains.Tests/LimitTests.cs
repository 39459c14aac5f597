using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class LimitTests
{
    private static readonly long Midnight = Csv.Instant("2026-03-11T00:00:00Z");
    private static readonly long NextMonth = Csv.Instant("2026-04-01T00:00:00Z");

    [Fact]
    public void A_cap_is_reached_exactly_and_resets_with_its_window()
    {
        AccountUnderTest account = Open().Given(Topup(100), new SetLimits { DailyCapNanos = 10, MonthlyCapNanos = 15 }, Charge(10));
        account.When(Charge(1)).Then(Outcome.DailyCapExceeded, "daily_cap", 10, 10, 1, Midnight);
        account.At(Midnight - 1).When(Charge(1)).Then(Outcome.DailyCapExceeded);
        account.At(Midnight).When(Charge(6)).Then(Outcome.MonthlyCapExceeded, "monthly_cap", 15, 10, 6, NextMonth);
        Charged charged = account.When(Charge(5)).Then<Charged>();
        Assert.Equal(new Window(Midnight, Midnight + Day), charged.Day);
        Assert.Null(charged.Month);
        charged = account.At(NextMonth).When(Charge(10)).Then<Charged>();
        Assert.Equal(NextMonth, charged.Month!.StartNanos);
    }

    [Fact]
    public void Windows_run_in_the_accounts_zone()
    {
        AccountUnderTest account = Open("Asia/Kathmandu").Given(Topup(100), new SetLimits { DailyCapNanos = 10 }, Charge(10));
        account.When(Charge(1)).Then(Outcome.DailyCapExceeded, "daily_cap", 10, 10, 1, Csv.Instant("2026-03-10T18:15:00Z"));
        account.At(Csv.Instant("2026-03-10T18:15:00Z")).When(Charge(1)).Then(Outcome.Accepted);
    }

    [Fact]
    public void Caps_of_key_workspace_and_account_are_said_with_the_charge_as_they_stand_after_it()
    {
        Charged charged = Open(quotas: new QuotaLimit("api_request", 9)).Given(
                Topup(100),
                Key("k", caps: new Caps { DailyNanos = 20, TotalNanos = 30 }),
                new SetWorkspace("w", new Caps { MonthlyNanos = 40 }),
                new SetLimits { DailyCapNanos = 50 },
                Charge(1, key: "k", workspace: "w"))
            .When(Charge(2, key: "k", workspace: "w", quantity: 3)).Then<Charged>();
        Assert.Equal(
            [
                new Limit("quota:api_request", 9, 4, 3, NextMonth),
                new Limit("key_daily_cap", 20, 3, 2, Midnight),
                new Limit("key_total_cap", 30, 3, 2),
                new Limit("workspace_monthly_cap", 40, 3, 2, NextMonth),
                new Limit("daily_cap", 50, 3, 2, Midnight),
            ],
            charged.Checks!);
    }

    [Fact]
    public void What_costs_nothing_is_not_refused_for_money() =>
        Open().Given(Credit(CreditKind.Dispute, 5), new SetLimits { DailyCapNanos = 0 }).When(Charge(0)).Then(Outcome.Accepted);

    [Fact]
    public void A_keys_own_workspace_wins_and_another_is_refused()
    {
        AccountUnderTest account = Open().Given(Topup(100), Key("k", workspace: "w"), new SetWorkspace("w", new Caps { TotalNanos = 5 }));
        Assert.Equal("w", account.When(Charge(5, key: "k")).Then<Charged>().Workspace);
        account.When(Charge(1, key: "k")).Then(Outcome.WorkspaceTotalCapExceeded)
            .When(Charge(1, key: "k", workspace: "v")).ThenInvalid("workspace")
            .When(Charge(1, key: "k", workspace: "w")).Then(Outcome.WorkspaceTotalCapExceeded);
    }

    [Fact]
    public void New_caps_of_a_workspace_keep_what_is_used()
    {
        AccountUnderTest account = Open().Given(
            Topup(100), new SetWorkspace("w", new Caps { TotalNanos = 5 }), Charge(5, workspace: "w"), new SetWorkspace("w", new Caps { TotalNanos = 7 }));
        account.When(Charge(3, workspace: "w")).Then(Outcome.WorkspaceTotalCapExceeded, "workspace_total_cap", 7, 5, 3).Given(Charge(2, workspace: "w"));
    }

    [Fact]
    public void The_credit_limit_lets_available_go_so_far_below_zero()
    {
        AccountUnderTest account = Open(creditLimit: 5).Given(Topup(10)).When(Charge(16)).Then(Outcome.InsufficientCredit).Given(Charge(15)).HasBalance(-5);
        account.Given(new SetLimits { CreditLimitNanos = 0 }).When(Charge(1)).Then(Outcome.InsufficientCredit, "available_credit", -5, 0, 1);
    }

    [Fact]
    public void Wrong_limits_name_their_field() => Open()
        .When(new SetLimits { CreditLimitNanos = -1 }).ThenInvalid("creditLimitNanos")
        .When(new SetLimits { DailyCapNanos = -1 }).ThenInvalid("dailyCapNanos")
        .When(new SetLimits { MonthlyCapNanos = long.MaxValue }).ThenInvalid("monthlyCapNanos")
        .When(new SetLimits { LowBalanceNanos = long.MinValue }).ThenInvalid("lowBalanceNanos")
        .When(new SetWorkspace("", new Caps())).ThenInvalid("workspace")
        .When(new SetWorkspace("w", null!)).ThenInvalid("caps")
        .When(new SetWorkspace("w", new Caps { TotalNanos = -1 })).ThenInvalid("caps.totalNanos");

    [Fact]
    public void A_key_sets_caps_of_workspaces_unless_it_is_bound_to_one_or_may_not_be_used()
    {
        AccountUnderTest account = Open().Given(Key("free"), Key("bound", workspace: "w"), Key("gone"), Revoke("gone"), Key("short", expires: Start + Hour));
        SetWorkspace set = new("w", new Caps { TotalNanos = 5 });
        account.Given(set with { Maker = "free" });
        account.When(set with { Maker = "bound" }).Then(Outcome.ExceedsMaker);
        Assert.Equal("workspace", account.Denied.Field);
        account.When(set with { Workspace = "v", Maker = "bound" }).Then(Outcome.ExceedsMaker)
            .When(set with { Maker = "nobody" }).Then(Outcome.KeyNotFound)
            .When(set with { Maker = "gone" }).Then(Outcome.KeyRevoked)
            .At(Start + Hour).When(set with { Maker = "short" }).Then(Outcome.KeyExpired)
            .When(set with { Workspace = "", Maker = "bound" }).ThenInvalid("workspace");
        Assert.Equal(5, Assert.Single(account.View.Workspaces).Limits[2].Max);
    }

    [Fact]
    public void Workspaces_with_caps_have_a_ceiling()
    {
        AccountUnderTest account = Open();
        for (int i = 0; i < 1_000; i++)
        {
            account.Given(new SetWorkspace("w" + i, new Caps()));
        }

        account.When(new SetWorkspace("one more", new Caps())).Then(Outcome.TooMany).Given(new SetWorkspace("w7", new Caps { TotalNanos = 1 }));
    }
}
