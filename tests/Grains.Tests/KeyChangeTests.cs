using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

/// <summary>Keys that are changed, rotated, and made by keys.</summary>
public class KeyChangeTests
{
    private static readonly CreateKey Full = Key("k", caps: new Caps { DailyNanos = 50, TotalNanos = 100 }, workspace: "w", expires: Start + Day, scopes: ["api:*"]) with
    {
        Name = "ci",
        Rates = new Rates { PerMinute = 10, PerDay = 20 },
        Addresses = ["10.0.0.0/8"],
        Metadata = [new("b", "2"), new("a", "1")],
    };

    [Fact]
    public void What_is_not_named_stays_as_it_is()
    {
        AccountUnderTest account = Open().Given(Full, new UpdateKey { Key = "k" });
        KeyUpdated same = account.Given(new UpdateKey { Key = "k" }).When(new UpdateKey { Key = "k" }).Then<KeyUpdated>();
        Assert.Equal(("ci", Start + Day, "w", Full.Caps, Full.Rates), (same.Name, same.ExpiresAtNanos, same.Workspace, same.Caps, same.Rates));
        Assert.Equal(["api:*"], same.Scopes!);
        Assert.Equal(["10.0.0.0/8"], same.Addresses!);
        Assert.Equal([new("a", "1"), new("b", "2")], same.Metadata!);

        KeyUpdated changed = account.When(new UpdateKey
        {
            Key = "k",
            Name = "cd",
            Scopes = [],
            ExpiresAtNanos = Start + Hour,
            Workspace = "v",
            Caps = new Caps { DailyNanos = 60 },
            Rates = new Rates { PerDay = 30 },
            Addresses = ["::1"],
            Metadata = [new("c", "3"), new("a", "0")],
            RemoveMetadata = ["b", "unknown"],
        }).Then<KeyUpdated>();
        Assert.Equal(
            ("cd", Start + Hour, "v", new Caps { DailyNanos = 60, TotalNanos = 100 }, new Rates { PerMinute = 10, PerDay = 30 }),
            (changed.Name, changed.ExpiresAtNanos, changed.Workspace, changed.Caps, changed.Rates));
        Assert.Null(changed.Scopes);
        Assert.Equal(["::1/128"], changed.Addresses!);
        Assert.Equal([new("a", "0"), new("c", "3")], changed.Metadata!);
    }

    [Fact]
    public void What_is_cleared_is_gone()
    {
        AccountUnderTest account = Open().Given(Full);
        foreach (KeyParts part in Enum.GetValues<KeyParts>())
        {
            KeyUpdated e = account.When(new UpdateKey { Key = "k", Clear = part }).Then<KeyUpdated>();
            Assert.Equal(part >= KeyParts.Name, e.Name is null);
            Assert.Equal(part >= KeyParts.Expiry, e.ExpiresAtNanos is null);
            Assert.Equal(part >= KeyParts.Workspace, e.Workspace is null);
            Assert.Equal(part >= KeyParts.DailyCap, e.Caps?.DailyNanos is null);
            Assert.Equal(part >= KeyParts.TotalCap, e.Caps?.TotalNanos is null);
            Assert.Equal(part >= KeyParts.RatePerMinute, e.Rates?.PerMinute is null);
            Assert.Equal(part >= KeyParts.RatePerDay, e.Rates?.PerDay is null);
            Assert.Equal(part >= KeyParts.Addresses, e.Addresses is null);
            Assert.Equal(part >= KeyParts.Metadata, e.Metadata is null);
        }

        Assert.Null(account.State.Keys[0].Extras);
    }

