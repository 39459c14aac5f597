using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>One host's journal in PostgreSQL, 13 or newer.</summary>
public sealed partial class PostgresJournal : IJournal
{
    // 16 MB of heads at most, so that a busy host seldom has to read one.
    private const int KnownGrains = 131_072;

    private readonly PostgresJournalOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Sessions sessions;
    private readonly KnownHeads known = new(KnownGrains);
    private readonly RestCalls? rest;
    private readonly Lock gate = new();
    private readonly List<PostgresWriter> writers = [];
    private Action<GrainId>? restRequested;
    private int disposed;

    private PostgresJournal(PostgresJournalOptions options, TimeProvider time, ILogger logger, Sessions connections, StoredSettings settings)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        this.sessions = connections;
        this.DatabaseId = settings.DatabaseId;
        this.Lanes = settings.Lanes;
        this.History = new AccountHistory(this);
        this.Directory = new AccountDirectory(this);
        this.Audit = new AuditReader(this);
        this.Profiles = new Profiles(this);
        this.KeyUses = new KeyUses(this);
        this.Transactions = new TransactionReader(this);
        this.Usage = new UsageReader(this);
        this.UsageProjector = new UsageProjector(connections.Projection, time);
        this.Statistics = new StatisticsReader(this);
        this.Outbox = new Outbox(this);
        this.Prices = new PriceVersions(this);
        this.Heads = new HeadReader(connections);
        this.rest = options.Shared ? new RestCalls(connections, time, logger, grain => this.restRequested?.Invoke(grain)) : null;
    }

    /// <inheritdoc/>
    public int Lanes { get; }

    /// <inheritdoc/>
    public bool Shared => this.options.Shared;

    /// <summary>The database's identity; a restored copy gets another one.</summary>
    public Guid DatabaseId { get; }

    /// <summary>All accounts.</summary>
    public AccountDirectory Directory { get; }

    /// <summary>What was done to accounts.</summary>
    public AuditReader Audit { get; }

    /// <summary>What is personal of accounts.</summary>
    public Profiles Profiles { get; }

    /// <summary>When keys were last used.</summary>
    public KeyUses KeyUses { get; }

    /// <summary>Accounts' past.</summary>
    public AccountHistory History { get; }

    /// <summary>Accounts' statements.</summary>
    public TransactionReader Transactions { get; }

    /// <summary>What accounts used, by the hour.</summary>
    public UsageReader Usage { get; }

    /// <summary>Keeps what <see cref="Usage"/> and <see cref="Statistics"/> read near to the journal.</summary>
    public UsageProjector UsageProjector { get; }

    /// <summary>What all accounts used.</summary>
    public StatisticsReader Statistics { get; }

    /// <summary>What has to be done elsewhere.</summary>
    public Outbox Outbox { get; }

    /// <summary>Versions of the prices.</summary>
    public PriceVersions Prices { get; }

    /// <summary>How far the chains have come.</summary>
    public HeadReader Heads { get; }

    /// <inheritdoc/>
    public Action<GrainId>? RestRequested
    {
        get => this.restRequested;
        set => this.restRequested = value;
    }

    /// <summary>Connects, and sets the database up or brings it up to this release, one host at a time.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">Measures waiting.</param>
    /// <param name="logger">Receives what an operator should know.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalSetupException">The database cannot be used as it is; the message says what to change.</exception>
    /// <exception cref="JournalUnavailableException">It cannot be reached.</exception>
    public static async Task<PostgresJournal> OpenAsync(
        PostgresJournalOptions options, TimeProvider time, ILogger<PostgresJournal> logger, CancellationToken ct = default)
    {
        options.Check();
        Sessions connections = new(options);
        try
        {
            await using NpgsqlConnection connection = connections.Maintenance();
            await connection.OpenAsync(ct);
            StoredSettings settings = await Setup.RunAsync(connection, options, logger, ct);
            PostgresJournal journal = new(options, time, logger, connections, settings);
            if (journal.rest is not null)
            {
                await journal.rest.StartAsync(ct);
            }

            return journal;
        }
        catch (Exception e)
        {
            await connections.Pool.DisposeAsync();
            await connections.Projection.DisposeAsync();
            if (ServerErrors.IsOutage(e))
            {
                throw ServerErrors.Unavailable(e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lane);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(lane, this.Lanes);
        NpgsqlConnection connection = this.sessions.Writer(lane);
        try
        {
            await connection.OpenAsync(ct);
            await Setup.CheckServerAsync(connection, ct);
            WriterSession session = new(connection, lane, this.Shared, this.time, this.logger);
            WriterIdentity identity = await session.TakeOverAsync(previous, ct);

            // A server that was switched to a copy may have lost rows: what was seen before counts no more, and connections that
            // may still lead to the old one are not read from again.
            this.known.Clear();
            this.sessions.Pool.Clear();
            this.sessions.Projection.Clear();
            PostgresWriter writer = await PostgresWriter.PrepareAsync(
                connection, identity, this.known, new Blockers(identity, this.sessions.Pool, this.time, this.logger), ct);
            lock (this.gate)
            {
                this.writers.RemoveAll(w => w.IsClosed);
                this.writers.Add(writer);
            }

            Log.WriterOpened(this.logger, lane, identity.ProcessId);
            return writer;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (ServerErrors.IsOutage(e))
            {
                throw ServerErrors.Unavailable(e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public Task<long> ReadClockAsync(CancellationToken ct) => this.ReadAsync(
        "SELECT clock_timestamp()",
        static _ => { },
        static async (reader, ct) =>
        {
            await reader.ReadAsync(ct);
            return PgTime.ToNanos(reader.GetFieldValue<long>(0));
        },
        ct);

    /// <inheritdoc/>
    public async Task AskForRestAsync(GrainId grain, CancellationToken ct)
    {
        if (this.rest is not null)
        {
            await this.ReadAsync("SELECT pg_notify($1, $2)", p => this.rest.Write(p, grain), static (_, _) => Task.FromResult(0), ct);
        }
    }

    /// <summary>
    /// The fingerprint of the pepper that this database's keys are proved with: the given one, when none was recorded yet. A host
    /// whose own differs must not start.
    /// </summary>
    /// <param name="fingerprint">This host's.</param>
    /// <param name="ct">Gives up.</param>
    public Task<string> ClaimPepperAsync(string fingerprint, CancellationToken ct) => this.ReadAsync(
        "UPDATE billing.settings SET pepper_fingerprint = COALESCE(pepper_fingerprint, $1) RETURNING pepper_fingerprint",
        p => p.AddWithValue(fingerprint),
        static async (reader, ct) =>
        {
            await reader.ReadAsync(ct);
            return reader.GetString(0);
        },
        ct);

    /// <summary>Makes another pepper the one that this database's keys are proved with.</summary>
    /// <param name="fingerprint">Its fingerprint.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The fingerprint of the one before, or null where there was none.</returns>
    public Task<string?> ReplacePepperAsync(string fingerprint, CancellationToken ct) => this.ReadAsync(
        """
        WITH old AS (SELECT pepper_fingerprint FROM billing.settings), new AS (UPDATE billing.settings SET pepper_fingerprint = $1)
        SELECT pepper_fingerprint FROM old
        """,
        p => p.AddWithValue(fingerprint),
        static async (reader, ct) => await reader.ReadAsync(ct) && !await reader.IsDBNullAsync(0, ct) ? reader.GetString(0) : null,
        ct);

    /// <summary>Ends this host's sessions, writers included. A second time it does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref this.disposed, 1) != 0)
        {
            return;
        }

        if (this.rest is not null)
        {
            await this.rest.DisposeAsync();
        }

        List<PostgresWriter> open;
        lock (this.gate)
        {
            open = [.. this.writers];
            this.writers.Clear();
        }

        foreach (PostgresWriter writer in open)
        {
            await writer.DisposeAsync();
        }

        await this.Heads.DisposeAsync();
        await this.sessions.Pool.DisposeAsync();
        await this.sessions.Projection.DisposeAsync();
        this.UsageProjector.Dispose();
    }

    // A pooled connection may have died in the pool, so a broken one is replaced once. All of these may run twice.
    internal async Task<T> ReadAsync<T>(
        string sql, Action<NpgsqlParameterCollection> bind, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await using NpgsqlConnection connection = await this.sessions.Pool.OpenConnectionAsync(ct);
                await using NpgsqlCommand command = new(sql, connection);
                bind(command.Parameters);
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
                T result = await read(reader, ct);

                // Errors after the last row come with what follows it.
                await reader.CloseAsync();
                return result;
            }
            catch (Exception e) when (ServerErrors.IsOutage(e) && !ct.IsCancellationRequested)
            {
                bool broken = e is not PostgresException error || ServerErrors.EndsSession(error);
                if (!broken || attempt == 2)
                {
                    throw ServerErrors.Unavailable(e);
                }
            }
        }
    }
}
