using Microsoft.Extensions.Logging;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Journal.Postgres;
using OrleansBilling.Keys;
using OrleansBilling.Testing;

namespace OrleansBilling.ApiHost.Tests.Keys;

/// <summary>What a crash left of keys is finished, whatever stands beside it.</summary>
public sealed class KeyOutboxTests(QuietPostgresFixture postgres) : IClassFixture<QuietPostgresFixture>, IAsyncLifetime
{
    private static readonly Pepper Pepper = new(new byte[32]);

    private readonly LogKeeper log = new();
    private readonly HeldTime time = new();
    private string database = "";
    private PostgresJournal journal = null!;
    private Engine engine = null!;
    private FailingGrains grains = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        this.database = await postgres.Server.CreateDatabaseAsync();
        using ILoggerFactory logs = LoggerFactory.Create(l => l.AddProvider(this.log));
        this.journal = await PostgresJournal.OpenAsync(
            new PostgresJournalOptions { ConnectionString = this.database, HostName = "a" }, TimeProvider.System, logs.CreateLogger<PostgresJournal>(), Ct);
        this.engine = new Engine(this.journal, new EngineOptions(), GrainKinds.All, PriceTable.Empty, TimeProvider.System, logs.CreateLogger<Engine>());
        await this.engine.StartAsync();
        this.grains = new FailingGrains(this.engine);
        await this.engine.AskAsync(GrainId.Account("acme"), new OpenAccount { Currency = "USD", Zone = "UTC" }, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await this.engine.DisposeAsync();
        await this.journal.DisposeAsync();
    }

    [Fact]
    public async Task One_key_that_cannot_be_finished_holds_up_no_other_and_is_tried_again_less_and_less_often()
    {
        string[] keys = [await this.RecordAsync("first"), await this.RecordAsync("bad"), await this.RecordAsync("last")];
        this.grains.Fails = keys[1];
        KeyOutbox outbox = this.New();

        await outbox.DrainAsync(Ct);
        Assert.Equal("proven left proven", await this.ProvenAsync(keys));
        Assert.Contains(this.log.Lines, l => l.Contains("row 3 of account/acme", StringComparison.Ordinal) && l.Contains("told to fail", StringComparison.Ordinal));

        // After 2 s, after 4 more, after 8 more.
        List<int> triedAt = [];
        for (int second = 1; second <= 20; second++)
        {
            int tries = this.grains.Tries;
            this.time.Pass(TimeSpan.FromSeconds(1));
            await outbox.DrainAsync(Ct);
            if (this.grains.Tries > tries)
            {
                triedAt.Add(second);
            }
        }

        Assert.Equal([2, 6, 14], triedAt);

        this.grains.Fails = null;
        this.time.Pass(TimeSpan.FromMinutes(5));
        await outbox.DrainAsync(Ct);
        Assert.Equal("proven proven proven", await this.ProvenAsync(keys));
    }

    [Fact]
    public async Task A_key_that_was_left_is_not_forgotten_by_a_restart()
    {
        string[] keys = [await this.RecordAsync("bad"), await this.RecordAsync("last")];
        this.grains.Fails = keys[0];
        await this.New().DrainAsync(Ct);

        this.grains.Fails = null;
        await this.New().DrainAsync(Ct);

        Assert.Equal("proven proven", await this.ProvenAsync(keys));
    }

    [Fact]
    public async Task What_was_done_is_not_done_again_after_a_restart()
    {
        await this.RecordAsync("one");
        await this.New().DrainAsync(Ct);
        int tries = this.grains.Tries;

        await this.New().DrainAsync(Ct);

        Assert.Equal(tries, this.grains.Tries);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_holds_up_no_other()
    {
        string[] keys = [await this.RecordAsync("torn"), await this.RecordAsync("whole")];
        await PostgresServer.ExecuteAsync(this.database, "UPDATE billing.journal SET data = '{' WHERE seq = 2");

        await this.New().DrainAsync(Ct);

        Assert.Equal("left proven", await this.ProvenAsync(keys));
    }

    [Fact]
    public async Task Whatever_the_database_says_the_next_round_is_another_try()
    {
        string key = await this.RecordAsync("one");
        KeyOutbox outbox = this.New();
        await PostgresServer.ExecuteAsync(this.database, "ALTER TABLE billing.outbox_cursor RENAME TO gone");
        await outbox.DrainAsync(Ct);
        Assert.Contains(this.log.Lines, l => l.Contains("billing.outbox_cursor", StringComparison.Ordinal));

        await PostgresServer.ExecuteAsync(this.database, "ALTER TABLE billing.gone RENAME TO outbox_cursor");
        await outbox.DrainAsync(Ct);

        Assert.Equal("proven", await this.ProvenAsync([key]));
    }

    // As the first half of making a key leaves it.
    private async Task<string> RecordAsync(string name)
    {
        string keyId = ApiKey.NewKeyId("acme");
        Reply recorded = await this.engine.AskAsync(
            GrainId.Account("acme"), new CreateKey { Name = name, Key = keyId, Tag = "tag", Pepper = Pepper.Fingerprint }, Ct);
        Assert.Equal(Outcome.Accepted, recorded.Outcome);
        return keyId;
    }

    private async Task<string> ProvenAsync(string[] keys)
    {
        List<string> proven = [];
        foreach (string key in keys)
        {
            proven.Add(await this.engine.AskAsync(GrainId.ForKey(key), new GetKeyProof(), Ct) is KeyProof ? "proven" : "left");
        }

        return string.Join(' ', proven);
    }

    private KeyOutbox New()
    {
        using ILoggerFactory logs = LoggerFactory.Create(l => l.AddProvider(this.log));
        return new KeyOutbox(new KeyIssuer(this.grains, Pepper, new KeyHasher(1, 100)), this.journal.Outbox, this.time, logs.CreateLogger<KeyOutbox>());
    }

    private sealed class FailingGrains(IGrains inner) : IGrains
    {
        /// <summary>The key whose grain throws.</summary>
        public string? Fails { get; set; }

        public int Tries { get; private set; }

        public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
        {
            this.Tries++;
            return grain.Key == this.Fails ? throw new InvalidOperationException("told to fail") : inner.AskAsync(grain, command, ct);
        }
    }

    private sealed class HeldTime : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => this.now;

        public void Pass(TimeSpan time) => this.now += time.Ticks;
    }
}
