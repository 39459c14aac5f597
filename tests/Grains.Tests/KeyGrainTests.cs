using System.Buffers;
using OrleansBilling.Grains.Account;
using OrleansBilling.Grains.Keys;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Keys;

namespace OrleansBilling.Grains.Tests;

public class KeyGrainTests
{
    private static readonly KeyGrain Grain = KeyGrain.Instance;

    [Fact]
    public void A_key_is_issued_once_and_then_says_whose_it_is()
    {
        object state = Grain.NewState();
        Assert.Equal(new Denied(Outcome.KeyNotFound), Decide(state, new GetKeyProof()).Answer);
        IssueKey issue = new("acme", "tag", "pepper");
        Grain.Apply(state, Decide(state, issue).Accepted!, 1, 1);
        Assert.Equal(new KeyProof("acme", "tag", "pepper"), Decide(state, new GetKeyProof()).Answer);
        Assert.Equal(new Denied(Outcome.KeyExists), Decide(state, issue).Answer);
        Assert.Equal(new KeyProof("acme", "tag", "pepper"), Decide(Restored(state), new GetKeyProof()).Answer);
        Assert.Equal(new Denied(Outcome.KeyNotFound), Decide(Restored(Grain.NewState()), new GetKeyProof()).Answer);
    }

    [Fact]
    public void A_tag_is_made_anew_under_another_pepper_and_owner_and_hash_stay()
    {
        object state = Grain.NewState();
        RenewKeyProof renew = new("tag2", "pepper2");
        Assert.Equal(new Denied(Outcome.KeyNotFound), Decide(state, renew).Answer);
        Grain.Apply(state, Decide(state, new IssueKey("acme", "tag", "pepper") { Hash = "hash" }).Accepted!, 1, 1);
        Assert.Equal(new KeyProof("acme", "tag", "pepper") { Hash = "hash" }, Decide(state, new GetKeyProof()).Answer);
        Grain.Apply(state, Decide(state, renew).Accepted!, 2, 2);
        Assert.Equal(new KeyProof("acme", "tag2", "pepper2") { Hash = "hash" }, Decide(Restored(state), new GetKeyProof()).Answer);
        Assert.Equal("tag", Assert.IsType<Denied>(Decide(state, renew with { Tag = "" }).Answer).Field);
        Assert.Equal("pepper", Assert.IsType<Denied>(Decide(state, renew with { Pepper = " " }).Answer).Field);
        Assert.Equal("hash", Assert.IsType<Denied>(Decide(state, new IssueKey("acme", "t", "p") { Hash = "" }).Answer).Field);
    }

    [Theory]
    [InlineData("", "t", "p", "account")]
    [InlineData("a\0", "t", "p", "account")]
    [InlineData("a", "", "p", "tag")]
    [InlineData("a", "t t", "p", "tag")]
    [InlineData("a", "t", null, "pepper")]
    public void What_could_not_be_stored_is_refused(string account, string tag, string? pepper, string field) =>
        Assert.Equal(field, Assert.IsType<Denied>(Decide(Grain.NewState(), new IssueKey(account, tag, pepper!)).Answer).Field);

    [Fact]
    public void A_snapshot_of_another_form_is_not_read()
    {
        Assert.Null(Grain.ReadSnapshot([]));
        Assert.Null(Grain.ReadSnapshot([1, 0]));
        Assert.Null(Grain.ReadSnapshot([2, 1, 8]));
        Assert.Null(Grain.ReadSnapshot([2, 0, 0]));
    }

    [Fact]
    public void Kinds_are_found_by_name()
    {
        Assert.Same(AccountGrain.Instance, GrainKinds.Find("account"));
        Assert.Same(KeyGrain.Instance, GrainKinds.Find("key"));
        Assert.Null(GrainKinds.Find("payment"));
        Assert.Equal(2, GrainKinds.All.Count);
    }

    private static Decision Decide(object state, Command command) => Grain.Decide(state, 0, command, new TurnContext(1, PriceTable.Empty));

    private static object Restored(object state)
    {
        ArrayBufferWriter<byte> bytes = new();
        Grain.WriteSnapshot(state, bytes);
        return Grain.ReadSnapshot(bytes.WrittenSpan)!;
    }
}
