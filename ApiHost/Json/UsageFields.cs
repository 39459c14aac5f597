using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The members that say what was used; they stand flat in the bodies of verify, charges, holds and captures.</summary>
internal struct UsageFields
{
    /// <summary>The members' names, first in every field set that has them.</summary>
    public static readonly string[] Names =
    [
        "model", "inputTokens", "outputTokens", "cachedTokens", "reasoningTokens", "endpoint",
        "method", "session", "source", "durationMs", "status", "outcome",
    ];

    private bool any;
    private string? model;
    private long? input;
    private long? output;
    private long? cached;
    private long? reasoning;
    private string? endpoint;
    private string? method;
    private string? session;
    private string? source;
    private long? duration;
    private long? status;
    private string? outcome;

    /// <summary>Whether there is something that may have a price.</summary>
    public readonly bool CanBePriced => this.model is not null || this.endpoint is not null;

    /// <summary>Reads one member; false when it is none of these.</summary>
    /// <param name="body">The reader, on the member's value.</param>
    /// <param name="index">The member's place in its field set.</param>
    public bool Read(ref BodyReader body, int index)
    {
        switch (index)
        {
            case 0: this.model = body.Text(Bounds.Reference); break;
            case 1: this.input = body.Integer(0, Bounds.Quantity); break;
            case 2: this.output = body.Integer(0, Bounds.Quantity); break;
            case 3: this.cached = body.Integer(0, Bounds.Quantity); break;
            case 4: this.reasoning = body.Integer(0, Bounds.Quantity); break;
            case 5: this.endpoint = body.Text(Bounds.Sentence); break;
            case 6: this.method = body.Text(Bounds.Method); break;
            case 7: this.session = body.Text(Bounds.Reference); break;
            case 8: this.source = body.Text(Bounds.Name); break;
            case 9: this.duration = body.Integer(0, Bounds.Quantity); break;
            case 10: this.status = body.Integer(0, 999); break;
            case 11: this.outcome = body.Text(Bounds.Name); break;
            default: return false;
        }

        this.any = true;
        return true;
    }

    /// <summary>What was used, or null where nothing was said.</summary>
    public readonly Usage? ToUsage() => !this.any ? null : new Usage
    {
        Model = this.model,
        InputTokens = this.input ?? 0,
        OutputTokens = this.output ?? 0,
        CachedTokens = this.cached ?? 0,
        ReasoningTokens = this.reasoning ?? 0,
        Endpoint = this.endpoint,
        Method = this.method,
        Session = this.session,
        Source = this.source,
        DurationMs = this.duration ?? 0,
        Status = (int)(this.status ?? 0),
        Outcome = this.outcome,
    };
}
