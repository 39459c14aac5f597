using Npgsql;
using OrleansBilling.Testing;

namespace OrleansBilling.Bench.Servers;

/// <summary>
/// A private PostgreSQL on a unix socket, durable (<c>fsync</c>, <c>full_page_writes</c>, <c>synchronous_commit</c> on), the
/// same for the engine and for every rival.
/// </summary>
internal sealed class BenchPostgres : IAsyncDisposable
{
    private readonly PostgresServer server;
    private readonly bool overTcp;

    private BenchPostgres(PostgresServer server, bool overTcp)
    {
        this.server = server;
        this.overTcp = overTcp;
    }

    /// <summary>Settings of the server, the same for all that is measured.</summary>
    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["shared_buffers"] = "1GB",
        ["max_wal_size"] = "32GB",
        ["min_wal_size"] = "16GB",
        ["checkpoint_timeout"] = "1h",
        ["max_connections"] = "400",
    };

    /// <summary>How Npgsql reaches a database.</summary>
    /// <param name="database">Its name.</param>
    public string ConnectionString(string database) =>
        this.overTcp ? this.server.ConnectionString(database) : this.server.SocketConnectionString(database);

    /// <summary>Makes a database.</summary>
    /// <param name="name">Its name, fixed here.</param>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await this.ExecuteAsync($"CREATE DATABASE {name}");
        return this.ConnectionString(name);
    }

    /// <summary>Runs a statement outside any of the measured databases.</summary>
    /// <param name="sql">The statement.</param>
    public Task ExecuteAsync(string sql) => PostgresServer.ExecuteAsync(this.ConnectionString("postgres"), sql);

    /// <summary>The arguments that make pgbench and psql find a database.</summary>
    /// <param name="database">Its name.</param>
    public string[] ClientArguments(string database)
    {
        NpgsqlConnectionStringBuilder connection = new(this.ConnectionString(database));
        return ["-h", connection.Host!, "-p", $"{connection.Port}", "-U", connection.Username!, database];
    }

    /// <summary>Makes a cluster and starts it.</summary>
    /// <param name="options">Experiments named <c>pg.SETTING</c> change settings; <c>tcp</c> has all but Redis come over the loopback address.</param>
    public static async Task<BenchPostgres> StartAsync(Options options)
    {
        Dictionary<string, string> settings = new(Settings, StringComparer.Ordinal);
        foreach ((string name, string value) in options.Experiments.Where(e => e.Key.StartsWith("pg.", StringComparison.Ordinal)))
        {
            settings[name[3..]] = value;
        }

        BenchPostgres postgres = new(await PostgresServer.StartAsync(settings), options.Experiment("tcp") is not null);
        if (options.Experiment(Kills.KillsExperiment.Name) is null && options.Experiment(Keys.KeysExperiment.Name) is null)
        {
            await postgres.FillLogAsync(options);
        }

        return postgres;
    }

    // A server that has run for a while writes its log over old segments. A fresh one makes each new, which stops all commits for
    // 20 to 60 ms per 16 MB here, several times a second: so as many as the run may need are written first, and recycled.
    private async Task FillLogAsync(Options options)
    {
        const int MegabytesPerSecond = 50;
        const int RowsOnServer = 12;
        double megabytes = (options.Quick ? 0 : 300) + (options.Rounds * options.Duration.TotalSeconds * RowsOnServer * MegabytesPerSecond);
        int messages = (int)Math.Min(megabytes, 12_000);

        // On a slow disk it takes longer than a command may, as a rule.
        string patient = new NpgsqlConnectionStringBuilder(this.ConnectionString("postgres")) { CommandTimeout = 0 }.ConnectionString;
        await PostgresServer.ExecuteAsync(patient, $"SELECT count(pg_logical_emit_message(false, '', repeat('x', 1000000))) FROM generate_series(1, {messages})");
        await PostgresServer.ExecuteAsync(patient, "CHECKPOINT");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => this.server.DisposeAsync();
}
