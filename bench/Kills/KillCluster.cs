using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansBilling.Bench.Http;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Kills;

/// <summary>Three hosts, or three silos and two front ends, behind HAProxy as deployed, on the bench's PostgreSQL.</summary>
internal sealed partial class KillCluster : IAsyncDisposable
{
    private readonly BenchContext bench;
    private readonly Member[] silos;
    private readonly Member[] hosts;
    private readonly string folder;
    private readonly string database;
    private readonly Uri address = new($"http://127.0.0.1:{FreePort.Take()}");
    private readonly string adminSocket;
    private ChildProcess? proxy;

    private KillCluster(BenchContext bench, string database, bool hasSilos)
    {
        this.bench = bench;
        this.database = database;
        this.folder = Directory.CreateTempSubdirectory("ob-kill-").FullName;
        this.adminSocket = Path.Combine(this.folder, "haproxy.sock");
        this.silos = [.. Enumerable.Range(0, hasSilos ? 3 : 0).Select(_ => new Member(FreePort.Take(), FreePort.Take(), FreePort.Take()))];
        this.hosts = [.. Enumerable.Range(0, hasSilos ? 2 : 3).Select(_ => new Member(FreePort.Take(), 0, 0))];
        this.Client = new HttpClient { BaseAddress = this.address, Timeout = TimeSpan.FromSeconds(100) };
    }

    /// <summary>Asks through HAProxy.</summary>
    public HttpClient Client { get; }

    /// <summary>The operator's key.</summary>
    public string AdminKey { get; private set; } = "";

    /// <summary>The processes that have accounts in memory.</summary>
    public IReadOnlyList<Member> Owners => this.silos.Length > 0 ? this.silos : this.hosts;

    /// <summary>All processes, in the order in which they are restarted.</summary>
    public IEnumerable<Member> All => this.silos.Concat(this.hosts);

    /// <summary>Starts one.</summary>
    public static async Task<KillCluster> StartAsync(BenchContext bench, bool hasSilos)
    {
        BenchPostgres postgres = await bench.Postgres;
        KillCluster cluster = new(bench, await postgres.CreateDatabaseAsync(hasSilos ? "kill_silos" : "kill_nodes"), hasSilos);
        try
        {
            foreach (Member member in cluster.All)
            {
                await cluster.StartAsync(member);
            }

            cluster.AdminKey = AdminKeyForm().Match(cluster.hosts[0].Process!.Output).Value;
            await cluster.StartProxyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a process and waits until it is ready, and led to by HAProxy.</summary>
    public async Task StartAsync(Member member)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["Urls"] = member.Url.ToString(),
            ["Billing__ConnectionString"] = this.database,
            ["Billing__DataFolder"] = this.folder,
            ["Billing__Shared"] = "true",
        };
        bool isSilo = this.silos.Contains(member);
        if (isSilo)
        {
            environment["Cluster__SiloPort"] = Text(member.SiloPort);
            environment["Cluster__GatewayPort"] = Text(member.GatewayPort);
        }
        else if (this.silos.Length > 0)
        {
            environment["Billing__Engine"] = "orleans";
        }

        member.Process = ChildProcess.Start(ChildProcess.Terminate, environment, "dotnet", Program(isSilo ? "Silo" : "ApiHost")!);
        await member.Process.WaitForAsync("a host to be ready", () => this.IsReadyAsync(member));
        if (this.proxy is not null && !isSilo)
        {
            await this.SetAsync(member, "ready");
            await this.proxy.WaitForAsync("HAProxy to lead to a host", async () => (await this.StatAsync(member, "by_account")).Status == "UP");
        }
    }

    /// <summary>Ends a process as an operator does: nothing new is sent to it, and it finishes what it has.</summary>
    public async Task FinishAsync(Member member)
    {
        if (this.hosts.Contains(member))
        {
            await this.SetAsync(member, "drain");
        }

        member.Process!.Send(ChildProcess.Terminate);
        await member.Process.EndAsync();
    }

    /// <summary>Lets a process that stood still do its share again; a silo that was given up meanwhile ends, and is started anew.</summary>
    public async Task ThawAsync(Member member)
    {
        member.Process!.Send(ChildProcess.Continue);
        if (this.silos.Length > 0)
        {
            await member.Process.EndAsync();
            await this.StartAsync(member);
        }
        else
        {
            await this.proxy!.WaitForAsync("HAProxy to lead to a host", async () => (await this.StatAsync(member, "by_account")).Status == "UP");
        }
    }

