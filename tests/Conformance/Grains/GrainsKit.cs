using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;
using Xunit;

namespace OrleansBilling.Conformance.Grains;

/// <summary>One fresh store, and as many hosts with engines on it as a case wants.</summary>
/// <param name="journals">The store; disposed with the kit.</param>
/// <param name="time">The clock of the store and of the hosts.</param>
public sealed class GrainsKit(JournalKit journals, TimeProvider time) : IAsyncDisposable
{
    private readonly List<GrainsHost> hosts = [];

    /// <summary>Stands between the cases and each engine.</summary>
    public Func<IGrains, IGrains> Wrap { get; init; } = engine => engine;

    /// <summary>Stands between the cases and each engine, and takes time to get there. It sees the engine before it starts.</summary>
    public Func<Engine, Task<IGrains>>? WrapAsync { get; init; }

    /// <summary>The kinds of grain to host.</summary>
    public IReadOnlyList<GrainKind> Kinds { get; init; } = GrainKinds.All;

    /// <summary>How to run where a case does not say: no call ends for want of time, however slow the machine is; cases of that say so.</summary>
    public EngineOptions Defaults { get; init; } = new() { CallTime = TimeSpan.FromMinutes(2), CommitTime = TimeSpan.FromMinutes(2) };

    /// <summary>How long a host is asked again that could not decide, before the case fails.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The clock of cases that move it.</summary>
    public SteppedTime Stepped => Assert.IsType<SteppedTime>(time);

    /// <summary>Starts a host.</summary>
    /// <param name="shared">Whether it is configured for company.</param>
    /// <param name="options">How to run.</param>
    /// <param name="ahead">By how much its clock is wrong.</param>
    public async Task<GrainsHost> OpenAsync(bool shared = false, EngineOptions? options = null, TimeSpan ahead = default)
    {
        GatedJournal journal = new(await journals.OpenHostAsync(shared), journals);
        HostTime clock = new(time) { Ahead = ahead };
        Engine engine = new(journal, options ?? this.Defaults, this.Kinds, PriceTable.Empty, clock, NullLogger<Engine>.Instance);
        IGrains grains = this.WrapAsync is { } wrap ? await wrap(engine) : this.Wrap(engine);
        await engine.StartAsync();
        GrainsHost host = new(journal, engine, grains, clock, this.Patience);
        this.hosts.Add(host);
        return host;
    }

    /// <summary>A new account's grain, not opened.</summary>
    public GrainId NewGrain() => journals.NewGrain();

    /// <summary>A new account, opened, with credit.</summary>
    public async Task<GrainId> OpenAccountAsync(IGrains grains, long creditNanos)
    {
        GrainId account = this.NewGrain();
        Assert.IsType<Accepted>(await grains.DecideAsync(account, new OpenAccount { Currency = "USD", Zone = "UTC", RequestId = "open" }));
        if (creditNanos > 0)
        {
            Assert.IsType<Accepted>(await grains.DecideAsync(account, Asking.Topup(creditNanos, "credit")));
        }

        return account;
    }

    /// <summary>
    /// Reads all of an account's rows past every engine, and checks that they are one chain whose entries sum up to
    /// <paramref name="balanceNanos"/>.
    /// </summary>
    public async Task<IReadOnlyList<(JournalRow Row, Event Event)>> AuditAsync(GrainId account, long balanceNanos)
    {
        IJournal journal = await journals.OpenHostAsync(shared: true);
        List<JournalRow> rows = [];
        while (await journal.ReadRowAsync(account, rows.Count + 1, CancellationToken.None) is { } row)
        {
            rows.Add(row);
        }

        TestChain.AssertChain(default, rows);
        (JournalRow Row, Event Event)[] events = [.. rows.Select(row => (row, EventJson.Read(row.Type, row.Data)))];
        Assert.Equal(balanceNanos, events.Sum(e => Entry(e.Event)));
        return events;
    }

    /// <summary>What is stored of a grain, past every engine.</summary>
    public async Task<StoredGrain> LoadAsync(GrainId grain) => await (await journals.OpenHostAsync(shared: true)).LoadAsync(grain, CancellationToken.None);

    /// <summary>Stores a snapshot past every engine.</summary>
    public async Task SaveAsync(StoredSnapshot snapshot) =>
        await (await journals.OpenHostAsync(shared: true)).SaveSnapshotsAsync([snapshot], CancellationToken.None);

    /// <summary>Appends rows past every engine.</summary>
    /// <param name="account">The account.</param>
    /// <param name="make">Makes them from the account's last row.</param>
    public async Task AppendAsync(GrainId account, Func<Head, JournalRow[]> make)
    {
        IJournal journal = await journals.OpenHostAsync(shared: true);
        await using IJournalWriter writer = await journal.OpenWriterAsync(0, null, CancellationToken.None);
        Head head = (await writer.ReadHeadsAsync([account], CancellationToken.None))[0];
        Assert.IsType<AppendResult.Committed>(await writer.AppendAsync(make(head), CancellationToken.None));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (GrainsHost host in this.hosts)
        {
            await host.CrashAsync();
        }

        foreach (GrainsHost host in this.hosts)
        {
            await host.Engine.DisposeAsync();
        }

        await journals.DisposeAsync();
    }

    private static long Entry(Event e) => e switch
    {
        CreditPosted credit => credit.AmountNanos,
        GrantExpired expired => -expired.AmountNanos,
        Charged charged => -charged.AmountNanos,
        HoldCaptured captured => -captured.AmountNanos,
        ChargeReversed reversed => reversed.AmountNanos,
        _ => 0,
    };
}

/// <summary>A host with an engine.</summary>
public sealed class GrainsHost : IGrains
{
    private readonly IGrains grains;

    internal GrainsHost(GatedJournal journal, Engine engine, IGrains grains, HostTime time, TimeSpan patience)
    {
        this.Patience = patience;
        this.Time = time;
        this.Journal = journal;
        this.Engine = engine;
        this.grains = grains;
    }

    internal HostTime Time { get; }

    internal TimeSpan Patience { get; }

    internal GatedJournal Journal { get; }

    internal Engine Engine { get; }

    /// <inheritdoc/>
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) => this.grains.AskAsync(grain, command, ct);

    /// <inheritdoc/>
    public ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default) =>
        this.grains.AskAsync(guard, grain, command, ct);

    /// <inheritdoc/>
    public ValueTask<Reply[]> AskInOrderAsync(GrainId grain, IReadOnlyList<Command> commands, CancellationToken ct = default) =>
        this.grains.AskInOrderAsync(grain, commands, ct);

    /// <summary>Stops as an operator stops it.</summary>
    public async Task StopAsync()
    {
        await this.Engine.StopAsync();
        await this.Journal.DisposeAsync();
    }

    /// <summary>Waits until so many calls have come to the engine and are not answered; gives up waiting after two minutes.</summary>
    public async Task HasCallsAsync(int count)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while (this.Engine.CallsUnderWay < count && !limit.IsCancellationRequested)
        {
            await Task.Yield();
        }
    }

    /// <summary>From now on it is as good as dead.</summary>
    public Task CrashAsync() => this.Journal.UnplugAsync();

    /// <summary>Takes a grain out of memory.</summary>
    public void PutAway(GrainId grain) => Assert.True(this.Engine.PutAway(grain), $"{grain} could not be put away.");
}
