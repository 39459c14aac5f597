using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.Grains.Pricing;

namespace OrleansBilling.ApiHost.Pricing;

/// <summary>
/// How a table of prices is stored: JSON in nanos, sorted by name, so that the same prices are the same text however they were
/// configured. The form never changes; another one would make new versions of old prices.
/// </summary>
internal static class PriceForm
{
    /// <summary>The configured prices as stored.</summary>
    /// <param name="options">The prices.</param>
    public static string Write(PriceOptions options) => JsonSerializer.Serialize(
        new StoredPrices(
            [.. options.Models
                .OrderBy(static m => m.Model, StringComparer.Ordinal)
                .Select(static m => new StoredModelPrice(m.Model, m.Input, m.Output, m.Cached, m.Reasoning))],
            [.. options.Endpoints
                .OrderBy(static e => e.Key, StringComparer.Ordinal)
                .Select(static e => new StoredEndpointPrice(e.Key, e.Value))]),
        PriceJson.Default.StoredPrices);

    /// <summary>Stored prices as the grains take them.</summary>
    /// <param name="version">The version's name.</param>
    /// <param name="table">As stored.</param>
    public static PriceVersion Read(string version, string table)
    {
        StoredPrices prices = JsonSerializer.Deserialize(table, PriceJson.Default.StoredPrices)!;
        return new PriceVersion
        {
            Version = version,
            Models = prices.Models.ToDictionary(
                static m => m.Model,
                static m => new ModelPrice
                {
                    InputNanosPerMillion = m.InputNanosPerMillion,
                    OutputNanosPerMillion = m.OutputNanosPerMillion,
                    CachedNanosPerMillion = m.CachedNanosPerMillion,
                    ReasoningNanosPerMillion = m.ReasoningNanosPerMillion,
                },
                StringComparer.Ordinal),
            Endpoints = prices.Endpoints.ToDictionary(static e => e.Endpoint, static e => e.NanosPerRequest, StringComparer.Ordinal),
        };
    }
}

internal sealed record StoredPrices(StoredModelPrice[] Models, StoredEndpointPrice[] Endpoints);

internal sealed record StoredModelPrice(
    string Model, long InputNanosPerMillion, long OutputNanosPerMillion, long CachedNanosPerMillion, long ReasoningNanosPerMillion);

internal sealed record StoredEndpointPrice(string Endpoint, long NanosPerRequest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredPrices))]
internal sealed partial class PriceJson : JsonSerializerContext;
