using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace OrleansBilling.Testing;

/// <summary>
/// A private PostgreSQL for one test project: durable as in production, on a unix socket and a free loopback port that stay the
/// same over restarts. It ends with this process, however that ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres";

    // A guard against waiting for ever, for the server's last checkpoint or for a statement of a test: a busy disk takes its time.
    private const int PatienceSeconds = 300;

    // Reads until this process is gone or lets go, then ends the server at once; nothing has to be polled. The folder goes with
    // it when this process cannot remove it itself.
    private const string Guard = """
        "$@" </dev/null &
        server=$!
        trap 'kill -QUIT $server 2>/dev/null' TERM INT
        read -r word
        if [ "$word" != ended ]; then kill -QUIT $server; fi
        wait $server
        if [ -z "$word" ]; then rm -rf "$GUARDED"; fi
        """;

    /// <summary>Where PostgreSQL's programs are.</summary>
    public static string BinFolder { get; } = FindBin();

    private readonly string folder;
    private readonly int port;
    private readonly Dictionary<string, string> settings;
    private Process? guard;
    private Task reading = Task.CompletedTask;
    private int databases;

    private PostgresServer(string folder, int port, IReadOnlyDictionary<string, string>? settings)
    {
        this.folder = folder;
        this.port = port;
        this.settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = folder,
            ["fsync"] = "on",
            ["full_page_writes"] = "on",
            ["synchronous_commit"] = "on",
            ["max_connections"] = "200",
            ["max_wal_size"] = "2GB",
        };
        foreach ((string name, string value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            this.settings[name] = value;
        }
    }

    private string Data => Path.Combine(this.folder, "data");

    /// <summary>Makes a cluster and starts it.</summary>
    /// <param name="settings">Server settings other than the usual ones.</param>
    public static async Task<PostgresServer> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        // Short, because a socket's path has at most 107 bytes.
        string home = Directory.CreateTempSubdirectory("ob-pg-").FullName;
        if (IsRoot)
        {
            await RunAsync("chown", User, home);
        }

        PostgresServer server = new(home, Ports.Free(), settings);
        try
        {
            await RunAsync(
                [.. AsServerUser, Path.Combine(BinFolder, "initdb"), "-D", server.Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]);
            await server.WriteSettingsAsync();
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>How Npgsql reaches a database, over the loopback address.</summary>
    /// <param name="database">Its name.</param>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = this.port,
        Username = User,
        Database = database,
    }.ConnectionString;

    /// <summary>How Npgsql reaches a database, over the unix socket.</summary>
    /// <param name="database">Its name.</param>
    public string SocketConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = this.folder,
        Port = this.port,
        Username = User,
        Database = database,
    }.ConnectionString;

    /// <summary>Makes an empty database for one test, and says how to reach it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref this.databases)}");
        await ExecuteAsync(this.ConnectionString("postgres"), $"CREATE DATABASE {name}");
        return this.ConnectionString(name);
    }

    /// <summary>Runs a statement on a session of its own.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="sql">The statement.</param>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(connectionString);
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Asks for one value on a session of its own.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="sql">The query.</param>
    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        await using NpgsqlConnection connection = await OpenAsync(connectionString);
        await using NpgsqlCommand command = new(sql, connection);
        return (T)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException($"No value: {sql}"));
    }

    /// <summary>Kills the server as a power cut would, but for what the kernel has: no checkpoint, no goodbye.</summary>
    public Task KillAsync() => this.EndAsync("immediate");

    /// <summary>Stops the server, ending its sessions.</summary>
    public Task StopAsync() => this.EndAsync("fast");

    /// <summary>Stops the server and starts it again.</summary>
    public async Task RestartAsync()
    {
        await this.StopAsync();
        await this.StartAgainAsync();
    }

    /// <summary>Stops the server and starts it again as a standby: it answers reads, and takes no writes.</summary>
    public async Task RestartAsStandbyAsync()
    {
        await this.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(this.Data, "standby.signal"), "");
        await this.StartAgainAsync();
    }

    /// <summary>Starts the server after it was killed or stopped, and waits until it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        ProcessStartInfo start = new("/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = this.folder,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["GUARDED"] = this.folder;
        foreach (string argument in new[] { "-c", Guard, "sh" }.Concat(AsServerUser).Append(Path.Combine(BinFolder, "postgres")).Concat(["-D", this.Data]))
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        this.guard = process;
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        this.reading = ReadLogAsync(process, ready);
        try
        {
            await ready.Task;
        }
        catch
        {
            this.guard = null;
            await process.StandardInput.WriteLineAsync("ended");
            process.StandardInput.Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (this.guard is not null)
        {
            await this.KillAsync();
        }

        Directory.Delete(this.folder, recursive: true);
    }

    private static bool IsRoot => string.Equals(Environment.UserName, "root", StringComparison.Ordinal);

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        NpgsqlConnection connection = new(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = PatienceSeconds, CommandTimeout = PatienceSeconds }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    // PostgreSQL refuses to run as root.
    private static string[] AsServerUser => IsRoot ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--init-groups", "--"] : [];

    // In the file, not on the command line, so that a test may change them by ALTER SYSTEM.
    private Task WriteSettingsAsync() => File.AppendAllLinesAsync(
        Path.Combine(this.Data, "postgresql.conf"),
        this.settings.Select(s => $"{s.Key} = '{s.Value.Replace("'", "''", StringComparison.Ordinal)}'"));

    private async Task EndAsync(string mode)
    {
        Process process = this.guard ?? throw new InvalidOperationException("The server is not running.");
        this.guard = null;
        await RunAsync([.. AsServerUser, Path.Combine(BinFolder, "pg_ctl"), "stop", "-D", this.Data, "-m", mode, "-w", "-t", PatienceSeconds.ToString(CultureInfo.InvariantCulture), "-s"]);
        await process.StandardInput.WriteLineAsync("ended");
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        await this.reading;
        process.Dispose();
        NpgsqlConnection.ClearAllPools();
    }

    // The log tells when the server is ready, or why it will never be.
    private static async Task ReadLogAsync(Process process, TaskCompletionSource ready)
    {
        Queue<string> last = new();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            last.Enqueue(line);
            if (last.Count > 20)
            {
                last.Dequeue();
            }

            if (line.Contains("database system is ready to accept ", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
            else if (line.Contains("FATAL:", StringComparison.Ordinal) && line.Contains("could not", StringComparison.Ordinal) && !ready.Task.IsCompleted)
            {
                ready.TrySetException(new InvalidOperationException($"PostgreSQL did not start:\n{string.Join('\n', last)}"));
            }
        }

        ready.TrySetException(new InvalidOperationException($"PostgreSQL did not start:\n{string.Join('\n', last)}"));
    }

    private static async Task RunAsync(params string[] command)
    {
        ProcessStartInfo start = new(command[0]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        foreach (string argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command[0]} ended with code {process.ExitCode}: {errors}");
        }
    }

    private static string FindBin()
    {
        IEnumerable<string> installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : 0)
                .Select(d => Path.Combine(d, "bin"))
            : [];
        IEnumerable<string> path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return installed.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            ?? throw new InvalidOperationException("PostgreSQL is needed and not installed: apt-get install postgresql.");
    }
}
