using System.Globalization;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Orleans.Wire;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>The same of several commands in their order: their answers come and are lost together, and each is told what is true of it.</summary>
public sealed class LostBatchTests
{
    [Theory]
    [InlineData(Loss.Reported)]
    [InlineData(Loss.Silent)]
    public async Task Commands_under_request_ids_are_asked_again_and_done_once(Loss loss)
    {
        await using Asked asked = await Asked.StartAsync();

        Reply[] replies = await asked.LosingInOrderAsync(loss, [Credit(2, "r1"), Charge(8, "r2"), Charge(6, "r3"), new GetAccount()], OrleansGrains.AttemptTime);

        Assert.Equal([Outcome.Accepted, Outcome.InsufficientCredit, Outcome.Accepted, Outcome.Accepted], replies.Select(static r => r.Outcome));
        Assert.All(new[] { replies[0], replies[2] }, static r => Assert.True(Assert.IsType<Accepted>(r).Replayed));
        Assert.Equal(1, Assert.IsType<AccountView>(replies[3]).BalanceNanos);
        Assert.Equal(2, asked.Calls);
        Assert.Equal(1, await asked.BalanceAsync());
    }

    [Theory]
    [InlineData(Loss.Reported)]
    [InlineData(Loss.Silent)]
    public async Task Commands_without_one_are_asked_once_and_each_is_in_doubt(Loss loss)
    {
        await using Asked asked = await Asked.StartAsync();

        Reply[] replies = await asked.LosingInOrderAsync(loss, [Credit(2), Charge(100), Credit(3)], OrleansGrains.CallTime);

        Assert.Equal([Outcome.InDoubt, Outcome.InDoubt, Outcome.InDoubt], replies.Select(static r => r.Outcome));
        Assert.Equal(1, asked.Calls);
        Assert.Equal(10, await asked.BalanceAsync());
    }

    [Fact]
    public async Task Of_both_sorts_only_those_without_an_id_are_in_doubt_and_those_behind_them_go_on()
    {
        await using Asked asked = await Asked.StartAsync();

        Reply[] replies = await asked.LosingInOrderAsync(
            Loss.Reported, [Credit(1, "r1"), Credit(2), Credit(4), Credit(8, "r4")], OrleansGrains.CallTime, after: 1);

        Assert.Equal([Outcome.Accepted, Outcome.InDoubt, Outcome.InDoubt, Outcome.Accepted], replies.Select(static r => r.Outcome));
        Assert.Equal(3, asked.Calls);
        Assert.Equal(20, await asked.BalanceAsync());
    }

    [Fact]
    public async Task What_was_not_sent_when_the_time_was_over_is_undecided_and_stays_so()
    {
        await using Asked asked = await Asked.StartAsync();

        Reply[] replies = await asked.LosingInOrderAsync(
            Loss.Silent, [Credit(1, "r1"), Credit(2), Credit(4), Credit(8, "r4"), Credit(16)], OrleansGrains.CallTime, after: 1);

        Assert.Equal([Outcome.Accepted, Outcome.InDoubt, Outcome.InDoubt, Outcome.Unavailable, Outcome.Unavailable], replies.Select(static r => r.Outcome));
        Assert.Equal(2, asked.Calls);
        Assert.Equal(12, await asked.BalanceAsync());
    }

    [Fact]
    public async Task All_messages_share_the_time_of_one_call()
    {
        await using Asked asked = await Asked.StartAsync();
        TimeSpan left = OrleansGrains.CallTime - OrleansGrains.AttemptTime;

        Task<Reply[]> replies = asked.BeginLosingInOrderAsync(Loss.Silent, [Credit(1, "r1"), Credit(2, "r2"), Credit(4), Credit(8)]);
        await asked.Time.WaitedForAsync(OrleansGrains.AttemptTime);
        await asked.Lost;
        asked.Answers.Lose(Loss.Silent, after: 1);
        asked.Time.Pass(OrleansGrains.AttemptTime);
        await asked.Time.WaitedForAsync(left);
        asked.Time.Pass(left);

        Assert.Equal([Outcome.Accepted, Outcome.Accepted, Outcome.InDoubt, Outcome.InDoubt], (await replies).Select(static r => r.Outcome));
    }

    [Fact]
    public async Task An_answer_says_where_the_account_lives()
    {
        await using Asked asked = await Asked.StartAsync();
        asked.Gateways.Learned = 0;

        await asked.LosingInOrderAsync(Loss.Reported, [Credit(1), Credit(2)], OrleansGrains.CallTime, after: 1);

        Assert.NotEqual(0, asked.Gateways.Learned);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_several_messages_one_answer_is_lost_and_all_are_decided_in_their_order(bool withIds)
    {
        const int count = (2 * CommandBatch.MaxCommands) + 88;
        await using Asked asked = await Asked.StartAsync();

        Reply[] replies = await asked.LosingInOrderAsync(
            Loss.Reported,
            [.. Enumerable.Range(0, count).Select(i => Credit(i + 1, withIds ? i.ToString(CultureInfo.InvariantCulture) : null))],
            OrleansGrains.CallTime,
            after: 1);

        int[] lost = [.. Enumerable.Range(CommandBatch.MaxCommands, CommandBatch.MaxCommands)];
        Assert.All(lost, i => Assert.True(withIds ? replies[i] is Accepted { Replayed: true } : replies[i].Outcome == Outcome.InDoubt));
        Assert.All(Enumerable.Range(0, count).Except(lost), i => Assert.False(Assert.IsType<Accepted>(replies[i]).Replayed));

        // One row each, those of the lost answer too, in the order of the commands; the account has had two.
        Assert.All(replies.Index().Where(static r => r.Item is Accepted), static r => Assert.Equal(
            (r.Index + 3, r.Index + 1),
            (((Accepted)r.Item).Seq, Assert.IsType<CreditPosted>(((Accepted)r.Item).Event).AmountNanos)));
        Assert.Equal(withIds ? 4 : 3, asked.Calls);
        Assert.Equal(5 + (count * (count + 1) / 2), await asked.BalanceAsync());
    }

    [Fact]
    public async Task Who_waits_at_a_silo_that_falls_silent_asks_another_way_at_once()
    {
        await using Asked asked = await Asked.StartAsync();

        Task<Reply[]> replies = asked.BeginLosingInOrderAsync(Loss.Silent, [Credit(2, "r1"), Credit(3, "r2")]);
        await asked.Lost;
        await asked.Gateways.First.FallSilentAsync();

        // No time passed at all.
        Assert.All(
            await replies.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken),
            static r => Assert.True(Assert.IsType<Accepted>(r).Replayed));
        Assert.Equal(asked.Gateways.First, asked.Gateways.Tried);
        Assert.Equal(10, await asked.BalanceAsync());
    }

    [Fact]
    public async Task A_repeat_that_decides_nothing_does_not_tell_what_became_of_the_commands()
    {
        await using Asked asked = await Asked.StartAsync();
        asked.Answers.Meanwhile = asked.StopAsync;

        Reply[] replies = await asked.LosingInOrderAsync(Loss.Reported, [Credit(2, "r1"), new GetAccount()], OrleansGrains.AttemptTime);

        Assert.Equal([Outcome.InDoubt, Outcome.Stopping], replies.Select(static r => r.Outcome));
        Assert.Equal(2, asked.Calls);
    }

    private static PostCredit Credit(long nanos, string? requestId = null) => new() { Kind = CreditKind.Topup, AmountNanos = nanos, RequestId = requestId };

    private static Charge Charge(long nanos, string? requestId = null) => new() { AmountNanos = nanos, RequestId = requestId };
}
