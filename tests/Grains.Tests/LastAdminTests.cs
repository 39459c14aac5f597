using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

/// <summary>Of the keys that may do everything and never end, the last one stays.</summary>
public class LastAdminTests
{
    private static readonly CreateKey One = Key("one", scopes: ["*"]);
    private static readonly CreateKey Two = Key("two", scopes: ["read", "*"]);

    public static TheoryData<string, ManageKey> Ends => new()
    {
        { "revoked", new RevokeKey("one", null) },
        { "narrowed", new UpdateKey { Key = "one", Scopes = ["read"] } },
        { "without scopes", new UpdateKey { Key = "one", Scopes = [] } },
        { "given an end", new UpdateKey { Key = "one", ExpiresAtNanos = Start + (400 * Day) } },
        { "bound to addresses", new UpdateKey { Key = "one", Addresses = ["10.0.0.0/8"] } },
        { "rotated without grace", Rotate("one", 0) },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void The_last_one_cannot_be_ended_or_narrowed_and_of_two_one_can(string how, ManageKey change)
    {
        ManageKey kept = Kept(change);
        long rows = Open().Given(One).Seq;

        AccountUnderTest refused = Open().Given(One).When(kept).Then(Outcome.LastAdminKey);
        AccountUnderTest done = Open().Given(One, Two).When(kept).Then(Outcome.Accepted);

        Assert.True(rows == refused.Seq && rows + 2 == done.Seq, how);

        // Where nobody asks for one to be kept, any can go.
        Open().Given(One).When(change).Then(Outcome.Accepted);
    }

    public static TheoryData<string, CreateKey> NoHelp => new()
    {
        { "one that ends some day", Two with { ExpiresAtNanos = Start + (400 * Day) } },
        { "one with other scopes", Two with { Scopes = ["read", "keys", "api:*"] } },
    };

    [Theory]
    [MemberData(nameof(NoHelp))]
    public void Another_that_cannot_do_everything_for_ever_is_no_help(string which, CreateKey other)
    {
        Outcome outcome = Open().Given(One, other).When(Kept(Revoke("one"))).Outcome;

        Assert.True(outcome == Outcome.LastAdminKey, which);
    }

    [Fact]
    public void Nor_is_one_that_was_revoked_or_whose_place_another_has_taken()
    {
        Open().Given(One, Two, Revoke("two")).When(Kept(Revoke("one"))).Then(Outcome.LastAdminKey);
        Open().Given(One, Rotate("one", Hour), Kept(Revoke("one"))).When(Kept(Revoke("new"))).Then(Outcome.LastAdminKey);
    }

    [Fact]
    public void Two_that_revoke_each_other_at_once_leave_one()
    {
        AccountUnderTest account = Open().Given(One, Two, Key("three", scopes: ["*"], expires: Start + Day));

        // Both were let in before either was decided.
        account.Given(Kept(Revoke("two")) with { Maker = "one" }).When(Kept(Revoke("one")) with { Maker = "two" }).Then(Outcome.KeyRevoked);
        account.When(Kept(Revoke("one")) with { Maker = "three" }).Then(Outcome.ExceedsMaker);
        account.When(Kept(Revoke("one")) with { Maker = "one" }).Then(Outcome.LastAdminKey);
    }

    [Fact]
    public void Two_that_give_up_their_own_at_once_leave_one() => Open().Given(One, Two)
        .When(Kept(Revoke("one")) with { Maker = "one" }).Then(Outcome.Accepted)
        .When(Kept(Revoke("two")) with { Maker = "two" }).Then(Outcome.LastAdminKey);

    [Fact]
    public void It_can_be_rotated_with_a_grace_period_and_what_does_not_narrow_it_can_change() => Open().Given(One with { Addresses = ["10.0.0.0/8"] })
        .Given(Kept(new UpdateKey { Key = "one", Name = "ops", Scopes = ["*", "read"], Addresses = ["10.0.0.0/8", "::1"] }))
        .Given(Kept(Rotate("one", Hour)))
        .Given(Kept(Revoke("one")))
        .When(Kept(Rotate("new", 0) with { NewKey = "newer" })).Then(Outcome.LastAdminKey);

    [Fact]
    public void Where_there_is_none_already_nothing_is_kept() => Open().Given(Two with { ExpiresAtNanos = Start + Day }, Kept(Revoke("two")));

    private static RotateKey Rotate(string key, long grace) =>
        new() { Key = key, GraceNanos = grace, NewKey = "new", Prefix = "sk_", Tag = "tag", Pepper = "pepper" };

    private static ManageKey Kept(ManageKey command) => command with { Keeps = "*" };
}
