using System.Diagnostics;
using System.Text.Json;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>What a client asked for.</summary>
public enum Act
{
    Credit,
    Charge,
    Verify,
    Hold,
    Capture,
    Release,
    Reverse,
    CreateKey,
    RevokeKey,

    /// <summary>The whole account, as an operator sees it.</summary>
    Read,

    /// <summary>The id of an acknowledged request with another body: refused, always.</summary>
    Mismatch,
}

/// <summary>What one answer said.</summary>
public enum Verdict
{
    /// <summary>No answer, or one that says that nobody knows or that nothing was decided.</summary>
    Unknown,

    /// <summary>Done, and durable.</summary>
    Done,

    /// <summary>Refused: nothing happened.</summary>
    Denied,

    /// <summary>An answer that no request of these tests may get.</summary>
    Wrong,
}

/// <summary>One sending of a request and its answer.</summary>
/// <param name="Host">Which host was asked.</param>
/// <param name="Sent">Before it was sent, by <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="Ended">After the answer had been read, or the connection was lost.</param>
/// <param name="Status">The HTTP status; 0 where there was no answer.</param>
/// <param name="Body">The body, or how the connection was lost.</param>
public sealed record Attempt(int Host, long Sent, long Ended, int Status, string Body)
{
    private JsonElement? json;

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => this.json ??= JsonDocument.Parse(this.Body).RootElement;

    /// <summary>The stable code of a refusal; empty where there is none.</summary>
    public string Code => this.Status != 0 && this.Json.TryGetProperty("code", out JsonElement code) ? code.GetString() ?? "" : "";

    /// <summary>What the answer said.</summary>
    public Verdict Verdict => this.Status switch
    {
        // 502 and 504 are HAProxy's words for a host that it lost.
        0 or 502 or 503 or 504 => Verdict.Unknown,
        200 or 201 => this.Json.TryGetProperty("allowed", out JsonElement allowed) && !allowed.GetBoolean() ? Verdict.Denied : Verdict.Done,
        402 or 403 or 404 or 409 or 422 or 429 => Verdict.Denied,
        _ => Verdict.Wrong,
    };

    /// <summary>A member that is money, in nanos.</summary>
    public long Nanos(string name) => Money.FromUnits(this.Json.GetProperty(name));

    /// <summary>A member that is a whole number.</summary>
    public long Number(string name) => this.Json.GetProperty(name).GetInt64();

    /// <inheritdoc/>
    public override string ToString() => $"[host {this.Host}, {this.Sent}–{this.Ended}] {this.Status} {this.Body}";
}

/// <summary>A request and all its answers; sent again under the same id until one tells.</summary>
public sealed class Operation
{
    private readonly List<Attempt> attempts = [];

    public required Act Act { get; init; }

    public required string Account { get; init; }

    /// <summary>The idempotency id; null for reads.</summary>
    public string? RequestId { get; init; }

    public required HttpMethod Method { get; init; }

    public required string Path { get; init; }

    /// <summary>What is sent; null for nothing.</summary>
    public string? Body { get; init; }

    /// <summary>What was asked for.</summary>
    public long AmountNanos { get; init; }

    /// <summary>The number of the hold or charge that is meant; 0 for none.</summary>
    public long Target { get; init; }

    /// <summary>The public id of the key that spends or is revoked.</summary>
    public string? KeyId { get; init; }

    /// <summary>Sendings to which no answer came although their host lived on; what they asked may still be done.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Every sending that has ended, in the order in which they ended.</summary>
    public IReadOnlyList<Attempt> Attempts
    {
        get
        {
            lock (this.attempts)
            {
                return [.. this.attempts];
            }
        }
    }

    /// <summary>The first answer that said done.</summary>
    public Attempt? Done
    {
        get
        {
            lock (this.attempts)
            {
                return this.attempts.Find(a => a.Verdict == Verdict.Done);
            }
        }
    }

    /// <summary>When it was sent first.</summary>
    public long FirstSent
    {
        get
        {
            lock (this.attempts)
            {
                return this.attempts.Min(a => a.Sent);
            }
        }
    }

    /// <summary>Takes an answer down.</summary>
    public void Add(Attempt attempt)
    {
        lock (this.attempts)
        {
            this.attempts.Add(attempt);
        }
    }

    /// <summary>Takes down that a sending was given up while its host lived.</summary>
    public void AddUnanswered()
    {
        lock (this.attempts)
        {
            this.Unanswered++;
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{this.Act} on {this.Account} as {this.RequestId}: {this.Method} {this.Path} {this.Body}\n    {string.Join("\n    ", this.Attempts)}";
}
