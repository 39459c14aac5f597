using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Harness;

namespace OrleansBilling.Processes.Tests.Load;

/// <summary>Sends operations to hosts, again under the same id until one answers, and keeps everything.</summary>
/// <param name="hosts">The hosts, or HAProxy before them; an operation goes to any.</param>
/// <param name="adminKey">The operator's key.</param>
public sealed class Clients(IReadOnlyList<IPlace> hosts, string adminKey) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly ConcurrentQueue<Operation> operations = new();
    private readonly ConcurrentDictionary<Task, Operation> running = new();
    private readonly long[] answered = new long[hosts.Count];
    private readonly long[] unable = new long[hosts.Count];
    private readonly ConcurrentDictionary<string, string> routes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> served = new(StringComparer.Ordinal);
    private long acknowledged;

    /// <summary>How many hosts there are.</summary>
    public int Hosts => hosts.Count;

    /// <summary>Changes that were acknowledged, each counted once.</summary>
    public long Acknowledged => Interlocked.Read(ref this.acknowledged);

    /// <summary>Calls of each host that ended with an answer that tells.</summary>
    public IReadOnlyList<long> Answered => this.answered;

    /// <summary>Calls of each host that ended with an answer that nobody knows, or nothing was decided.</summary>
    public IReadOnlyList<long> Unable => this.unable;

    /// <summary>Whether something that was asked of an account's owner after a moment has been done.</summary>
    /// <param name="account">The account.</param>
    /// <param name="after">The moment, by <see cref="Stopwatch.GetTimestamp"/>.</param>
    public bool Served(string account, long after) => this.served.TryGetValue(account, out long last) && last > after;

    /// <summary>Everything that was asked for.</summary>
    public IReadOnlyCollection<Operation> Operations => this.operations;

    /// <summary>Called with every answer that tells.</summary>
    public Action<Attempt>? OnAnswer { get; set; }

    /// <summary>Has requests about an account say its route, by which HAProxy finds its host.</summary>
    /// <param name="account">The account.</param>
    /// <param name="key">One of its keys.</param>
    public void RouteBy(string account, Key key) => this.routes[account] = key.Id[..6];

    /// <summary>Asks until one host answers; the first host is the one given.</summary>
    /// <param name="operation">What to ask.</param>
    /// <param name="host">Which host to ask first.</param>
    /// <param name="patience">How long an answer is waited for before the other host is asked too; null to stay with the first, however long.</param>
    public async Task<Attempt> AskAsync(Operation operation, int host, TimeSpan? patience = null)
    {
        bool isNew = operation.Attempts.Count == 0;
        if (isNew)
        {
            this.operations.Enqueue(operation);
        }

        bool doneBefore = operation.Done is not null;
        while (true)
        {
            Uri address = await hosts[host].AddressAsync();
            if (await this.TryAsync(operation, host, address, patience) is { } attempt && attempt.Verdict != Verdict.Unknown)
            {
                if (!doneBefore && attempt.Verdict == Verdict.Done && operation.Act != Act.Read)
                {
                    Interlocked.Increment(ref this.acknowledged);
                }

                return attempt;
            }

            await Waiting.BeforeAskingAgainAsync();
            host = patience is null ? host : (host + 1) % hosts.Count;
        }
    }

    /// <summary>Asks once, with any key, for what is no part of the proof.</summary>
    /// <param name="host">Which host.</param>
    /// <param name="method">How.</param>
    /// <param name="path">What.</param>
    /// <param name="key">Whose key.</param>
    /// <param name="body">What is sent; null for nothing.</param>
    public async Task<Attempt> AskOutsideAsync(int host, HttpMethod method, string path, string key, string? body = null)
    {
        Uri address = await hosts[host].AddressAsync();
        long sent = Stopwatch.GetTimestamp();
        (int status, string answer) = await this.SendAsync(address, method, path, key, body, account: null);
        return new Attempt(host, sent, Stopwatch.GetTimestamp(), status, answer);
    }

    /// <summary>Waits for the answers of those calls that were not waited for.</summary>
    public Task FinishAsync() => Task.WhenAll(this.running.Keys);

    /// <inheritdoc/>
    public void Dispose() => this.http.Dispose();

    // Null when patience ends first: the answer is taken down when it comes.
    private async Task<Attempt?> TryAsync(Operation operation, int host, Uri address, TimeSpan? patience)
    {
        Task<Attempt> call = this.CallAsync(operation, host, address);
        try
        {
            return await call.WaitAsync(patience ?? Timeout.InfiniteTimeSpan);
        }
        catch (TimeoutException)
        {
            operation.AddUnanswered();
            this.running.TryAdd(call, operation);
            return null;
        }
    }

    private async Task<Attempt> CallAsync(Operation operation, int host, Uri address)
    {
        long sent = Stopwatch.GetTimestamp();
        (int status, string body) = await this.SendAsync(address, operation.Method, operation.Path, adminKey, operation.Body, operation.Account);
        long ended = Stopwatch.GetTimestamp();
        Attempt attempt = new(host, sent, ended, status, body);
        operation.Add(attempt);
        if (attempt.Verdict == Verdict.Done && operation.Path.StartsWith("/v1/", StringComparison.Ordinal))
        {
            this.served.AddOrUpdate(operation.Account, sent, (_, last) => Math.Max(last, sent));
        }

        if (attempt.Verdict != Verdict.Unknown)
        {
            Interlocked.Increment(ref this.answered[host]);
            this.OnAnswer?.Invoke(attempt);
        }
        else if (status != 0)
        {
            Interlocked.Increment(ref this.unable[host]);
        }

        return attempt;
    }

    // Status 0 and the reason, where there is no answer.
    private async Task<(int Status, string Body)> SendAsync(Uri address, HttpMethod method, string path, string key, string? body, string? account)
    {
        using HttpRequestMessage request = new(method, new Uri(address, path));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        if (account is not null && this.routes.TryGetValue(account, out string? route))
        {
            request.Headers.TryAddWithoutValidation("X-Account-Route", route);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        try
        {
            using HttpResponseMessage response = await this.http.SendAsync(request);
            string answer = await response.Content.ReadAsStringAsync();
            return ((int)response.StatusCode, answer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (0, e.Message);
        }
    }
}
