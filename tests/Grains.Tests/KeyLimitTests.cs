using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

/// <summary>Where, for what and how often a key may be used.</summary>
public class KeyLimitTests
{
    [Fact]
    public void Never_more_requests_than_the_limit_pass_in_any_sixty_seconds()
    {
        AccountUnderTest account = Open().Given(Topup(Unit), Limited(perMinute: 5));
        Random random = new(7);
        List<long> passed = [];
        int refused = 0;
        for (int i = 0; i < 600; i++)
        {
            account.After(random.NextInt64(0, 12 * Second)).When(Charge(0, key: "k"));
            if (account.Outcome == Outcome.Accepted)
            {
                passed.Add(account.Now);
                continue;
            }

            refused++;
            account.Then(Outcome.KeyMinuteRateExceeded);

            // Refused with reason: five others came less than 61 seconds before.
            Assert.True(account.Now - passed[^5] < 61 * Second);
        }

        Assert.True(refused > 50);
        for (int i = 5; i < passed.Count; i++)
        {
            Assert.True(passed[i] - passed[i - 5] >= Minute, "Six requests passed within sixty seconds.");
        }
    }

    [Fact]
    public void A_refusal_says_when_the_next_request_will_pass()
    {
        AccountUnderTest account = Open().Given(Topup(10), Limited(perMinute: 2), Charge(0, key: "k"));
        account.After(10 * Second).Given(Authorize(1, key: "k")).After(Second);
        account.When(Charge(0, key: "k")).Then(Outcome.KeyMinuteRateExceeded, "key_rate_minute", 2, 2, 1, Start + (61 * Second));
        account.At(Start + (61 * Second) - 1).When(Charge(0, key: "k")).Then(Outcome.KeyMinuteRateExceeded);
        account.At(Start + (61 * Second)).Given(Charge(0, key: "k"));
        Assert.Equal([new Limit("key_rate_minute", 2, 2, 0)], account.View.Keys[0].Rates);
        Assert.Equal([new Limit("key_rate_minute", 2, 0, 0)], account.After(Hour).View.Keys[0].Rates);
    }

    [Fact]
    public void What_is_counted_survives_a_snapshot()
    {
        AccountUnderTest account = Open().Given(Topup(10), Limited(perMinute: 2, perDay: 3), Charge(0, key: "k")).After(30 * Second).Given(Charge(0, key: "k"));
        account.Restored().When(Charge(0, key: "k")).Then(Outcome.KeyMinuteRateExceeded);
        account.After(31 * Second).Given(Charge(0, key: "k")).After(Hour).Restored().When(Charge(0, key: "k")).Then(Outcome.KeyDailyRateExceeded);
    }

    [Fact]
    public void A_day_has_its_requests_and_the_next_has_as_many()
    {
        AccountUnderTest account = Open().Given(Topup(10), Limited(perDay: 2));
        Charged charged = account.When(Charge(1, key: "k")).Then<Charged>();
        Assert.Contains(new Limit("key_rate_day", 2, 1, 1, Start + (12 * Hour)), charged.Checks!);
        account.Given(Charge(1, key: "k")).When(Charge(1, key: "k")).Then(Outcome.KeyDailyRateExceeded, "key_rate_day", 2, 2, 1, Start + (12 * Hour));
        account.At(Start + (12 * Hour)).Given(Charge(1, key: "k"), Charge(1, key: "k")).When(Charge(1, key: "k")).Then(Outcome.KeyDailyRateExceeded);
    }

    [Fact]
    public void A_key_that_is_not_charged_has_its_rates_all_the_same()
    {
        AccountUnderTest account = Open().Given(Limited(perMinute: 3, perDay: 4) with { Type = KeyType.Internal });
        account.Given(Charge(1, key: "k"), Charge(1, key: "k"), Authorize(1, key: "k")).When(Charge(1, key: "k")).Then(Outcome.KeyMinuteRateExceeded);
        account.After(2 * Minute).Given(Charge(1, key: "k")).When(Authorize(1, key: "k")).Then(Outcome.KeyDailyRateExceeded);
        account.After(Day).Given(Authorize(1, key: "k"));
    }

    [Fact]
    public void What_becomes_of_a_hold_is_no_request_and_asks_neither_for_scope_nor_address()
    {
        AccountUnderTest account = Open().Given(Topup(100), Limited(perMinute: 1) with { Addresses = ["10.0.0.0/8"], Scopes = ["a"] });
        account.Given(Authorize(5, key: "k", ttl: Second) with { Address = "10.1.2.3", Scope = "a" });
        account.After(2 * Second).Given(Capture(account.Seq, 7)).HasBalance(93);
        account.When(Charge(1, key: "k") with { Address = "10.1.2.3" }).Then(Outcome.KeyMinuteRateExceeded);
        account.After(2 * Minute).Given(Authorize(5, key: "k") with { Address = "10.1.2.3" }, Capture(account.Seq + 1, 9)).HasBalance(84);
        Assert.Equal(2, account.View.Keys[0].Requests);
    }

