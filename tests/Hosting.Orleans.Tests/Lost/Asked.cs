using OrleansBilling.Account;
using OrleansBilling.ApiHost.Tests;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Hosting.Orleans.Gateways;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>Two ways into a cluster of two silos, whose time is the test's, and an account with 5 nanos.</summary>
internal sealed class Asked(Topology silos, LostAnswer answers, IGrainFactory client) : IAsyncDisposable
{
    private static readonly GrainId Acme = GrainId.Account("acme");

    private OrleansGrains grains = null!;

    public ManualTime Time { get; } = new();

    public TwoGateways Gateways { get; } = new(client);

    public LostAnswer Answers => answers;

    /// <summary>How many calls the account got since an answer was to be lost.</summary>
    public int Calls => answers.Calls;

    public Task Lost => answers.Lost;

    public static async Task<Asked> StartAsync()
    {
        LostAnswer answers = new("acme");
        IGrainFactory? client = null;
        Topology silos = await Http.Silos.TwoAsync(new MemoryStore(TimeProvider.System), PriceTable.Empty, answers, c => client = c.Client);
        Asked asked = new(silos, answers, client!);
        asked.grains = new OrleansGrains(asked.Gateways, asked.Time);
        await asked.AcceptAsync(new OpenAccount { Currency = "EUR", Zone = "UTC", AnchorDay = 1 });
        await asked.AcceptAsync(new PostCredit { Kind = CreditKind.Topup, AmountNanos = 5 });
        return asked;
    }

    /// <summary>Asks, loses the answer, and lets time pass where nothing tells the client of the loss.</summary>
    public Task<Reply> LosingAsync(Loss loss, Command command, TimeSpan patience) =>
        this.PassedAsync(loss, this.BeginLosingAsync(loss, command), patience);

    /// <summary>Asks in order, loses the answer to one of the messages, and lets time pass where nothing tells the client of the loss.</summary>
    public Task<Reply[]> LosingInOrderAsync(Loss loss, Command[] commands, TimeSpan patience, int after = 0) =>
        this.PassedAsync(loss, this.BeginLosingInOrderAsync(loss, commands, after), patience);

    public Task<Reply> BeginLosingAsync(Loss loss, Command command)
    {
        answers.Lose(loss);
        return this.grains.AskAsync(Acme, command).AsTask();
    }

    public Task<Reply[]> BeginLosingInOrderAsync(Loss loss, Command[] commands, int after = 0)
    {
        answers.Lose(loss, after);
        return this.grains.AskInOrderAsync(Acme, commands).AsTask();
    }

    public async Task<long> BalanceAsync() => Assert.IsType<AccountView>(await this.grains.AskAsync(Acme, new GetAccount())).BalanceNanos;

    /// <summary>Has the engines of both silos decide nothing any more.</summary>
    public async Task StopAsync()
    {
        foreach (Engine engine in silos.Engines)
        {
            await engine.StopAsync();
        }
    }

    public ValueTask DisposeAsync() => silos.DisposeAsync();

    private async Task<T> PassedAsync<T>(Loss loss, Task<T> asked, TimeSpan patience)
    {
        if (loss == Loss.Silent)
        {
            await this.Time.WaitedForAsync(patience);
            await answers.Lost;
            this.Time.Pass(patience);
        }

        return await asked;
    }

    private async Task AcceptAsync(Command command) => Assert.IsType<Accepted>(await this.grains.AskAsync(Acme, command));
}

/// <summary>Two ways, of which the first is tried first.</summary>
internal sealed class TwoGateways(IGrainFactory client) : IGateways
{
    public Gateway First { get; } = new(client);

    public Gateway Second { get; } = new(client);

    public Gateway? Tried { get; private set; }

    /// <summary>The number of the silo that was last said to have a grain.</summary>
    public int Learned { get; set; }

    public Gateway To(GrainId grain) => this.First;

    public Gateway At(int silo) => this.First;

    public Gateway Next(Gateway? tried = null)
    {
        this.Tried = tried;
        return this.Second;
    }

    public void Learn(GrainId grain, int silo) => this.Learned = silo;

    public Task<bool> IsConnectedAsync(TimeSpan patience, CancellationToken ct) => Task.FromResult(true);
}