    [Fact]
    public void The_next_charge_is_held_to_the_change_and_what_was_used_stays_used()
    {
        AccountUnderTest account = Open().Given(Topup(1_000), Key("k", caps: new Caps { TotalNanos = 100 }) with { Rates = new Rates { PerMinute = 3 } });
        account.Given(Charge(60, key: "k"), new UpdateKey { Key = "k", Caps = new Caps { TotalNanos = 70 } });
        account.When(Charge(11, key: "k")).Then(Outcome.KeyTotalCapExceeded, "key_total_cap", 70, 60, 11);
        account.Given(new UpdateKey { Key = "k", Rates = new Rates { PerMinute = 1 } }).When(Charge(1, key: "k")).Then(Outcome.KeyMinuteRateExceeded);
        account.Given(new UpdateKey { Key = "k", ExpiresAtNanos = Start + Hour }).At(Start + Hour).When(Charge(1, key: "k")).Then(Outcome.KeyExpired);
        account.Given(new UpdateKey { Key = "k", Clear = KeyParts.Expiry }, Charge(10, key: "k"));
    }

    [Fact]
    public void A_hold_is_captured_late_in_the_workspace_it_was_placed_in()
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k", workspace: "a"), Authorize(5, key: "k", ttl: Second), new UpdateKey { Key = "k", Workspace = "b" });
        Charged late = account.After(2 * Second).When(Capture(4, 3)).Then<Charged>();
        Assert.Equal((4, "a"), (late.LateHold, late.Workspace));
    }

    [Fact]
    public void Wrong_changes_name_their_field_or_say_why() => Open().Given(Full, Key("r"), Revoke("r"))
        .When(new UpdateKey { Key = "" }).ThenInvalid("key")
        .When(new UpdateKey { Key = "k", Name = "\u0001" }).ThenInvalid("name")
        .When(new UpdateKey { Key = "k", ExpiresAtNanos = Start }).ThenInvalid("expiresAtNanos")
        .When(new UpdateKey { Key = "k", Caps = new Caps { DailyNanos = -1 } }).ThenInvalid("caps.dailyNanos")
        .When(new UpdateKey { Key = "k", Metadata = [null!] }).ThenInvalid("metadata[2]")
        .When(new UpdateKey { Key = "x" }).Then(Outcome.KeyNotFound)
        .When(new UpdateKey { Key = "r" }).Then(Outcome.KeyRevoked)
        .When(Rotate("")).ThenInvalid("key")
        .When(Rotate("k") with { GraceNanos = -1 }).ThenInvalid("graceNanos")
        .When(Rotate("k") with { GraceNanos = (30 * Day) + 1 }).ThenInvalid("graceNanos")
        .When(Rotate("k") with { NewKey = "" }).ThenInvalid("newKey")
        .When(Rotate("k") with { Prefix = "other_" }).ThenInvalid("prefix")
        .When(Rotate("k") with { NewKey = "r" }).Then(Outcome.KeyExists)
        .When(Rotate("x")).Then(Outcome.KeyNotFound)
        .When(Rotate("r")).Then(Outcome.KeyRevoked)
        .At(Start + Day).When(Rotate("k")).Then(Outcome.KeyExpired)
        .Given(new CloseAccount("over")).When(Rotate("k")).Then(Outcome.AccountClosed).When(new UpdateKey { Key = "k" }).Then(Outcome.AccountClosed);

    [Fact]
    public void A_rotated_key_ends_by_itself_and_the_new_one_goes_on_with_what_is_left()
    {
        AccountUnderTest account = Open().Given(Topup(1_000), Full with { ExpiresAtNanos = null, Addresses = null });
        account.Given(Charge(30, key: "k"), Authorize(10, key: "k"));
        KeyCreated made = account.When(Rotate("k", Hour)).Then<KeyCreated>();
        Assert.Equal(("k2", "k", Start + Hour, "ci", "w", Full.Caps), (made.Key, made.Replaces, made.ReplacedEndsAtNanos, made.Name, made.Workspace, made.Caps));
        long rows = account.Seq;

        // One cap for both: 40 of 50 are used, and neither has more than the other.
        account.Given(Charge(5, key: "k")).When(Charge(6, key: "k2")).Then(Outcome.KeyDailyCapExceeded, "key_daily_cap", 50, 45, 6, Start + (12 * Hour));
        account.Restored().Given(Charge(5, key: "k2")).When(Charge(1, key: "k")).Then(Outcome.KeyDailyCapExceeded);
        account.Given(Release(5), Charge(10, key: "k")).When(Charge(1, key: "k2")).Then(Outcome.KeyDailyCapExceeded);
        Assert.Equal(["k2", null], account.View.Keys.Select(k => k.Successor), StringComparer.Ordinal);
        Assert.Equal(account.View.Keys[0].Rates, account.View.Keys[1].Rates);
        Assert.Equal([4L, 1L], account.View.Keys.Select(k => k.Requests));

        account.At(Start + Hour).When(new CheckKey("k", null)).Then(Outcome.KeyExpired).When(Charge(0, key: "k")).Then(Outcome.KeyExpired);
        account.Given(Charge(0, key: "k2"));
        Assert.Equal(rows + 5, account.Seq);
        Assert.Equal(Snapshot(account.State), Snapshot(account.Replayed()));
    }

    [Fact]
    public void Rates_go_on_too_and_a_chain_of_rotations_counts_at_its_end()
    {
        AccountUnderTest account = Open().Given(Key("k") with { Rates = new Rates { PerMinute = 4, PerDay = 5 } }, Charge(0, key: "k"));
        account.Given(Rotate("k", Day), Charge(0, key: "k"), Rotate("k2", Day, "k3"), Charge(0, key: "k"), Charge(0, key: "k2")).Restored();
        foreach (string key in new[] { "k", "k2", "k3" })
        {
            account.When(Charge(0, key: key)).Then(Outcome.KeyMinuteRateExceeded);
        }

        account.After(2 * Minute).Given(Charge(0, key: "k3")).When(Charge(0, key: "k")).Then(Outcome.KeyDailyRateExceeded);
        account.Given(new UpdateKey { Key = "k3", Clear = KeyParts.RatePerDay }, Charge(0, key: "k"));
    }

    [Fact]
    public void A_rotated_key_is_neither_rotated_nor_changed_again_but_can_be_revoked()
    {
        AccountUnderTest account = Open().Given(Key("k"), Rotate("k", Hour));
        account.When(Rotate("k", Hour, "k3")).Then(Outcome.KeyRotated).When(new UpdateKey { Key = "k", ExpiresAtNanos = Start + Day }).Then(Outcome.KeyRotated);
        account.Given(Revoke("k")).When(Charge(0, key: "k")).Then(Outcome.KeyRevoked);
        account.Given(Charge(0, key: "k2"), Rotate("k2", 0, "k3")).When(Charge(0, key: "k2")).Then(Outcome.KeyExpired);
    }

    [Fact]
    public void A_rotation_takes_no_key_beyond_its_own_end()
    {
        KeyCreated made = Open().Given(Key("k", expires: Start + Minute)).When(Rotate("k", Hour)).Then<KeyCreated>();
        Assert.Equal((Start + Minute, Start + Minute), (made.ReplacedEndsAtNanos, made.ExpiresAtNanos));
    }

    public static TheoryData<string, string> More => new()
    {
        { "type", "type" }, { "scopes", "scopes" }, { "allScopes", "scopes" }, { "expiry", "expiresAtNanos" }, { "noExpiry", "expiresAtNanos" },
        { "workspace", "workspace" }, { "noWorkspace", "workspace" }, { "daily", "caps.dailyNanos" }, { "noTotal", "caps.totalNanos" },
        { "perMinute", "rates.perMinute" }, { "noPerDay", "rates.perDay" }, { "addresses", "addresses" }, { "noAddresses", "addresses" },
    };

    [Theory]
    [MemberData(nameof(More))]
    public void No_key_makes_changes_or_revokes_one_that_may_do_more(string what, string field)
    {
        CreateKey more = Less("more", what);
        AccountUnderTest account = Open().Given(Full, more, Less("less"));
        account.When(more with { Key = "new", Maker = "k" }).Then(Outcome.ExceedsMaker);
        Assert.Equal(field, account.Denied.Field);
        account.When(new RevokeKey("more", null) { Maker = "k" }).Then(Outcome.ExceedsMaker)
            .When(Rotate("more") with { Maker = "k" }).Then(Outcome.ExceedsMaker)
            .When(new UpdateKey { Key = "more", Name = "mine" } with { Maker = "k" }).Then(Outcome.ExceedsMaker);
        account.When(Change(more) with { Maker = "k" }).Then(what == "type" ? Outcome.Accepted : Outcome.ExceedsMaker);
    }

    [Fact]
    public void A_key_may_manage_itself_and_what_is_less()
    {
        AccountUnderTest account = Open().Given(Full, Less("less") with { Maker = "k" });
        account.Given(new UpdateKey { Key = "less", Scopes = ["api:read"], Maker = "k" }, Rotate("less") with { Maker = "k" });
        account.Given(new RevokeKey("k2", null) { Maker = "k" }, new UpdateKey { Key = "k", Caps = new Caps { DailyNanos = 40 }, Maker = "k" });
        account.When(new UpdateKey { Key = "k", Caps = new Caps { DailyNanos = 41 }, Maker = "k" }).Then(Outcome.ExceedsMaker);
        account.Given(Rotate("k", Hour, "k3") with { Maker = "k" });
    }

    [Fact]
    public void A_key_that_may_not_be_used_makes_none()
    {
        AccountUnderTest account = Open().Given(Key("maker", expires: Start + Hour), Key("gone"), Revoke("gone"));
        foreach (ManageKey command in new ManageKey[] { Key("new"), new UpdateKey { Key = "maker" }, Rotate("maker"), Revoke("maker") })
        {
            account.When(command with { Maker = "nobody" }).Then(Outcome.KeyNotFound).When(command with { Maker = "gone" }).Then(Outcome.KeyRevoked);
        }

        account.After(Hour).When(Key("new") with { Maker = "maker" }).Then(Outcome.KeyExpired);
    }

    [Fact]
    public void Rotated_keys_count_against_the_ceiling()
    {
        AccountUnderTest account = Open();
        for (int i = 0; i < 1_000; i++)
        {
            account.Given(Key("k" + i));
        }

        account.When(Rotate("k1", 0, "new")).Then(Outcome.TooMany);
    }

    private static RotateKey Rotate(string key, long grace = 0, string newKey = "k2") =>
        new() { Key = key, GraceNanos = grace, NewKey = newKey, Prefix = "sk_", Tag = "tag", Pepper = "pepper", Hash = "hash" };

    // Within Full, but for one thing.
    private static CreateKey Less(string id, string but = "") => Full with
    {
        Key = id,
        Type = but == "type" ? KeyType.Internal : KeyType.Standard,
        Scopes = but switch { "scopes" => ["api:read", "billing"], "allScopes" => ["*"], _ => ["api:read", "api:deep:*"] },
        ExpiresAtNanos = but switch { "expiry" => Start + Day + 1, "noExpiry" => null, _ => Start + Hour },
        Workspace = but switch { "workspace" => "v", "noWorkspace" => null, _ => "w" },
        Caps = but switch { "daily" => new Caps { DailyNanos = 51, TotalNanos = 1 }, "noTotal" => new Caps { DailyNanos = 1 }, _ => new Caps { DailyNanos = 20, MonthlyNanos = 70, TotalNanos = 100 } },
        Rates = but switch { "perMinute" => new Rates { PerMinute = 11, PerDay = 1 }, "noPerDay" => new Rates { PerMinute = 1 }, _ => Full.Rates },
        Addresses = but switch { "addresses" => ["10.0.0.0/8", "11.0.0.1"], "noAddresses" => null, _ => ["10.1.0.0/16", "10.2.3.4"] },
    };

    // Makes "less" what another is.
    private static UpdateKey Change(CreateKey to) => new()
    {
        Key = "less",
        Clear = (KeyParts)0x3ff,
        Name = to.Name,
        Scopes = to.Scopes,
        ExpiresAtNanos = to.ExpiresAtNanos,
        Workspace = to.Workspace,
        Caps = to.Caps,
        Rates = to.Rates,
        Addresses = to.Addresses,
    };
}