    [Fact]
    public void When_a_key_was_last_used_is_known_to_the_minute_without_an_event_of_its_own()
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k"), Key("i", KeyType.Internal));
        Assert.Null(account.View.Keys[0].LastUsedAtNanos);
        account.After((3 * Minute) + (7 * Second)).Given(Charge(1, key: "k"), Authorize(1, key: "i", ttl: Day));
        Assert.Equal([(Start + (3 * Minute), 1), (Start + (3 * Minute), 1)], account.View.Keys.Select(k => (k.LastUsedAtNanos!.Value, (int)k.Requests)));
        long rows = account.Seq;
        account.After(Hour).Given(Charge(1, key: "k")).Restored();
        Assert.Equal((Start + Hour + (3 * Minute), 2, rows + 1), (account.View.Keys[0].LastUsedAtNanos, account.View.Keys[0].Requests, account.Seq));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("203.0.113.9", "203.0.113.9", true)]
    [InlineData("203.0.113.9", "203.0.113.8", false)]
    [InlineData("0.0.0.0/0", "8.8.8.8", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "8.8.8.8", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("2001:db8::/32", "2001:0DB8:ffff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("2001:db8::1/128", "2001:db8::1", true)]
    [InlineData("192.0.2.0/31", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.77", true)]
    [InlineData("::ffff:192.0.2.0/120", "192.0.3.77", false)]
    public void A_key_is_used_from_the_addresses_of_its_list(string list, string from, bool passes)
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k") with { Addresses = ["198.51.100.1", list] }).Restored();
        Outcome expected = passes ? Outcome.Accepted : Outcome.AddressNotAllowed;
        account.When(Charge(1, key: "k") with { Address = from }).Then(expected)
            .When(Authorize(1, key: "k") with { Address = from }).Then(expected)
            .When(new CheckKey("k", null) { Address = from }).Then(expected)
            .When(Charge(1, key: "k")).Then(Outcome.AddressNotAllowed)
            .When(new CheckKey("k", null) { Address = "nonsense" }).Then(Outcome.AddressNotAllowed);
    }

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0")]
    [InlineData("010.0.0.1")]
    [InlineData("2001:db8::1/64")]
    [InlineData("2001:db8::/129")]
    [InlineData("::ffff:192.0.2.0/95")]
    [InlineData("fe80::1%3")]
    [InlineData("[::1]")]
    [InlineData("example.com")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_address_is_refused(string? entry) => Open().When(Key("k") with { Addresses = ["10.0.0.1", entry!] }).ThenInvalid("addresses[1]");

    [Fact]
    public void Addresses_are_shown_in_one_form()
    {
        AccountUnderTest account = Open().Given(Key("k") with { Addresses = ["10.0.0.1", "2001:0DB8:0::/32", "::ffff:10.0.0.0/104"] });
        Assert.Equal(["10.0.0.1/32", "2001:db8::/32", "10.0.0.0/8"], account.View.Keys[0].Addresses!);
    }

    [Theory]
    [InlineData("api:read", "api:read", true)]
    [InlineData("api:read", "api:write", false)]
    [InlineData("api:*", "api:read", true)]
    [InlineData("api:*", "api:read:deep", true)]
    [InlineData("api:*", "api", false)]
    [InlineData("api:*", "apis:read", false)]
    [InlineData("*", "anything", true)]
    public void A_star_covers_all_below_it(string has, string wanted, bool passes)
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k", scopes: ["x", has]));
        account.When(Charge(1, key: "k") with { Scope = wanted }).Then(passes ? Outcome.Accepted : Outcome.ScopeMissing);
    }

    [Theory]
    [InlineData("a*")]
    [InlineData("*:a")]
    [InlineData("**")]
    [InlineData(":*")]
    [InlineData("a:*:b")]
    public void A_star_elsewhere_is_refused(string scope) => Open().When(Key("k", scopes: scope)).ThenInvalid("scopes[0]");

    [Fact]
    public void What_a_request_says_of_itself_is_checked() => Open().Given(Topup(5), Key("k"))
        .When(Charge(1, key: "k") with { Address = "300.1.1.1" }).ThenInvalid("address")
        .When(Charge(1, key: "k") with { Scope = "\0" }).ThenInvalid("scope")
        .When(Limited(perMinute: 0)).ThenInvalid("rates.perMinute")
        .When(Limited(perDay: -1)).ThenInvalid("rates.perDay")
        .When(Key("l") with { Addresses = [.. Enumerable.Repeat("10.0.0.1", 33)] }).ThenInvalid("addresses")
        .When(Key("l") with { Metadata = [.. Enumerable.Range(0, 17).Select(i => new MetadataItem($"n{i}", "v"))] }).ThenInvalid("metadata")
        .When(Key("l") with { Metadata = [new("a", "1"), null!] }).ThenInvalid("metadata[1]")
        .When(Key("l") with { Metadata = [new("", "1")] }).ThenInvalid("metadata[0]")
        .When(Key("l") with { Metadata = [new(new string('n', 65), "1")] }).ThenInvalid("metadata[0]")
        .When(Key("l") with { Metadata = [new("a", null!)] }).ThenInvalid("metadata[0]")
        .When(Key("l") with { Metadata = [new("a", "\u0007")] }).ThenInvalid("metadata[0]")
        .When(Key("l") with { Metadata = [new("a", "1"), new("a", "2")] }).ThenInvalid("metadata[1]")
        .When(Key("l") with { Hash = "" }).ThenInvalid("hash")
        .When(Key("l") with { Mode = AccountMode.Test }).ThenInvalid("mode")
        .When(new OpenAccount { Currency = "EUR", Zone = "UTC", Mode = (AccountMode)9 }).ThenInvalid("mode");

    [Fact]
    public void Keys_are_of_their_accounts_mode()
    {
        AccountUnderTest account = new AccountUnderTest().Given(new OpenAccount { Currency = "EUR", Zone = "UTC", Mode = AccountMode.Test });
        account.Given(Key("k") with { Mode = AccountMode.Test }).When(Key("l") with { Mode = AccountMode.Live }).ThenInvalid("mode");
        account.Given(Key("l")).Restored();
        Assert.Equal([AccountMode.Test, AccountMode.Test], account.View.Keys.Select(k => k.Mode));
        Assert.Equal(AccountMode.Test, account.View.Mode);
    }

    private static CreateKey Limited(long? perMinute = null, long? perDay = null) => Key("k") with { Rates = new Rates { PerMinute = perMinute, PerDay = perDay } };
}
