using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

public class KeyTests
{
    [Fact]
    public void A_key_spends_until_it_is_revoked_and_the_very_next_charge_sees_it()
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k"), Charge(1, key: "k"), Revoke("k"));
        account.When(Charge(1, key: "k")).Then(Outcome.KeyRevoked)
            .When(Authorize(1, key: "k")).Then(Outcome.KeyRevoked)
            .When(new CheckKey("k", null)).Then(Outcome.KeyRevoked)
            .When(Revoke("k")).Then(Outcome.KeyRevoked)
            .When(Key("k")).Then(Outcome.KeyExists)
            .When(Revoke("x")).Then(Outcome.KeyNotFound);
    }

    [Fact]
    public void A_key_ends_at_its_time()
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k", expires: Start + Hour));
        account.At(Start + Hour - 1).Given(Charge(1, key: "k")).After(1).When(Charge(1, key: "k")).Then(Outcome.KeyExpired);
    }

    [Fact]
    public void An_internal_key_is_never_charged_nor_limited_but_recorded()
    {
        AccountUnderTest account = Open(quotas: new QuotaLimit("api_request", 0)).Given(Key("k", KeyType.Internal, new Caps { TotalNanos = 0 }));
        Charged charged = account.When(Charge(7, key: "k") with { Usage = new Usage { Model = "unpriced" } }).Then<Charged>();
        Assert.Equal((0, true, 0, "unpriced"), (charged.AmountNanos, charged.Internal, charged.TotalSpentNanos, charged.Usage!.Model));
        account.When(new Charge { Key = "k", Usage = new Usage { Model = "unpriced" } }).Then(Outcome.Accepted);
        account.Given(Authorize(5, key: "k")).HasBalance(0).Given(Capture(5, 9)).HasBalance(0).Given(Authorize(5, key: "k"), Release(7));
        Assert.Equal(0, account.State.Budget.Total + account.State.Keys[0].Budget.Total + account.State.Meters[0].Used);
        account.Given(Reverse(3)).HasBalance(0).Given(new SuspendAccount("test")).When(Charge(1, key: "k")).Then(Outcome.AccountSuspended);
        account.Given(new ResumeAccount("test"), Revoke("k")).When(Charge(1, key: "k")).Then(Outcome.KeyRevoked);
    }

    [Fact]
    public void A_look_at_a_key_says_what_it_may_and_where_it_stands()
    {
        AccountUnderTest account = Open().Given(Topup(10), Key("k", caps: new Caps { TotalNanos = 5 }, scopes: ["read", "write"]), Key("all", scopes: "*"), Charge(2, key: "k"));
        KeyView view = account.When(new CheckKey("k", "read")).Answer<KeyView>();
        Assert.Equal(new Limit("key_total_cap", 5, 2, 0), view.Limits[2]);
        account.When(new CheckKey("k", "admin")).Then(Outcome.ScopeMissing)
            .When(new CheckKey("all", "admin")).Then(Outcome.Accepted)
            .When(new CheckKey("x", null)).Then(Outcome.KeyNotFound);
    }

    [Fact]
    public void Wrong_keys_name_their_field() => Open()
        .When(Key("")).ThenInvalid("key")
        .When(Key(new string('k', 125))).ThenInvalid("key")
        .When(Key("k") with { Name = "\u0001" }).ThenInvalid("name")
        .When(Key("k") with { Type = (KeyType)9 }).ThenInvalid("type")
        .When(Key("k") with { Scopes = null! }).ThenInvalid("scopes")
        .When(Key("k", scopes: "")).ThenInvalid("scopes[0]")
        .When(Key("k", expires: Start)).ThenInvalid("expiresAtNanos")
        .When(Key("k", workspace: "")).ThenInvalid("workspace")
        .When(Key("k", caps: new Caps { DailyNanos = -1 })).ThenInvalid("caps.dailyNanos")
        .When(Key("k") with { Prefix = "seventeen_letters" }).ThenInvalid("prefix")
        .When(Key("k") with { Tag = "" }).ThenInvalid("tag")
        .When(Key("k") with { Pepper = "" }).ThenInvalid("pepper");

    [Fact]
    public void Keys_have_a_ceiling_which_revoked_ones_count_against()
    {
        AccountUnderTest account = Open();
        for (int i = 0; i < 1_000; i++)
        {
            account.Given(Key("k" + i));
        }

        account.Given(Revoke("k0")).When(Key("one more")).Then(Outcome.TooMany);
        account.Given(Topup(5), Charge(1, key: "k999")).Restored().Given(Charge(1, key: "k500")).When(Charge(1, key: "k0")).Then(Outcome.KeyRevoked);
    }
}