    /// <summary>Has an account put out of memory, so that it is placed anew.</summary>
    public async Task PutAwayAsync(string account)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"/admin/grains/account/{account}/deactivate", UriKind.Relative))
        {
            Content = new StringContent("""{"reason":"spread"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-API-Key", this.AdminKey);
        using HttpResponseMessage reply = await this.Client.SendAsync(request);
        if (!reply.IsSuccessStatusCode)
        {
            throw new BenchException($"{request.RequestUri} was answered {(int)reply.StatusCode}: {await reply.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>The process that has an account in memory.</summary>
    /// <param name="account">The account.</param>
    /// <param name="ask">Makes a call for it.</param>
    public async Task<Member> OwnerAsync(string account, Func<Task> ask)
    {
        if (this.silos.Length > 0)
        {
            await ask();
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri($"/admin/grains/account/{account}", UriKind.Relative));
            request.Headers.Add("X-API-Key", this.AdminKey);
            using HttpResponseMessage reply = await this.Client.SendAsync(request);
            using JsonDocument json = JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
            string name = json.RootElement.TryGetProperty("silo", out JsonElement silo)
                ? silo.GetString()!
                : throw new BenchException($"/admin/grains does not say where {account} lives: {json.RootElement}");
            return this.silos.Single(s => name == $"silo-{Text(s.SiloPort)}");
        }

        // The host whose count of sessions grows by the call.
        long[] before = await Task.WhenAll(this.hosts.Select(async h => (await this.StatAsync(h, "by_account")).Sessions));
        await ask();
        long[] after = await Task.WhenAll(this.hosts.Select(async h => (await this.StatAsync(h, "by_account")).Sessions));
        return this.hosts[Enumerable.Range(0, this.hosts.Length).Single(i => after[i] > before[i])];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        this.Client.Dispose();
        if (this.proxy is not null)
        {
            await this.proxy.DisposeAsync();
        }

        foreach (ChildProcess process in this.All.Select(m => m.Process).OfType<ChildProcess>())
        {
            process.Send(ChildProcess.Continue);
            process.Send(ChildProcess.KillSignal);
            await process.DisposeAsync();
        }

        Directory.Delete(this.folder, recursive: true);
    }

    /// <summary>Where a program is, or null where this was built without it.</summary>
    public static string? Program(string name) =>
        typeof(KillCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(a => a.Key == name)?.Value;

    private async Task StartProxyAsync()
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["LISTEN"] = this.address.Authority, ["ADMIN_SOCKET"] = this.adminSocket };
        for (int i = 0; i < 3; i++)
        {
            environment[$"NODE{i + 1}"] = i < this.hosts.Length ? this.hosts[i].Url.Authority : $"127.0.0.1:{Text(FreePort.Take())}";
        }

        string configuration = this.bench.Options.Experiment("haproxy") ?? Program("HAProxy")!;
        this.proxy = ChildProcess.Start(ChildProcess.Terminate, environment, "haproxy", "-q", "-db", "-f", configuration);
        await this.proxy.WaitForAsync("HAProxy to lead to all hosts", async () =>
            (await Task.WhenAll(this.hosts.Select(h => this.StatAsync(h, "by_account")))).All(s => s.Status == "UP"));
    }

    private async Task<bool> IsReadyAsync(Member member)
    {
        using HttpClient client = new();
        using HttpResponseMessage reply = await client.GetAsync(new Uri(member.Url, "/health/ready"));
        return reply.IsSuccessStatusCode;
    }

    private Task<string> SetAsync(Member host, string state)
    {
        string name = this.NameOf(host);

        // A host that ends is not to be found down: HAProxy would cut off what it is finishing.
        string checks = state == "drain" ? "disable" : "enable";
        return this.TellAsync($"{checks} health by_account/{name}; set server by_account/{name} state {state}; set server anywhere/{name} state {state}");
    }

    // HAProxy's statistics as CSV: the 8th column is the sessions so far, the 18th the state.
    private async Task<(long Sessions, string Status)> StatAsync(Member host, string backend)
    {
        string start = $"{backend},{this.NameOf(host)},";
        string[] columns = (await this.TellAsync("show stat")).Split('\n').First(l => l.StartsWith(start, StringComparison.Ordinal)).Split(',');
        return (long.Parse(columns[7], NumberStyles.None, CultureInfo.InvariantCulture), columns[17]);
    }

    private string NameOf(Member host) => "node" + Text(Array.IndexOf(this.hosts, host) + 1);

    private async Task<string> TellAsync(string command)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(this.adminSocket));
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"));
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("sk_admin_[A-Za-z0-9_]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AdminKeyForm();
}

/// <summary>One process of a cluster.</summary>
/// <param name="port">Where it listens.</param>
/// <param name="siloPort">Where other silos reach it; 0 for a host.</param>
/// <param name="gatewayPort">Where front ends reach it; 0 for a host.</param>
internal sealed class Member(int port, int siloPort, int gatewayPort)
{
    public Uri Url { get; } = new($"http://127.0.0.1:{port}");

    public int SiloPort => siloPort;

    public int GatewayPort => gatewayPort;

    /// <summary>The process that runs, or ran last.</summary>
    public ChildProcess? Process { get; set; }
}
