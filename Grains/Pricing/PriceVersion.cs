namespace OrleansBilling.Grains.Pricing;

/// <summary>One version of the prices.</summary>
public sealed record PriceVersion
{
    /// <summary>The version's name, recorded with every charge priced with it.</summary>
    public required string Version { get; init; }

    /// <summary>Token prices by model.</summary>
    public IReadOnlyDictionary<string, ModelPrice> Models { get; init; } = new Dictionary<string, ModelPrice>(StringComparer.Ordinal);

    /// <summary>Nanos per request by endpoint.</summary>
    public IReadOnlyDictionary<string, long> Endpoints { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);
}

/// <summary>What a model's tokens cost, in nanos per 1,000,000 tokens.</summary>
public sealed record ModelPrice
{
    /// <summary>Input tokens that were not read from a cache.</summary>
    public long InputNanosPerMillion { get; init; }

    /// <summary>Output tokens, without reasoning tokens.</summary>
    public long OutputNanosPerMillion { get; init; }

    /// <summary>Input tokens read from a cache.</summary>
    public long CachedNanosPerMillion { get; init; }

    /// <summary>Reasoning tokens.</summary>
    public long ReasoningNanosPerMillion { get; init; }

    /// <summary>Per request, in nanos.</summary>
    public long BaseFeeNanos { get; init; }
}
