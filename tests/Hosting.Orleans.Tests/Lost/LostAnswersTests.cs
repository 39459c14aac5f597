using OrleansBilling.Account;
using OrleansBilling.ApiHost.Tests;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Hosting.Orleans.Gateways;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>
/// A grain did what it was asked to, and its answer was lost. Who looks, or sends a request id, gets an answer all the same, and it
/// is done once; of anything else nobody can know whether to ask again, so nobody does, and the caller is told.
/// </summary>
public sealed class LostAnswersTests
{
    private static readonly GrainId Acme = GrainId.Account("acme");

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

    // Two ways into one cluster, and an account with 5 nanos.
    private sealed class Asked(Topology silos, LostAnswer answers, IGrainFactory client) : IAsyncDisposable
    {
        private OrleansGrains grains = null!;

        public ManualTime Time { get; } = new();

        public TwoGateways Gateways { get; } = new(client);

        public int Calls => answers.Calls;

        public Task Lost => answers.Lost;

        public static async Task<Asked> StartAsync()
        {
            LostAnswer answers = new("acme");
            IGrainFactory? client = null;
            Topology silos = await Http.Silos.TwoAsync(new MemoryStore(TimeProvider.System), PriceTable.Empty, answers, c => client = c);
            Asked asked = new(silos, answers, client!);
            asked.grains = new OrleansGrains(asked.Gateways, asked.Time);
            await asked.AskAsync(new OpenAccount { Currency = "EUR", Zone = "UTC", AnchorDay = 1 });
            await asked.AskAsync(Credit(5));
            return asked;
        }

        /// <summary>Asks, loses the answer, and lets time pass where nothing tells the client of the loss.</summary>
        public async Task<Reply> LosingAsync(Loss loss, Command command, TimeSpan patience)
        {
            Task<Reply> reply = this.BeginLosingAsync(loss, command);
            if (loss == Loss.Silent)
            {
                await this.Time.WaitedForAsync(patience);
                await answers.Lost;
                this.Time.Pass(patience);
            }

            return await reply;
        }

        public Task<Reply> BeginLosingAsync(Loss loss, Command command)
        {
            answers.Lose(loss);
            return this.grains.AskAsync(Acme, command).AsTask();
        }

        public async Task<long> BalanceAsync() => Assert.IsType<AccountView>(await this.grains.AskAsync(Acme, new GetAccount())).BalanceNanos;

        public ValueTask DisposeAsync() => silos.DisposeAsync();

        private async Task AskAsync(Command command) => Assert.IsType<Accepted>(await this.grains.AskAsync(Acme, command));
    }

    private sealed class TwoGateways(IGrainFactory client) : IGateways
    {
        public Gateway First { get; } = new(client);

        public Gateway Second { get; } = new(client);

        public Gateway? Tried { get; private set; }

        public Gateway To(GrainId grain) => this.First;

        public Gateway At(int silo) => this.First;

        public Gateway Next(Gateway? tried = null)
        {
            this.Tried = tried;
            return this.Second;
        }

        public void Learn(GrainId grain, int silo)
        {
        }

        public Task<bool> IsConnectedAsync(TimeSpan patience, CancellationToken ct) => Task.FromResult(true);
    }
}
