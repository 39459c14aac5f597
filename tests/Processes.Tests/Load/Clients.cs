using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Harness;

namespace OrleansBilling.Processes.Tests.Load;

/// <summary>Sends operations to hosts, again under the same id until one answers, and keeps everything.</summary>
/// <param name="hosts">The hosts; an operation goes to any.</param>
/// <param name="adminKey">The operator's key.</param>
public sealed class Clients(IReadOnlyList<HostSlot> hosts, string adminKey) : IDisposable
{

    private readonly HttpClient http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly ConcurrentQueue<Operation> operations = new();
    private readonly ConcurrentDictionary<Task, Operation> running = new();
    private readonly long[] answered = new long[hosts.Count];
    private readonly long[] unable = new long[hosts.Count];
    private long acknowledged;

    /// <summary>How many hosts there are.</summary>
    public int Hosts => hosts.Count;

    /// <summary>Changes that were acknowledged, each counted once.</summary>
    public long Acknowledged => Interlocked.Read(ref this.acknowledged);

    /// <summary>Calls of each host that ended with an answer other than 503.</summary>
    public IReadOnlyList<long> Answered => this.answered;

    /// <summary>Calls of each host that ended with 503.</summary>
    public IReadOnlyList<long> Unable => this.unable;

    /// <summary>Everything that was asked for.</summary>
    public IReadOnlyCollection<Operation> Operations => this.operations;

    /// <summary>Called with every answer other than 503.</summary>
    public Action<Attempt>? OnAnswer { get; set; }

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
        int status = 0;
        string body;
        try
        {
            using HttpRequestMessage request = new(operation.Method, new Uri(address, operation.Path));
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + adminKey);
            if (operation.Body is not null)
            {
                request.Content = new StringContent(operation.Body, Encoding.UTF8, "application/json");
            }

            using HttpResponseMessage response = await this.http.SendAsync(request);
            body = await response.Content.ReadAsStringAsync();
            status = (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            body = e.Message;
        }

        long ended = Stopwatch.GetTimestamp();
        Attempt attempt = new(host, sent, ended, status, body);
        operation.Add(attempt);
        if (status == 503)
        {
            Interlocked.Increment(ref this.unable[host]);
        }
        else if (status != 0)
        {
            Interlocked.Increment(ref this.answered[host]);
            this.OnAnswer?.Invoke(attempt);
        }

        return attempt;
    }
}
