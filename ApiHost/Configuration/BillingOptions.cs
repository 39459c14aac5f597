using OrleansBilling.Account;

namespace OrleansBilling.ApiHost.Configuration;

/// <summary>The section <c>Billing</c> of the configuration, checked.</summary>
internal sealed record BillingOptions
{
    /// <summary>Where the journal is; null where none was given.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Where the host keeps its own files; made where it is missing.</summary>
    public string DataFolder { get; init; } = ".data/host";

    /// <summary>The pepper in base64, or null.</summary>
    public string? Pepper { get; init; }

    /// <summary>A file with the pepper in base64, or null.</summary>
    public string? PepperFile { get; init; }

    /// <summary>Where the grains live.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>Whether other hosts may use the same journal.</summary>
    public bool Shared { get; init; }

    /// <summary>Writer lanes of a new journal; null is the journal's own default. An existing journal keeps its number.</summary>
    public int? Lanes { get; init; }

    /// <summary>The most grains kept in memory.</summary>
    public int MaxActivations { get; init; } = 1_000_000;

    /// <summary>How many hashes of keys are worked out at a time.</summary>
    public int KeyHashConcurrency { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How many keys may wait to be hashed or proven by their hash; beyond it the answer is 503.</summary>
    public int KeyHashQueue { get; init; } = 1_000;

    /// <summary>How often the chains' heads are exported; zero for never.</summary>
    public TimeSpan HeadsInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where they go; made where it is missing.</summary>
    public string HeadsFolder { get; init; } = Path.Combine(".data/host", "heads");

    /// <summary>What stands between the network and the routes.</summary>
    public WebOptions Web { get; init; } = new();

    /// <summary>The fixed prices.</summary>
    public PriceOptions Prices { get; init; } = new([], []);

    /// <summary>Quotas of tiers that may be named without listing them.</summary>
    public IReadOnlyDictionary<string, QuotaLimit[]> Tiers { get; init; } = new Dictionary<string, QuotaLimit[]>(StringComparer.Ordinal);

    /// <summary>The quotas of a tier by its name; none where no tiers are configured at all, null where this is none of them.</summary>
    /// <param name="tier">The tier.</param>
    public QuotaLimit[]? QuotasOf(string tier) => this.Tiers.Count == 0 ? [] : this.Tiers.GetValueOrDefault(tier);
}

/// <summary>Where the grains live.</summary>
internal enum EngineKind
{
    /// <summary>In this process.</summary>
    InProcess,

    /// <summary>On the silos of an Orleans cluster; this process only asks them.</summary>
    Orleans,
}

/// <summary>Prices, until there is a price book.</summary>
/// <param name="Models">Prices per model.</param>
/// <param name="Endpoints">Prices per request of an endpoint, in nanos.</param>
internal sealed record PriceOptions(IReadOnlyList<ModelPriceOptions> Models, IReadOnlyList<KeyValuePair<string, long>> Endpoints);

/// <summary>What a model's tokens cost, in nanos per 1,000,000.</summary>
/// <param name="Model">The model.</param>
/// <param name="Input">Input tokens that were not read from a cache.</param>
/// <param name="Output">Output tokens.</param>
/// <param name="Cached">Input tokens read from a cache.</param>
/// <param name="Reasoning">Reasoning tokens.</param>
internal sealed record ModelPriceOptions(string Model, long Input, long Output, long Cached, long Reasoning);
