using System.Diagnostics;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.Bench.Keys;

/// <summary>Sends so many wrong keys a second, whatever is answered, by several connections.</summary>
internal sealed class Flood : IAsyncDisposable
{
    private const int Connections = 100;
    private const int StepMs = 20;
    private const int Variants = 4096;

    private readonly CancellationTokenSource ending = new();
    private readonly Task[] loops;
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly Dictionary<int, int> answers = [];
    private int sent;

    /// <summary>Starts it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="perSecond">How many a second.</param>
    /// <param name="isService">By a service, for customers' keys that are wrong; otherwise by strangers, from an address of their own.</param>
    public Flood(KeyedHost host, int perSecond, bool isService)
    {
        // Half of them keys that nobody made, half of them a secret that is not the key's.
        byte[][] requests = [.. Enumerable.Range(0, Variants).Select(i =>
        {
            string keyId = i % 2 == 0 ? ApiKey.NewKeyId("nobody") : host.Keys[i % host.Keys.Length].Substring("sk_".Length, ApiKey.KeyIdLength);
            string wrong = ApiKey.Join("sk_", keyId, ApiKey.NewSecret());
            return isService
                ? RawClient.Request("POST", "/v1/verify", host.Service, $$"""{"key":"{{wrong}}"}""")
                : RawClient.Request("GET", "/v1/wallet", wrong, "");
        })];
        this.loops = [.. Enumerable.Range(0, Connections).Select(i => Task.Run(() => this.RunAsync(host, requests, perSecond / Connections, i * (Variants / Connections), isService ? "127.0.0.1" : "127.0.0.2")))];
    }

    /// <summary>How many were sent, and answered, a second.</summary>
    public double PerSecond => this.sent / Stopwatch.GetElapsedTime(this.began).TotalSeconds;

    /// <summary>Answers by status.</summary>
    public string Answers
    {
        get
        {
            lock (this.answers)
            {
                return string.Join(", ", this.answers.OrderBy(a => a.Key).Select(a => $"{a.Key}: {a.Value:N0}"));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.ending.CancelAsync();
        await Task.WhenAll(this.loops);
        this.ending.Dispose();
    }

    private async Task RunAsync(KeyedHost host, byte[][] requests, int perSecond, int next, string from)
    {
        using RawClient client = await RawClient.ConnectAsync(host.Url, from);
        long start = Stopwatch.GetTimestamp();
        int done = 0;
        while (!this.ending.IsCancellationRequested)
        {
            int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond) - done;
            if (due == 0)
            {
                await Task.Delay(StepMs);
                continue;
            }

            // As many as were missed, up to a burst: more would only wait in a buffer.
            due = Math.Min(due, 64);
            await client.SendAsync(Enumerable.Range(next, due).SelectMany(i => requests[i % requests.Length]).ToArray());
            for (int i = 0; i < due; i++)
            {
                (int status, _) = await client.ReadAsync();
                lock (this.answers)
                {
                    this.answers[status] = this.answers.GetValueOrDefault(status) + 1;
                }
            }

            next += due;
            done += due;
            Interlocked.Add(ref this.sent, due);
        }
    }
}
