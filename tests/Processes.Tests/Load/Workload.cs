using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Harness;
using Xunit;

namespace OrleansBilling.Processes.Tests.Load;

/// <summary>Accounts, many clients at work on them, and in the end the proof.</summary>
public sealed class Workload : IAsyncDisposable
{
    /// <summary>The seed of everything that is drawn; PROCESSES_SEED sets another one.</summary>
    public static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("PROCESSES_SEED"), CultureInfo.InvariantCulture, out int seed)
        ? seed
        : 20_260_301;

    private const long Unit = 1_000_000_000;

    private readonly Fleet fleet;
    private readonly List<string> accounts;
    private readonly Dictionary<string, Key> keys = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> work = [];

    private Workload(Fleet fleet, Clients clients, int accounts)
    {
        this.fleet = fleet;
        this.Clients = clients;
        this.accounts = [.. Enumerable.Range(1, accounts).Select(i => string.Create(CultureInfo.InvariantCulture, $"acct-{i}"))];
    }

    /// <summary>What sends and keeps everything.</summary>
    public Clients Clients { get; }

    /// <summary>Opens accounts with a key and some credit each. Every third may go below zero.</summary>
    public static async Task<Workload> PrepareAsync(Fleet fleet, int accounts)
    {
        Workload load = new(fleet, new Clients(fleet.Places, fleet.AdminKey), accounts);
        foreach (string account in load.accounts)
        {
            load.keys.Add(account, await load.OpenAsync(account, creditLimit: load.keys.Count % 3 == 2 ? 5 : 0));
            await load.Clients.AskAsync(Requests.Credit(account, "first-credit", 20 * Unit), 0);
        }

        return load;
    }

    /// <summary>Opens one more account and makes its key.</summary>
    public async Task<Key> OpenAsync(string account, int creditLimit = 0)
    {
        await this.fleet.OpenAccountAsync(account, creditLimit);
        if (!this.accounts.Contains(account))
        {
            this.accounts.Add(account);
        }

        return await this.MakeKeyAsync(account, "first-key", 0);
    }

    /// <summary>Makes a key of an account. One whose secret was lost with the first reply is given up for another.</summary>
    public async Task<Key> MakeKeyAsync(string account, string id, int host)
    {
        while (true)
        {
            Attempt made = await this.Clients.AskAsync(Requests.CreateKey(account, id), host);
            if (made.Json.TryGetProperty("key", out JsonElement whole))
            {
                Key key = new(made.Json.GetProperty("keyId").GetString()!, whole.GetString()!);
                this.Clients.RouteBy(account, key);
                return key;
            }

            id += "-again";
        }
    }

    /// <summary>Puts clients to work on all accounts that are prepared.</summary>
    /// <param name="clients">How many.</param>
    /// <param name="name">Starts their requests' ids.</param>
    /// <param name="route">Which host a request goes to.</param>
    /// <param name="patience">How long they wait before they ask another host too; null to stay with one.</param>
    public void Begin(int clients, string name, Func<Random, int> route, TimeSpan? patience = null)
    {
        string[] shared = [.. this.keys.Keys];
        for (int i = 0; i < clients; i++)
        {
            string own = string.Create(CultureInfo.InvariantCulture, $"{name}{i}");
            Worker worker = new(this.Clients, shared, this.keys, own, HashCode(own), route, patience);
            this.work.Add(Task.Run(() => worker.RunAsync(this.stop.Token)));
        }
    }

    /// <summary>Adds work of a test's own, to be finished before the proof.</summary>
    public void Add(Func<CancellationToken, Task> part) => this.work.Add(Task.Run(() => part(this.stop.Token)));

    /// <summary>Waits until so many more changes are acknowledged.</summary>
    public Task AcknowledgedAsync(long more)
    {
        long until = this.Clients.Acknowledged + more;
        return Waiting.UntilAsync(
            () => Task.FromResult(this.Clients.Acknowledged >= until || this.Failed),
            () => $"{until} acknowledged changes; there are {this.Clients.Acknowledged}. Seed {Seed}.\n{this.fleet.Output}");
    }

    /// <summary>Waits until every account has been served anew: something asked of it from now on is done.</summary>
    public Task ServedAsync()
    {
        long now = Stopwatch.GetTimestamp();
        string[] shared = [.. this.keys.Keys];
        return Waiting.UntilAsync(
            () => Task.FromResult(this.Failed || Array.TrueForAll(shared, a => this.Clients.Served(a, now))),
            () => $"{string.Join(", ", shared.Where(a => !this.Clients.Served(a, now)))} to be served. Seed {Seed}.\n{this.fleet.Output}");
    }

    /// <summary>Lets every client finish what it has begun, and proves all of it.</summary>
    public async Task ProveAsync()
    {
        await this.stop.CancelAsync();
        List<string> wrongs = [];
        foreach (Task part in this.work)
        {
            try
            {
                await Waiting.ForAsync(part, () => "a client to finish what it had begun");
            }
            catch (Exception e)
            {
                // What a client saw is one finding; the proof says the rest.
                wrongs.Add(e.Message);
            }
        }

        await Waiting.ForAsync(this.Clients.FinishAsync(), () => $"the answers to calls that were given up.\n{this.fleet.Output}");

        // Read after all else, so that the last state is held against the rows too.
        foreach (string account in this.accounts)
        {
            await this.Clients.AskAsync(Requests.Read(account), this.Clients.Hosts - 1);
        }

        TestContext.Current.SendDiagnosticMessage(this.Summary());
        List<Row> rows = await JournalReader.ReadAsync(this.fleet.ConnectionString, this.accounts);
        Proof proof = new(this.Clients.Operations, rows);
        wrongs.AddRange(proof.Wrongs);
        wrongs.AddRange(await JournalReader.DifferencesOfViewAsync(this.fleet.ConnectionString, rows));
        foreach ((string account, Key key) in this.keys)
        {
            wrongs.AddRange(await Statement.DifferencesAsync(account, rows.Where(r => r.Grain == $"account/{account}"), c => this.PageAsync(key, c)));
        }

        wrongs.AddRange(await this.fleet.BrokenChainsAsync());
        if (wrongs.Count > 0)
        {
            Assert.Fail($"{wrongs.Count} things are wrong (seed {Seed}):\n{string.Join('\n', wrongs.Take(12))}\n── hosts ──\n{this.fleet.Output}");
        }
    }

    /// <summary>What was asked and answered, counted.</summary>
    public string Summary()
    {
        List<Attempt> attempts = [.. this.Clients.Operations.SelectMany(o => o.Attempts)];
        IEnumerable<string> answers = attempts
            .GroupBy(a => a.Status is 200 or 201 && a.Code is "" ? "done" : a.Status == 0 ? "no answer" : a.Code, StringComparer.Ordinal)
            .OrderByDescending(g => g.Count())
            .Select(g => $"{g.Key} {g.Count()}");
        int replays = attempts.Count(a => a.Verdict == Verdict.Done && a.Json.TryGetProperty("replayed", out _));
        return $"{this.Clients.Acknowledged} changes acknowledged in {attempts.Count} calls: {string.Join(", ", answers)}; {replays} repeats";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.stop.CancelAsync();
        this.Clients.Dispose();
        this.stop.Dispose();
    }

    private async Task<JsonElement> PageAsync(Key key, string? cursor)
    {
        string path = "/v1/transactions?limit=500" + (cursor is null ? "" : $"&cursor={cursor}");
        Attempt answer;
        do
        {
            answer = await this.Clients.AskOutsideAsync(this.Clients.Hosts - 1, HttpMethod.Get, path, key.Whole);
        }
        while (answer.Verdict == Verdict.Unknown);

        return answer.Json;
    }

    private bool Failed => this.work.Exists(w => w.IsFaulted);

    // The framework's own string hash differs from process to process.
    private static int HashCode(string text) => text.Aggregate(Seed, (hash, c) => unchecked((hash * 31) + c)) & int.MaxValue;
}
