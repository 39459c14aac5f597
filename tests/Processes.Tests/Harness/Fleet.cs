using System.Net;
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
    private readonly List<HostSlot> silos = [];

    private Fleet(PostgresServer postgres) => this.Postgres = postgres;

    /// <summary>The server.</summary>
    public PostgresServer Postgres { get; }

    /// <summary>How to reach the journal.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The hosts. The first one reaches the server by its unix socket, the others by its port: that tells their sessions apart.</summary>
    public IReadOnlyList<HostSlot> Hosts => this.hosts;

    /// <summary>The silos that the hosts ask; none where the hosts have the grains themselves.</summary>
    public IReadOnlyList<HostSlot> Silos => this.silos;

    /// <summary>The processes that have the grains in memory.</summary>
    public IReadOnlyList<HostSlot> Owners => this.silos.Count > 0 ? this.silos : this.hosts;

    /// <summary>HAProxy, where the hosts are behind one.</summary>
    public Proxy? Proxy { get; private set; }

    /// <summary>Where clients send requests.</summary>
    public IReadOnlyList<IPlace> Places => this.Proxy is null ? this.hosts : [this.Proxy];

    /// <summary>The operator's key.</summary>
    public string AdminKey { get; private set; } = "";

    /// <summary>What the hosts wrote, for a failure.</summary>
    public string Output => string.Join("\n══ next host ══\n", this.silos.Concat(this.hosts).Select(h => Tail(h.Output)));

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

    /// <summary>Starts hosts behind HAProxy, as deployed.</summary>
    /// <param name="hosts">How many; at most three.</param>
    /// <param name="silos">How many silos they ask; 0 where the hosts have the grains themselves.</param>
    public static async Task<Fleet> StartBehindProxyAsync(int hosts, int silos = 0)
    {
        Fleet fleet = new(await PostgresServer.StartAsync());
        try
        {
            fleet.ConnectionString = await fleet.Postgres.CreateDatabaseAsync();
            HostSettings shared = new(fleet.ConnectionString, fleet.dataFolder, Shared: true);
            fleet.silos.AddRange(Enumerable.Range(0, silos).Select(_ => new HostSlot(shared with { Port = Ports.Free(), SiloPorts = (Ports.Free(), Ports.Free()) })));
            int[] ports = [.. Enumerable.Range(0, hosts).Select(_ => Ports.Free())];
            fleet.hosts.AddRange(ports.Select(p => new HostSlot(shared with { Port = p, AsksSilos = silos > 0 })));
            await StartAsync(fleet.silos);
            await StartAsync(fleet.hosts);
            fleet.AdminKey = await fleet.hosts[0].Host.AdminKeyAsync();
            fleet.Proxy = await Proxy.StartAsync(fleet.dataFolder, ports);
            for (int i = 0; i < hosts; i++)
            {
                await fleet.Proxy.UpAsync(i);
            }

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

    /// <summary>
    /// Completes when a process that was killed and started, or that stood still, does its share again. A silo that stood still
    /// for so long that others took its grains ends by itself, and is started again as a supervisor would.
    /// </summary>
    /// <param name="slot">The process.</param>
    public async Task ReturnAsync(HostSlot slot)
    {
        if (this.hosts.IndexOf(slot) is >= 0 and int host)
        {
            await this.Proxy!.UpAsync(host);
        }
        else if (!await Waiting.IsOkAsync(new Uri(await slot.AddressAsync(), "/health/ready")))
        {
            await slot.Host.EndAsync();
            await slot.StartAsync();
        }
    }

    /// <summary>Restarts a process as an operator does: sent nothing new, finished what it has, ended, started, sent requests again.</summary>
    /// <param name="slot">The process.</param>
    public async Task RestartAsync(HostSlot slot)
    {
        int host = this.hosts.IndexOf(slot);
        if (host >= 0)
        {
            await this.Proxy!.DrainAsync(host);
        }

        slot.Host.Terminate();
        await slot.Host.EndAsync();
        Assert.True(slot.Host.ExitCode == 0, $"It ended with code {slot.Host.ExitCode}:\n{slot.Host.Output}");
        await slot.StartAsync();
        if (host >= 0)
        {
            await this.Proxy!.TakeBackAsync(host);
            await this.Proxy.UpAsync(host);
        }
    }

    /// <summary>Starts one more host and waits until it ends by itself.</summary>
    public async Task<HostProcess> TryHostAsync(bool shared)
    {
        HostProcess host = HostProcess.Start(new HostSettings(this.ConnectionString, this.dataFolder, shared));
        await host.EndAsync();
        return host;
    }

    /// <summary>Has the journal's chains proven by the program's own verifier; what it found, empty when all is well.</summary>
    public async Task<IReadOnlyList<string>> BrokenChainsAsync()
    {
        await using HostProcess verifier = HostProcess.Start(new HostSettings(this.ConnectionString, this.dataFolder, Shared: true), "verify");
        await verifier.EndAsync();
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
        HostProcess host = HostProcess.Start(new HostSettings(this.ConnectionString, this.dataFolder, Shared: false), command);
        await host.EndAsync();
        return host;
    }

    /// <summary>Opens an account through the first host.</summary>
    public async Task OpenAccountAsync(string account, int creditLimit)
    {
        using HttpClient http = new() { BaseAddress = await this.hosts[0].AddressAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", this.AdminKey);
        using StringContent body = new(
            $$"""{"requestId":"open","id":"{{account}}","currency":"EUR","zone":"Europe/Berlin","creditLimit":{{creditLimit}}}""", Encoding.UTF8, "application/json");
        string answered = "";
        await Waiting.UntilAsync(
            async () =>
            {
                // Under its id, until it is decided.
                using HttpResponseMessage answer = await http.PostAsync(new Uri("/admin/accounts", UriKind.Relative), body);
                answered = await answer.Content.ReadAsStringAsync();
                return answer.IsSuccessStatusCode || (answer.StatusCode != HttpStatusCode.ServiceUnavailable ? throw new InvalidOperationException(answered) : false);
            },
            () => $"account {account} to be opened: {answered}\n{this.Output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (this.Proxy is not null)
        {
            await this.Proxy.DisposeAsync();
        }

        foreach (HostSlot host in this.hosts.Concat(this.silos))
        {
            await host.DisposeAsync();
        }

        await this.Postgres.DisposeAsync();
        Directory.Delete(this.dataFolder, recursive: true);
    }

    // The first one makes the schemas.
    private static async Task StartAsync(IReadOnlyList<HostSlot> slots)
    {
        foreach (HostSlot first in slots.Take(1))
        {
            await first.StartAsync();
        }

        await Task.WhenAll(slots.Skip(1).Select(s => s.StartAsync()));
    }

    private HostSlot NewSlot(bool shared)
    {
        string database = new Npgsql.NpgsqlConnectionStringBuilder(this.ConnectionString).Database!;
        string reach = this.hosts.Count == 0 ? this.Postgres.SocketConnectionString(database) : this.ConnectionString;
        HostSlot slot = new(new HostSettings(reach, this.dataFolder, shared));
        this.hosts.Add(slot);
        return slot;
    }

    private static string Tail(string text) => text.Length <= 6_000 ? text : "…" + text[^6_000..];
}
