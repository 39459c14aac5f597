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

    private BenchPostgres(PostgresServer server) => this.server = server;

    /// <summary>Settings of the server, the same for all that is measured.</summary>
    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["shared_buffers"] = "1GB",
        ["max_wal_size"] = "8GB",
        ["min_wal_size"] = "2GB",
        ["checkpoint_timeout"] = "15min",
        ["max_connections"] = "400",
    };

    /// <summary>How Npgsql reaches a database.</summary>
    /// <param name="database">Its name.</param>
    public string ConnectionString(string database) => this.server.SocketConnectionString(database);

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
    /// <param name="options">Experiments named <c>pg.SETTING</c> change settings.</param>
    public static async Task<BenchPostgres> StartAsync(Options options)
    {
        Dictionary<string, string> settings = new(Settings, StringComparer.Ordinal);
        foreach ((string name, string value) in options.Experiments.Where(e => e.Key.StartsWith("pg.", StringComparison.Ordinal)))
        {
            settings[name[3..]] = value;
        }

        return new BenchPostgres(await PostgresServer.StartAsync(settings));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => this.server.DisposeAsync();
}
