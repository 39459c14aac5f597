using OrleansBilling.Grains.Pricing;

namespace OrleansBilling.ApiHost.Configuration;

/// <summary>The configured prices, as the grains take them.</summary>
internal static class PriceBook
{
    /// <summary>Makes the table.</summary>
    /// <param name="options">The prices.</param>
    public static PriceTable From(PriceOptions options) => new(new PriceVersion
    {
        Version = options.Version,
        Models = options.Models.ToDictionary(
            m => m.Model,
            m => new ModelPrice
            {
                InputNanosPerMillion = m.Input,
                OutputNanosPerMillion = m.Output,
                CachedNanosPerMillion = m.Cached,
                ReasoningNanosPerMillion = m.Reasoning,
            },
            StringComparer.Ordinal),
        Endpoints = options.Endpoints.ToDictionary(StringComparer.Ordinal),
    });
}
