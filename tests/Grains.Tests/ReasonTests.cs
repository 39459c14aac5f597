using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

/// <summary>Every change by hand keeps why it was made; zones; the record of what is done about the machines.</summary>
public class ReasonTests
{
    public static TheoryData<string, Command, Func<Event, string?>> Changes => new()
    {
        { "open", new OpenAccount { Currency = "USD", Zone = "UTC", Reason = "why" }, e => ((AccountOpened)e).Reason },
        { "limits", new SetLimits { Reason = "why" }, e => ((LimitsSet)e).Reason },
        { "tier", new SetTier("pro", []) { Reason = "why" }, e => ((TierSet)e).Reason },
        { "zone", new SetZone("Asia/Tokyo", "why"), e => ((ZoneSet)e).Reason },
        { "workspace", new SetWorkspace("w", new Caps()) { Reason = "why" }, e => ((WorkspaceSet)e).Reason },
        { "key", Key("new") with { Reason = "why" }, e => ((KeyCreated)e).Reason },
        { "key changed", new UpdateKey { Key = "k", Reason = "why" }, e => ((KeyUpdated)e).Reason },
        { "key rotated", new RotateKey { Key = "k", NewKey = "l", Prefix = "sk_", Tag = "t", Pepper = "p", Reason = "why" }, e => ((KeyCreated)e).Reason },
        { "key revoked", new RevokeKey("k", "why"), e => ((KeyRevoked)e).Reason },
        { "machines", new AskClusterChange("drain", "silo-1", null, "why"), e => ((ClusterChangeAsked)e).Reason },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_keeps_its_reason_and_one_that_cannot_be_stored_is_refused(string what, Command command, Func<Event, string?> reasonOf)
    {
        AccountUnderTest account = what == "open" ? new AccountUnderTest() : Open().Given(Key("k") with { Reason = "another" });

        string? reason = reasonOf(account.Given(command).Rows[^1].Event);

        Assert.Equal("why", reason);
        Command bad = command switch
        {
            OpenAccount c => c with { Reason = "\u0001" },
            SetLimits c => c with { Reason = "\u0001" },
            SetTier c => c with { Reason = "\u0001" },
            SetZone c => c with { Reason = "\u0001" },
            SetWorkspace c => c with { Reason = "\u0001" },
            CreateKey c => c with { Reason = "\u0001" },
            UpdateKey c => c with { Reason = "\u0001" },
            RotateKey c => c with { Reason = "\u0001" },
            RevokeKey c => c with { Reason = "\u0001" },
            _ => (AskClusterChange)command with { Reason = "\u0001" },
        };
        account.When(bad).ThenInvalid("reason");
    }

    // 10 March, noon in UTC; in Tokyo it is 9 in the evening.
    [Fact]
    public void In_another_zone_the_running_day_keeps_its_end_and_nothing_counts_twice()
    {
        long utcDayEnd = Start + (12 * Hour);
        long tokyoDayEnd = utcDayEnd + (15 * Hour);
        AccountUnderTest account = Open().Given(Topup(100), new SetLimits { DailyCapNanos = 10 }, Charge(9));
        long charge = account.Seq;
        account.Given(new SetZone("Asia/Tokyo", null));
        Assert.Equal("Asia/Tokyo", account.View.Zone);

        account.When(Charge(2)).Then(Outcome.DailyCapExceeded, "daily_cap", 10, 9, 2, utcDayEnd);

        // Tokyo's day began at 15:00 UTC; here it begins where the other ended.
        Charged next = account.At(utcDayEnd).When(Charge(10)).Then<Charged>();
        Assert.Equal(new Window(utcDayEnd, tokyoDayEnd), next.Day);
        Assert.Equal(next.Day, account.View.Day);
        account.Given(Reverse(charge)).When(Charge(1)).Then(Outcome.DailyCapExceeded, "daily_cap", 10, 10, 1, tokyoDayEnd);
        Charged later = account.At(tokyoDayEnd).When(Charge(1)).Then<Charged>();
        Assert.Equal(new Window(tokyoDayEnd, tokyoDayEnd + Day), later.Day);
    }

    // Who has looked, or was refused, was told when they end.
    [Fact]
    public void In_another_zone_the_running_windows_keep_their_ends_though_nothing_has_counted_in_them()
    {
        long utcDayEnd = Start + (12 * Hour);
        AccountUnderTest account = Open().Given(Topup(100), new SetLimits { DailyCapNanos = 10, MonthlyCapNanos = 20 });
        Limit[] before = account.View.Limits;

        ZoneSet moved = account.When(new SetZone("Asia/Tokyo", null)).Then<ZoneSet>();

        Assert.Equal(new Window(utcDayEnd - Day, utcDayEnd), moved.Day);
        Assert.Equal(before.Select(l => l.ResetsAtNanos), [moved.Day!.EndNanos, moved.Month!.EndNanos]);
        Assert.Equal(before, account.View.Limits);
        Assert.Equal((moved.Day, moved.Month), (account.View.Day, account.View.Month));
        Assert.Null(account.When(new SetZone("UTC", null)).Then<ZoneSet>().Day);
        Assert.Equal(before, account.At(utcDayEnd - 1).View.Limits);
        Assert.Equal(new Window(utcDayEnd, utcDayEnd + Day), account.At(utcDayEnd).When(Charge(1)).Then<Charged>().Day);
    }

    [Fact]
    public void A_profile_is_erased_of_a_closed_account_too() => new AccountUnderTest()
        .When(new EraseProfile(null)).Then(Outcome.AccountNotFound)
        .Given(new OpenAccount { Currency = "USD", Zone = "UTC" }, new SetProfile("digest", "asked for"))
        .When(new SetProfile("", null)).ThenInvalid("digest")
        .When(new SetProfile("d", "\u0001")).ThenInvalid("reason")
        .When(new EraseProfile("\u0001")).ThenInvalid("reason")
        .Given(new CloseAccount("over"))
        .When(new SetProfile("digest", null)).Then(Outcome.AccountClosed)
        .When(new EraseProfile("left")).Then(Outcome.Accepted);

    [Fact]
    public void A_zone_that_there_is_not_is_refused() => Open()
        .When(new SetZone("Mars/Olympus", null)).ThenInvalid("zone")
        .When(new SetZone("", null)).ThenInvalid("zone")
        .Given(new CloseAccount("over")).When(new SetZone("UTC", null)).Then(Outcome.AccountClosed);

    [Fact]
    public void What_came_of_a_change_of_the_machines_is_on_record_and_without_a_result_it_is_only_asked() => Open()
        .When(new AskClusterChange("", "silo-1", null, null)).ThenInvalid("what")
        .When(new AskClusterChange("drain", "", null, null)).ThenInvalid("target")
        .When(new AskClusterChange("move", "account/a", "", null)).ThenInvalid("silo")
        .Given(new AskClusterChange("move", "account/a", "silo-1", null))
        .When(new EndClusterChange(2)).ThenInvalid("result")
        .When(new EndClusterChange(2) { Result = "Done" }).Then(Outcome.Accepted);
}
