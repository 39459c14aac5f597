using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Servers;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Bench.EngineRows;

/// <summary>The engine in this process on a database of its own, with its accounts opened and in memory.</summary>
internal sealed class EngineHost(BenchContext bench, string database) : IAsyncDisposable
{
    /// <summary>What one charge takes, as the rivals do.</summary>
    public const long AmountNanos = 1000;

    private IJournal? journal;
    private Engine? engine;
    private string connection = "";
    private bool seeded;
    private bool warm;

    /// <summary>The one account of the hot rows.</summary>
    public static GrainId Hot { get; } = GrainId.Account("acct_hot");

    /// <summary>The accounts that rows over many accounts spread over.</summary>
    public GrainId[] Accounts { get; } = AccountsOf(bench.Options);

    /// <summary>Names the accounts that rows over many accounts spread over.</summary>
    /// <param name="options">How many.</param>
    public static GrainId[] AccountsOf(Options options) =>
        [.. Enumerable.Range(0, options.Accounts).Select(i => GrainId.Account(string.Create(CultureInfo.InvariantCulture, $"acct_{i:D7}")))];

    /// <summary>The engine; started.</summary>
    public Engine Engine => this.engine ?? throw new InvalidOperationException("The engine is not started.");

    /// <summary>How the measured engine runs: as by default, but for experiments.</summary>
    public EngineOptions Options
    {
        get
        {
            EngineOptions usual = new();
            return usual with
            {
                WindowSize = bench.Options.ExperimentNumber("window") ?? usual.WindowSize,
                MaxBatchRows = bench.Options.ExperimentNumber("batch") ?? usual.MaxBatchRows,
                SnapshotRows = bench.Options.ExperimentNumber("snapshot") ?? usual.SnapshotRows,
            };
        }
    }

    /// <summary>Its database.</summary>
    public string ConnectionString => this.connection;

    /// <summary>Makes the database and starts the engine, if that has not been done.</summary>
    /// <param name="options">How to run it.</param>
    public async Task StartAsync(EngineOptions options)
    {
        if (this.engine is not null)
        {
            return;
        }

        if (this.connection.Length == 0)
        {
            BenchPostgres postgres = await bench.Postgres;
            this.connection = await postgres.CreateDatabaseAsync(database);
        }

        this.journal = await OpenJournal.OnAsync(this.connection, bench.Options);
        this.engine = new Engine(this.journal, options, OpenJournal.Kinds, OpenJournal.Prices, TimeProvider.System, NullLogger<Engine>.Instance);
        await this.engine.StartAsync();
    }

    /// <summary>Opens all accounts, with credit, through the engine, if that has not been done.</summary>
    public async Task SeedAsync()
    {
        if (this.seeded)
        {
            return;
        }

        this.seeded = true;
        await this.OpenAsync(Hot);
        await this.ForAllAsync(this.OpenAsync);
    }

    /// <summary>True the first time.</summary>
    public bool TakeWarmUp() => !this.warm && (this.warm = true);

    /// <summary>Stops the engine and starts it again: no window of recent ids is left, no grain in memory.</summary>
    /// <param name="options">How to run it.</param>
    public async Task RestartAsync(EngineOptions options)
    {
        await this.StopAsync();
        await this.StartAsync(options);
    }

    /// <summary>Brings all accounts into memory.</summary>
    public Task WarmAsync() => this.ForAllAsync(async account => Expect(await this.Engine.AskAsync(account, new GetAccount())));

    /// <summary>Opens one account with more credit than a run can spend.</summary>
    public async Task OpenAsync(GrainId account)
    {
        Expect(await this.Engine.AskAsync(account, new OpenAccount { Currency = "EUR", Zone = "UTC" }));
        Expect(await this.Engine.AskAsync(account, new PostCredit { Kind = CreditKind.Topup, AmountNanos = 1_000_000 * Money.NanosPerUnit }));
    }

    /// <summary>Charges one account under a request id.</summary>
    /// <param name="account">The account.</param>
    /// <param name="requestId">The id.</param>
    /// <param name="replayed">Whether it is a repeat.</param>
    public ValueTask ChargeAsync(GrainId account, string requestId, bool replayed = false) => ChargeAsync(this.Engine, account, requestId, replayed);

    /// <summary>Charges one account under a request id, whatever engine hosts it.</summary>
    /// <param name="grains">The engine.</param>
    /// <param name="account">The account.</param>
    /// <param name="requestId">The id.</param>
    /// <param name="replayed">Whether it is a repeat; null where the engine's client may repeat by itself what is not answered soon.</param>
    public static async ValueTask ChargeAsync(IGrains grains, GrainId account, string requestId, bool? replayed = false)
    {
        Reply reply = await grains.AskAsync(account, new Charge { AmountNanos = AmountNanos, RequestId = requestId });
        if (reply is not Accepted accepted || (replayed is bool expected && accepted.Replayed != expected))
        {
            throw new BenchException($"A charge of {account} under {requestId} was answered {reply}.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await this.StopAsync();

    /// <summary>Fails unless a reply is what a working engine gives.</summary>
    public static void Expect(Reply reply)
    {
        if (reply.Outcome != Outcome.Accepted)
        {
            throw new BenchException($"The engine answered {reply}.");
        }
    }

    private async Task StopAsync()
    {
        if (this.engine is not null)
        {
            await this.engine.DisposeAsync();
            this.engine = null;
        }

        if (this.journal is not null)
        {
            await this.journal.DisposeAsync();
            this.journal = null;
        }
    }

    private Task ForAllAsync(Func<GrainId, Task> act) => Many.ForAllAsync(this.Accounts, 2048, act);
}
