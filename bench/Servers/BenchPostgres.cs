using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace OrleansBilling.Bench.Servers;

/// <summary>
/// A private PostgreSQL on a unix socket, durable (<c>fsync</c>, <c>full_page_writes</c>, <c>synchronous_commit</c> on), the
/// same for the engine and for every rival. Run as an unprivileged user where this process is root.
/// </summary>
internal sealed partial class BenchPostgres : IAsyncDisposable
{
    private readonly ChildProcess server;

    private BenchPostgres(ChildProcess server, string folder)
    {
        this.server = server;
        this.SocketFolder = folder;
    }

    /// <summary>Settings of the server, the same for all that is measured.</summary>
    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["fsync"] = "on",
        ["full_page_writes"] = "on",
        ["synchronous_commit"] = "on",
        ["shared_buffers"] = "1GB",
        ["max_wal_size"] = "8GB",
        ["min_wal_size"] = "2GB",
        ["checkpoint_timeout"] = "15min",
        ["max_connections"] = "400",
        ["listen_addresses"] = "",
    };

    /// <summary>The folder that programs take as the host's name.</summary>
    public string SocketFolder { get; }

    /// <summary>The role that owns everything.</summary>
    public const string User = "postgres";

    /// <summary>Where PostgreSQL's programs are.</summary>
    public static string BinFolder { get; } = FindBin();

    /// <summary>How Npgsql reaches a database.</summary>
    /// <param name="database">Its name.</param>
    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder { Host = this.SocketFolder, Username = User, Database = database, MaxPoolSize = 350 }.ConnectionString;

    /// <summary>Makes a database.</summary>
    /// <param name="name">Its name, fixed here.</param>
    public async Task<string> CreateDatabaseAsync(string name)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(this.ConnectionString("postgres"));
        await using NpgsqlCommand create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return this.ConnectionString(name);
    }

    /// <summary>Makes a cluster in a folder and starts it.</summary>
    /// <param name="folder">An empty folder, or none.</param>
    /// <param name="options">Experiments named <c>pg.SETTING</c> change settings.</param>
    public static async Task<BenchPostgres> StartAsync(string folder, Options options)
    {
        Directory.CreateDirectory(folder);
        string[] asUser = [];
        if (GetEffectiveUserId() == 0)
        {
            await ChildProcess.RunAsync("chown", "postgres", folder);
            asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"];
        }

        string data = Path.Combine(folder, "data");
        await ChildProcess.RunAsync([.. asUser, Path.Combine(BinFolder, "initdb"), "-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        Dictionary<string, string> settings = new(Settings, StringComparer.Ordinal) { ["unix_socket_directories"] = folder };
        foreach ((string name, string value) in options.Experiments.Where(e => e.Key.StartsWith("pg.", StringComparison.Ordinal)))
        {
            settings[name[3..]] = value;
        }

        ChildProcess started = ChildProcess.Start(
            ChildProcess.Interrupt,
            null,
            [.. asUser, Path.Combine(BinFolder, "postgres"), "-D", data, .. settings.SelectMany(s => new[] { "-c", $"{s.Key}={s.Value}" })]);
        BenchPostgres postgres = new(started, folder);
        try
        {
            await using NpgsqlDataSource source = NpgsqlDataSource.Create(postgres.ConnectionString("postgres"));
            await started.WaitForAsync("PostgreSQL", async () =>
            {
                await using NpgsqlCommand ask = source.CreateCommand("SELECT 1");
                return await ask.ExecuteScalarAsync() is 1;
            });
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => this.server.DisposeAsync();

    private static string FindBin()
    {
        IEnumerable<string> installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : 0)
                .Select(d => Path.Combine(d, "bin"))
            : [];
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return installed.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            ?? throw new BenchException("PostgreSQL is not installed: apt-get install postgresql.");
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
