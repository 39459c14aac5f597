using System.Diagnostics;

namespace OrleansBilling.Bench.Keys;

/// <summary>Closed-loop callers of <c>/v1/verify</c> over raw connections, each with one request at a time, for keys at random.</summary>
internal sealed class Verifiers : IAsyncDisposable
{
    private const int Callers = 64;
    private const int SlotMs = 250;
    private const int MaxSlots = 2400;

    private readonly int[] good = new int[MaxSlots];
    private readonly int[] busy = new int[MaxSlots];
    private readonly CancellationTokenSource ending = new();
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly Task[] loops;
    private int others;
    private string? firstOther;

    /// <summary>Starts them.</summary>
    /// <param name="bench">Gives request ids.</param>
    /// <param name="host">Whom they ask; connections are made again while it restarts.</param>
    public Verifiers(BenchContext bench, KeyedHost host) =>
        this.loops = [.. Enumerable.Range(0, Callers).Select(i => Task.Run(() => this.RunAsync(bench, host, new Random(i))))];

    /// <summary>How long they have been at it.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(this.began);

    /// <summary>Answers that were neither good nor 503, and the first of them.</summary>
    public (int Count, string? First) Others => (this.others, this.firstOther);

    /// <summary>Good answers per second between two moments.</summary>
    public double GoodPerSecond(TimeSpan from, TimeSpan until) => Sum(this.good, from, until) / (until - from).TotalSeconds;

    /// <summary>Answers of 503 per second between two moments.</summary>
    public double BusyPerSecond(TimeSpan from, TimeSpan until) => Sum(this.busy, from, until) / (until - from).TotalSeconds;

    /// <summary>The first moment from which a second's good answers reach a rate, or null.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="rate">Answers per second.</param>
    public TimeSpan? ReachedAt(TimeSpan from, double rate)
    {
        for (int slot = Slot(from); slot + (1000 / SlotMs) <= Slot(this.Elapsed); slot++)
        {
            TimeSpan at = TimeSpan.FromMilliseconds(slot * SlotMs);
            if (this.GoodPerSecond(at, at + TimeSpan.FromSeconds(1)) >= rate)
            {
                return at;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.ending.CancelAsync();
        await Task.WhenAll(this.loops);
        this.ending.Dispose();
    }

    private async Task RunAsync(BenchContext bench, KeyedHost host, Random random)
    {
        while (!this.ending.IsCancellationRequested)
        {
            try
            {
                using RawClient client = await RawClient.ConnectAsync(host.Url);
                while (!this.ending.IsCancellationRequested)
                {
                    string body = $$"""{"key":"{{host.Keys[random.Next(host.Keys.Length)]}}","amount":0.000001,"requestId":"{{bench.NextRequest()}}"}""";
                    await client.SendAsync(RawClient.Request("POST", "/v1/verify", host.Service, body));
                    this.Count(await client.ReadAsync());
                }
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or BenchException)
            {
                // The host is being restarted.
                await Task.Delay(20);
            }
        }
    }

    private void Count((int Status, string Body) answer)
    {
        int slot = Math.Min(Slot(this.Elapsed), MaxSlots - 1);
        if (answer.Status == 200 && answer.Body.Contains("\"allowed\":true", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref this.good[slot]);
        }
        else if (answer.Status == 503)
        {
            Interlocked.Increment(ref this.busy[slot]);
        }
        else
        {
            Interlocked.Increment(ref this.others);
            Interlocked.CompareExchange(ref this.firstOther, $"{answer.Status} {answer.Body}", null);
        }
    }

    private static double Sum(int[] counts, TimeSpan from, TimeSpan until)
    {
        double sum = 0;
        for (int slot = Slot(from); slot < Slot(until) && slot < counts.Length; slot++)
        {
            sum += Volatile.Read(ref counts[slot]);
        }

        return sum;
    }

    private static int Slot(TimeSpan at) => (int)(at.TotalMilliseconds / SlotMs);
}
