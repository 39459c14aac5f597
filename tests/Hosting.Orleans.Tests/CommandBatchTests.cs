using OrleansBilling.Account;
using OrleansBilling.Hosting.Orleans.Gateways;
using OrleansBilling.Hosting.Orleans.Wire;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests;

/// <summary>How commands in their order are divided among messages.</summary>
public sealed class CommandBatchTests
{
    [Fact]
    public void Nothing_makes_no_message() => Assert.Empty(CommandBatch.Divide([]));

    [Fact]
    public void They_arrive_in_their_order_and_no_message_holds_too_many()
    {
        Charge[] sent = [.. Enumerable.Range(0, (2 * CommandBatch.MaxCommands) + 1).Select(i => new Charge { AmountNanos = i })];

        CommandBatch[] batches = [.. CommandBatch.Divide(sent)];

        Assert.Equal([(0, CommandBatch.MaxCommands), (CommandBatch.MaxCommands, CommandBatch.MaxCommands), (2 * CommandBatch.MaxCommands, 1)], Places(batches));
        Assert.Equal(
            sent.Select(static c => c.AmountNanos),
            batches.SelectMany(static b => b.Messages).Select(static m => Assert.IsType<Charge>(CommandMessage.Read(m)).AmountNanos));
    }

    [Fact]
    public void No_message_is_too_long_but_one_of_a_single_command()
    {
        int[] lengths = [1_000, CommandBatch.MaxBytes - 3_000, 3_000, CommandBatch.MaxBytes * 2, 1_000, 1_000];

        CommandBatch[] batches = [.. CommandBatch.Divide([.. lengths.Select(static l => new Charge { RequestId = new string('r', l) })])];

        Assert.Equal([(0, 2), (2, 1), (3, 1), (4, 2)], Places(batches));
    }

    [Fact]
    public void Of_commands_that_look_there_are_few_in_one_message()
    {
        int few = CommandBatch.MaxCommands / CommandBatch.ReadWeight;
        Assert.Equal([(0, few), (few, 1)], Places(CommandBatch.Divide([.. Enumerable.Range(0, few + 1).Select(static _ => new GetAccount())])));
    }

    [Fact]
    public void Those_that_may_be_asked_again_never_share_a_message_with_those_that_may_not()
    {
        Charge with = new() { RequestId = "r" };
        Charge without = new();

        CommandBatch[] batches = [.. CommandBatch.Divide([with, new GetAccount(), without, without, with])];

        Assert.Equal([(0, 2), (2, 2), (4, 1)], Places(batches));
        Assert.Equal([true, false, true], batches.Select(static b => b.IsRepeatable));
    }

    [Fact]
    public async Task A_command_that_refers_to_an_earlier_row_is_refused_as_by_the_engine()
    {
        OrleansGrains grains = new(new OneGateway(null!), TimeProvider.System);
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await grains.AskInOrderAsync(GrainId.Account("acme"), [new ReverseCharge { Charge = 3 }], TestContext.Current.CancellationToken));
    }

    private static (int First, int Count)[] Places(IEnumerable<CommandBatch> batches) => [.. batches.Select(static b => (b.First, b.Messages.Length))];
}
