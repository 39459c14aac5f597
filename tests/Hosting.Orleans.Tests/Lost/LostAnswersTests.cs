using OrleansBilling.Account;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>
/// A grain did what it was asked to, and its answer was lost. Who looks, or sends a request id, gets an answer all the same, and it
/// is done once; of anything else nobody can know whether to ask again, so nobody does, and the caller is told.
/// </summary>
public sealed class LostAnswersTests
{
    [Theory]
    [InlineData(Loss.Reported)]
    [InlineData(Loss.Silent)]
    public async Task A_read_is_asked_again(Loss loss)
    {
        await using Asked asked = await Asked.StartAsync();

        AccountView view = Assert.IsType<AccountView>(await asked.LosingAsync(loss, new GetAccount(), OrleansGrains.AttemptTime));

        Assert.Equal(5, view.BalanceNanos);
        Assert.Equal(2, asked.Calls);
    }

    [Theory]
    [InlineData(Loss.Reported)]
    [InlineData(Loss.Silent)]
    public async Task A_command_under_a_request_id_is_asked_again_and_done_once(Loss loss)
    {
        await using Asked asked = await Asked.StartAsync();

        Accepted accepted = Assert.IsType<Accepted>(await asked.LosingAsync(loss, Credit(2) with { RequestId = "r1" }, OrleansGrains.AttemptTime));

        Assert.True(accepted.Replayed);
        Assert.Equal(2, asked.Calls);
        Assert.Equal(7, await asked.BalanceAsync());
    }

    [Theory]
    [InlineData(Loss.Reported)]
    [InlineData(Loss.Silent)]
    public async Task A_command_without_one_is_not_asked_again_and_its_caller_is_told_that_it_is_in_doubt(Loss loss)
    {
        await using Asked asked = await Asked.StartAsync();

        Reply reply = await asked.LosingAsync(loss, Credit(2), OrleansGrains.CallTime);

        Assert.Equal(Outcome.InDoubt, reply.Outcome);
        Assert.Equal(1, asked.Calls);
        Assert.Equal(7, await asked.BalanceAsync());
    }

    [Fact]
    public async Task Who_waits_at_a_silo_that_falls_silent_asks_another_way_at_once()
    {
        await using Asked asked = await Asked.StartAsync();

        Task<Reply> reply = asked.BeginLosingAsync(Loss.Silent, Credit(2) with { RequestId = "r1" });
        await asked.Lost;
        await asked.Gateways.First.FallSilentAsync();

        // No time passed at all.
        Assert.True(Assert.IsType<Accepted>(await reply.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Replayed);
        Assert.Equal(asked.Gateways.First, asked.Gateways.Tried);
        Assert.Equal(7, await asked.BalanceAsync());
    }

    [Theory]
    [InlineData(false, Outcome.InDoubt)]
    [InlineData(true, Outcome.Stopping)]
    public async Task A_repeat_that_decides_nothing_does_not_tell_what_became_of_the_command(bool isRead, Outcome told)
    {
        await using Asked asked = await Asked.StartAsync();
        asked.Answers.Meanwhile = asked.StopAsync;

        Reply reply = await asked.LosingAsync(Loss.Reported, isRead ? new GetAccount() : Credit(2) with { RequestId = "r1" }, OrleansGrains.AttemptTime);

        Assert.Equal(told, reply.Outcome);
        Assert.Equal(2, asked.Calls);
    }

    [Fact]
    public async Task A_command_without_a_request_id_goes_on_waiting_there()
    {
        await using Asked asked = await Asked.StartAsync();

        Task<Reply> reply = asked.BeginLosingAsync(Loss.Silent, Credit(2));
        await asked.Lost;
        await asked.Gateways.First.FallSilentAsync();
        await asked.Time.WaitedForAsync(OrleansGrains.CallTime);
        asked.Time.Pass(OrleansGrains.CallTime);

        Assert.Equal(Outcome.InDoubt, (await reply).Outcome);
        Assert.Equal(1, asked.Calls);
    }

    private static PostCredit Credit(long nanos) => new() { Kind = CreditKind.Topup, AmountNanos = nanos };
}
