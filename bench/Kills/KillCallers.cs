using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OrleansBilling.Bench.Kills;

/// <summary>One call and all its repeats.</summary>
/// <param name="Account">The number of the account.</param>
/// <param name="Began">By <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="Ended">When it was done.</param>
/// <param name="Failures">How often it was answered by anything else before.</param>
internal readonly record struct Call(int Account, long Began, long Ended, int Failures);

/// <summary>One caller per account, who charges it every 50 ms, and again under the same request id until it is done.</summary>
internal sealed class KillCallers : IAsyncDisposable
{
    /// <summary>How many accounts.</summary>
    public const int Accounts = 24;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly KillCluster cluster;
    private readonly string[] keys = new string[Accounts];
    private readonly ConcurrentQueue<Call> calls = new();
    private readonly CancellationTokenSource stop = new();
    private string serviceKey = "";
    private Task[] loops = [];

    private KillCallers(KillCluster cluster) => this.cluster = cluster;

    /// <summary>Everything that was done.</summary>
    public IReadOnlyCollection<Call> Calls => this.calls;

    /// <summary>The id of an account.</summary>
    public static string Name(int account) => string.Create(CultureInfo.InvariantCulture, $"acct_{account}");

    /// <summary>Opens the accounts.</summary>
    public static async Task<KillCallers> PrepareAsync(KillCluster cluster)
    {
        KillCallers callers = new(cluster) { serviceKey = await MakeAsync(cluster, "/admin/accounts/system/keys", """{"scopes":["service"],"type":"internal"}""", "key") };
        for (int i = 0; i < Accounts; i++)
        {
            await MakeAsync(cluster, "/admin/accounts", $$"""{"id":"{{Name(i)}}","currency":"EUR"}""", null);
            await MakeAsync(cluster, $"/admin/accounts/{Name(i)}/credits", """{"kind":"topup","amount":1000000}""", null);
            callers.keys[i] = await MakeAsync(cluster, $"/admin/accounts/{Name(i)}/keys", "{}", "key");
        }

        return callers;
    }

    /// <summary>Charges an account once.</summary>
    public async Task AskAsync(int account, string requestId)
    {
        if (!await this.TryAsync(account, requestId))
        {
            throw new BenchException($"A charge of {Name(account)} was not accepted.");
        }
    }

    /// <summary>Starts all callers.</summary>
    public void Begin() => this.loops = [.. Enumerable.Range(0, Accounts).Select(i => Task.Run(() => this.LoopAsync(i)))];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.stop.CancelAsync();
        await Task.WhenAll(this.loops);
        this.stop.Dispose();
    }

    private static async Task<string> MakeAsync(KillCluster cluster, string path, string json, string? member)
    {
        using HttpRequestMessage request = Request(path, json, cluster.AdminKey);
        using HttpResponseMessage reply = await cluster.Client.SendAsync(request);
        string text = await reply.Content.ReadAsStringAsync();
        if (!reply.IsSuccessStatusCode)
        {
            throw new BenchException($"POST {path} was answered {(int)reply.StatusCode}: {text}");
        }

        using JsonDocument document = JsonDocument.Parse(text);
        return member is null ? "" : document.RootElement.GetProperty(member).ToString();
    }

    private static HttpRequestMessage Request(string path, string json, string key)
    {
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    private async Task LoopAsync(int account)
    {
        for (long count = 1; !this.stop.IsCancellationRequested; count++)
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"call-{account}-{count}");
            long began = Stopwatch.GetTimestamp();
            int failures = 0;
            while (!await this.TryAsync(account, id))
            {
                failures++;
                await Task.Delay(Pause);
            }

            this.calls.Enqueue(new Call(account, began, Stopwatch.GetTimestamp(), failures));
            if (Pace - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest);
            }
        }
    }

    private async Task<bool> TryAsync(int account, string requestId)
    {
        string key = this.keys[account];
        using HttpRequestMessage request = Request("/v1/verify", $$"""{"key":"{{key}}","amount":0.000001,"requestId":"{{requestId}}"}""", this.serviceKey);

        // The account's route: the first 6 characters of the key's id, which is followed by 12 more, '_' and 38.
        request.Headers.Add("X-Account-Route", key[^57..^51]);
        try
        {
            using HttpResponseMessage reply = await this.cluster.Client.SendAsync(request);
            string text = await reply.Content.ReadAsStringAsync();
            return reply.IsSuccessStatusCode && text.Contains("\"allowed\":true", StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
