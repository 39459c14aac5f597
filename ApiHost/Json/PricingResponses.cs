using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.Grains.Pricing;

namespace OrleansBilling.ApiHost.Json;

/// <summary>One version of the prices.</summary>
/// <param name="Version">Its number, as charges name it.</param>
/// <param name="Current">Whether it is the one that this host charges by.</param>
/// <param name="Versions">All there are, oldest first.</param>
/// <param name="Models">Prices of tokens, by model.</param>
/// <param name="Endpoints">Prices of requests, by endpoint.</param>
internal sealed record PricingResponse(
    string Version, bool Current, string[] Versions, SortedDictionary<string, ModelPriceResponse> Models, SortedDictionary<string, Units> Endpoints)
{
    /// <summary>A version as a host knows it.</summary>
    /// <param name="version">The version.</param>
    /// <param name="prices">All of them.</param>
    public static PricingResponse From(PriceVersion version, PriceBook prices) => new(
        version.Version,
        version.Version == prices.CurrentVersion,
        [.. prices.Versions.Select(static v => v.Version)],
        new SortedDictionary<string, ModelPriceResponse>(
            version.Models.ToDictionary(static m => m.Key, static m => ModelPriceResponse.From(m.Value), StringComparer.Ordinal), StringComparer.Ordinal),
        new SortedDictionary<string, Units>(
            version.Endpoints.ToDictionary(static e => e.Key, static e => new Units(e.Value), StringComparer.Ordinal), StringComparer.Ordinal));
}

/// <summary>What a model's tokens cost.</summary>
internal sealed record ModelPriceResponse(Units InputPer1K, Units OutputPer1K, Units CachedPer1K, Units ReasoningPer1K)
{
    private const long ThousandsPerMillion = 1000;

    /// <summary>Prices as the grains take them.</summary>
    /// <param name="price">The prices.</param>
    public static ModelPriceResponse From(ModelPrice price) =>
        new(Per1K(price.InputNanosPerMillion), Per1K(price.OutputNanosPerMillion), Per1K(price.CachedNanosPerMillion), Per1K(price.ReasoningNanosPerMillion));

    private static Units Per1K(long nanosPerMillion) => new(nanosPerMillion / ThousandsPerMillion);
}
