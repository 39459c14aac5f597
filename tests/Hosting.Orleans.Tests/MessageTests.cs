using System.Text.Json;
using OrleansBilling.Account;
using OrleansBilling.Grains.Tests;
using OrleansBilling.Hosting.Orleans.Wire;
using OrleansBilling.Keys;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests;

/// <summary>What goes over the wire comes out as it went in.</summary>
public sealed class MessageTests
{
    private static readonly Limit Limit = new("daily_cap", 1, 2, 3, 4);

    [Fact]
    public void Commands_arrive_as_they_were_sent()
    {
        foreach (Command command in Commands.OfEveryKind)
        {
            Command sent = command with { RequestId = "r-1", Actor = "key/k" };
            AssertSame(sent, CommandMessage.Read(CommandMessage.Write(sent)));
            Command plain = command with { RequestId = null, Actor = "" };
            AssertSame(plain, CommandMessage.Read(CommandMessage.Write(plain)));
        }
    }

    [Fact]
    public void What_the_server_filled_in_arrives_too()
    {
        OpenAccount open = new() { Currency = "EUR", Zone = "UTC", Quotas = null, TierQuotas = [new QuotaLimit("m", 1)] };
        OpenAccount opened = Assert.IsType<OpenAccount>(CommandMessage.Read(CommandMessage.Write(open)));
        Assert.Null(opened.Quotas);
        Assert.Equal(open.TierQuotas, opened.TierQuotas);
        SetTier tier = new("pro", null) { TierQuotas = [] };
        SetTier set = Assert.IsType<SetTier>(CommandMessage.Read(CommandMessage.Write(tier)));
        Assert.Null(set.Quotas);
        Assert.Empty(set.TierQuotas!);
        CreateKey created = Assert.IsType<CreateKey>(CommandMessage.Read(CommandMessage.Write(new CreateKey { Key = "k", Tag = "t", Pepper = "p" })));
        Assert.Equal(("k", "t", "p"), (created.Key, created.Tag, created.Pepper));
        SetWorkspace workspace = Assert.IsType<SetWorkspace>(CommandMessage.Read(CommandMessage.Write(new SetWorkspace("w", new Caps()) { Maker = "m" })));
        Assert.Equal(("w", "m"), (workspace.Workspace, workspace.Maker));
        ManageKey[] changes = [new UpdateKey { Key = "k" }, new RotateKey { Key = "k" }, new RevokeKey("k", null)];
        foreach (ManageKey change in changes)
        {
            ManageKey arrived = Assert.IsAssignableFrom<ManageKey>(CommandMessage.Read(CommandMessage.Write(change with { Maker = "m", Keeps = "*" })));
            Assert.Equal(("m", "*"), (arrived.Maker, arrived.Keeps));
        }
    }

    [Fact]
    public void A_value_that_is_not_the_default_of_its_property_but_of_its_type_is_kept()
    {
        Charge charge = Assert.IsType<Charge>(CommandMessage.Read(CommandMessage.Write(new Charge { AmountNanos = 0, Quantity = 0 })));
        Assert.Equal((0, 0), (charge.AmountNanos, charge.Quantity));
        Assert.False(Assert.IsType<CaptureHold>(CommandMessage.Read(CommandMessage.Write(new CaptureHold { Hold = 1, Final = false }))).Final);
        Assert.Equal(0, Assert.IsType<SetBalance>(CommandMessage.Read(CommandMessage.Write(new SetBalance { BalanceNanos = 0 }))).BalanceNanos);
        Assert.Equal(0, Assert.IsType<PostCredit>(CommandMessage.Read(CommandMessage.Write(
            new PostCredit { Kind = CreditKind.Topup, AmountNanos = 0, Priority = 0 }))).Priority);
    }

    [Fact]
    public void Every_command_has_a_form()
    {
        Type[] all = [.. typeof(Command).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Command)) && !t.IsAbstract)];
        Assert.Equal(all.Select(t => t.Name).Order(StringComparer.Ordinal), Commands.OfEveryKind.Select(c => c.GetType().Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Replies_arrive_as_they_were_sent()
    {
        AccountView view = new()
        {
            Seq = 1,
            AtNanos = 2,
            Status = AccountStatus.Suspended,
            Currency = "EUR",
            Zone = "UTC",
            AnchorDay = 3,
            BalanceNanos = -4,
            HeldNanos = 5,
            CreditLimitNanos = 6,
            TotalSpentNanos = 7,
            LowBalanceNanos = 0,
            Tier = "pro",
            Day = new Window(8, 9),
            Month = new Window(8, 10),
            Limits = [Limit],
            Grants = [new GrantView(1, CreditKind.Bonus, 2, 0, null)],
            Holds = [new HoldView(1, 2, 3, 4, 5, null, "w", "m", 0)],
            Keys = [new KeyView("k", "sk_", null, KeyType.Internal, ["*"], true, 1, null, [])],
            Workspaces = [new WorkspaceView("w", [Limit])],
        };
        Reply[] replies =
        [
            view, view.Keys[0], new KeyProof("acme", "t", "p"),
            new Denied(Outcome.DailyCapExceeded, Limit, "a.b", "Because."), new Denied(Outcome.Stopping),
            .. Events.OfEveryKind.Select(e => new Accepted(e, 7, 8, Replayed: true)),
            new Accepted(Events.OfEveryKind[0], 1, 0, Replayed: false),
        ];
        foreach (Reply reply in replies)
        {
            AssertSame(reply, ReplyMessage.Read(ReplyMessage.Write(reply)));
        }
    }

    [Fact]
    public void A_message_of_another_release_is_refused_in_words()
    {
        byte[] later = CommandMessage.Write(new GetAccount());
        later[0]++;
        Assert.Throws<FormatException>(() => CommandMessage.Read(later));
        byte[] unknown = CommandMessage.Write(new GetAccount());
        unknown[1] = 200;
        Assert.Throws<FormatException>(() => CommandMessage.Read(unknown));
        byte[] reply = ReplyMessage.Write(new Denied(Outcome.Stopping));
        reply[1] = 200;
        Assert.Throws<FormatException>(() => ReplyMessage.Read(reply));
    }

    // Records compare arrays by reference.
    private static void AssertSame(object sent, object received)
    {
        Assert.Equal(sent.GetType(), received.GetType());
        Assert.Equal(JsonSerializer.Serialize(sent, sent.GetType()), JsonSerializer.Serialize(received, received.GetType()));
        if (sent is Command command)
        {
            Assert.Equal((command.RequestId, command.Actor), (((Command)received).RequestId, ((Command)received).Actor));
        }
        else if (sent is Accepted accepted)
        {
            Assert.Equal(JsonSerializer.Serialize<object>(accepted.Event), JsonSerializer.Serialize<object>(((Accepted)received).Event));
        }
    }
}
