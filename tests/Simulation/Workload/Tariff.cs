using System.Numerics;
using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Workload;

/// <summary>
/// The prices that a node was started with, and what they come to by plain arithmetic: rates per 1,000,000 tokens, the base fee,
/// rounded up to a nano once, on the total.
/// </summary>
internal sealed class Tariff
{
    private const long Unit = Money.NanosPerUnit;

    private static readonly PriceVersion First = new()
    {
        Version = "v1",
        Models = new Dictionary<string, ModelPrice>(StringComparer.Ordinal)
        {
            ["large"] = new() { InputNanosPerMillion = (15 * Unit) + 7, OutputNanosPerMillion = (45 * Unit) + 1, CachedNanosPerMillion = 3, ReasoningNanosPerMillion = 11, BaseFeeNanos = 5 },
            ["small"] = new() { InputNanosPerMillion = 150_000_001, OutputNanosPerMillion = 600_000_000 },
            ["dear"] = new() { InputNanosPerMillion = Money.MaxAmountNanos, OutputNanosPerMillion = Money.MaxAmountNanos, ReasoningNanosPerMillion = 1 },
        },
        Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/search"] = 20_000_000 },
    };

    private static readonly PriceVersion Second = new()
    {
        Version = "v2",
        Models = new Dictionary<string, ModelPrice>(StringComparer.Ordinal)
        {
            ["large"] = new() { InputNanosPerMillion = (14 * Unit) + 3, OutputNanosPerMillion = 44 * Unit, CachedNanosPerMillion = 4, ReasoningNanosPerMillion = 13, BaseFeeNanos = 1 },
            ["dear"] = new() { InputNanosPerMillion = Money.MaxAmountNanos, OutputNanosPerMillion = 1 },
        },
        Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/search"] = 19_999_999, ["/draw"] = 1 },
    };

    // Hosts are started one after another with new prices, so for a while they differ.
    private static readonly Tariff[] All = [new(First), new(Second, First), new(Second)];

    private readonly PriceVersion[] versions;

    private Tariff(PriceVersion current, params PriceVersion[] earlier)
    {
        this.Prices = new PriceTable(current, earlier);
        this.versions = [current, .. earlier];
    }

    /// <summary>The same for the core.</summary>
    public IPrices Prices { get; }

    /// <summary>The version in force.</summary>
    public string Current => this.versions[0].Version;

    /// <summary>What the next host is started with.</summary>
    public static Tariff Pick(SimRandom random) => All[random.Below(random.OneIn(4) ? 3 : 2)];

    /// <summary>The cost and the version; null where nothing is priced. Above what 64 bits hold, the most that they do.</summary>
    public (long Nanos, string Version)? CostOf(Usage usage, string? version)
    {
        PriceVersion? prices = version is null ? this.versions[0] : Array.Find(this.versions, v => v.Version == version);
        if (prices is null)
        {
            return null;
        }

        if (usage.Model is not null && prices.Models.TryGetValue(usage.Model, out ModelPrice? price))
        {
            BigInteger millionths = ((BigInteger)usage.InputTokens * price.InputNanosPerMillion) + ((BigInteger)usage.OutputTokens * price.OutputNanosPerMillion)
                + ((BigInteger)usage.CachedTokens * price.CachedNanosPerMillion) + ((BigInteger)usage.ReasoningTokens * price.ReasoningNanosPerMillion)
                + ((BigInteger)price.BaseFeeNanos * 1_000_000);
            BigInteger nanos = BigInteger.DivRem(millionths, 1_000_000, out BigInteger rest);
            nanos += rest.IsZero ? 0 : 1;
            return ((long)BigInteger.Min(nanos, long.MaxValue), prices.Version);
        }

        return usage.Endpoint is not null && prices.Endpoints.TryGetValue(usage.Endpoint, out long perRequest) ? (perRequest, prices.Version) : null;
    }
}
