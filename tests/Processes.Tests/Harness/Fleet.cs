using System.Net.Http.Headers;
using System.Text;
using OrleansBilling.Testing;
using Xunit;

namespace OrleansBilling.Processes.Tests.Harness;

/// <summary>A private PostgreSQL with an empty journal, and the hosts on it.</summary>
public sealed class Fleet : IAsyncDisposable
{
    private readonly string dataFolder = Directory.CreateTempSubdirectory("ob-host-").FullName;
    private readonly List<HostSlot> hosts = [];

    private Fleet(PostgresServer postgres) => this.Postgres = postgres;

    /// <summary>The server.</summary>
    public PostgresServer Postgres { get; }

    /// <summary>How to reach the journal.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The hosts. The first one reaches the server by its unix socket, the others by its port: that tells their sessions apart.</summary>
    public IReadOnlyList<HostSlot> Hosts => this.hosts;

    /// <summary>The operator's key.</summary>
    public string AdminKey { get; private set; } = "";

    /// <summary>What the hosts wrote, for a failure.</summary>
    public string Output => string.Join("\n══ next host ══\n", this.hosts.Select(h => Tail(h.Output)));

    /// <summary>Starts all.</summary>
    /// <param name="count">How many hosts.</param>
    /// <param name="shared">Whether the hosts are configured for company; by default where there are several.</param>
    public static async Task<Fleet> StartAsync(int count, bool? shared = null)
    {
        Fleet fleet = new(await PostgresServer.StartAsync());
        try
        {
            fleet.ConnectionString = await fleet.Postgres.CreateDatabaseAsync();
            for (int i = 0; i < count; i++)
            {
                await fleet.AddHostAsync(shared ?? count > 1);
            }

            fleet.AdminKey = count == 0 ? "" : await fleet.hosts[0].Host.AdminKeyAsync();
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more host.</summary>
    public async Task<HostSlot> AddHostAsync(bool shared)
    {
        HostSlot slot = this.NewSlot(shared);
        await slot.StartAsync();
        return slot;
    }

    /// <summary>Starts one more host and waits until it ends by itself.</summary>
    public async Task<HostProcess> TryHostAsync(bool shared)
    {
        HostProcess host = HostProcess.Start(this.ConnectionString, this.dataFolder, shared);
        await host.EndAsync(TimeSpan.FromSeconds(30));
        return host;
    }

    /// <summary>Has the journal's chains proven by the program's own verifier; what it found, empty when all is well.</summary>
    public async Task<IReadOnlyList<string>> BrokenChainsAsync()
    {
        await using HostProcess verifier = HostProcess.Start(this.ConnectionString, this.dataFolder, shared: true, "verify");
        await verifier.EndAsync(TimeSpan.FromSeconds(60));
        return verifier.ExitCode == 0 ? [] : [$"./dev verify ended with {verifier.ExitCode}: {verifier.Output}"];
    }

    /// <summary>Ends sessions of the first host.</summary>
    /// <param name="filter">Which of them, in terms of pg_stat_activity.</param>
    public Task CutFirstHostAsync(string filter) => PostgresServer.ExecuteAsync(
        this.ConnectionString,
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND client_addr IS NULL AND pid <> pg_backend_pid() AND {filter}");

    /// <summary>Grains that a host which stopped in good order would have to read many rows of again: their snapshots are missing or old.</summary>
    public Task<string> WithoutSnapshotAsync() => PostgresServer.ScalarAsync<string>(
        this.ConnectionString,
        """
        SELECT COALESCE(string_agg(j.grain, ', '), '')
        FROM (SELECT grain, max(seq) AS seq FROM billing.journal GROUP BY grain) AS j
        LEFT JOIN billing.snapshots AS s USING (grain)
        WHERE j.seq - COALESCE(s.seq, 0) >= 64
        """);

    /// <summary>Has the program do one thing, and waits until it has ended.</summary>
    /// <param name="command">What it is told to do.</param>
    public async Task<HostProcess> DoAsync(params string[] command)
    {
        HostProcess host = HostProcess.Start(this.ConnectionString, this.dataFolder, shared: false, command);
        await host.EndAsync(TimeSpan.FromSeconds(30));
        return host;
    }

    /// <summary>Opens an account through the first host.</summary>
    public async Task OpenAccountAsync(string account, int creditLimit)
    {
        using HttpClient http = new() { BaseAddress = await this.hosts[0].AddressAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", this.AdminKey);
        using StringContent body = new(
            $$"""{"requestId":"open","id":"{{account}}","currency":"EUR","zone":"Europe/Berlin","creditLimit":{{creditLimit}}}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(new Uri("/admin/accounts", UriKind.Relative), body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (HostSlot host in this.hosts)
        {
            await host.DisposeAsync();
        }

        await this.Postgres.DisposeAsync();
        Directory.Delete(this.dataFolder, recursive: true);
    }

    private HostSlot NewSlot(bool shared)
    {
        string database = new Npgsql.NpgsqlConnectionStringBuilder(this.ConnectionString).Database!;
        string reach = this.hosts.Count == 0 ? this.Postgres.SocketConnectionString(database) : this.ConnectionString;
        HostSlot slot = new(reach, this.dataFolder, shared);
        this.hosts.Add(slot);
        return slot;
    }

    private static string Tail(string text) => text.Length <= 6_000 ? text : "…" + text[^6_000..];
}
