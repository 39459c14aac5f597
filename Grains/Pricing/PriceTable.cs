using System.Collections.Frozen;
using OrleansBilling.Account;

namespace OrleansBilling.Grains.Pricing;

/// <summary>
/// Prices fixed for the life of a process. A usage whose model has a price costs its tokens and the base fee; any other whose
/// endpoint has a price costs that; the two never add up.
/// </summary>
public sealed class PriceTable : IPrices
{
    private const long TokensPerPrice = 1_000_000;

    private readonly Priced current;
    private readonly FrozenDictionary<string, Priced> versions;

    /// <summary>Makes the table.</summary>
    /// <param name="current">The version in force.</param>
    /// <param name="earlier">Versions that holds may still be pinned to.</param>
    /// <exception cref="ArgumentException">A price is below zero or above <see cref="Money.MaxAmountNanos"/>, or a version is named twice.</exception>
    public PriceTable(PriceVersion current, params IReadOnlyCollection<PriceVersion> earlier)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(earlier);
        this.current = new Priced(current);
        Dictionary<string, Priced> all = new(StringComparer.Ordinal) { [current.Version] = this.current };
        foreach (PriceVersion version in earlier)
        {
            if (!all.TryAdd(version.Version, new Priced(version)))
            {
                throw new ArgumentException($"The price version '{version.Version}' is configured twice; give each its own name.", nameof(earlier));
            }
        }

        this.versions = all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>A table that prices nothing, for hosts on which every charge names its amount.</summary>
    public static PriceTable Empty { get; } = new(new PriceVersion { Version = "none" });

    /// <inheritdoc/>
    public string CurrentVersion => this.current.Name;

    /// <inheritdoc/>
    public bool TryPrice(Usage usage, string? version, out Cost cost)
    {
        ArgumentNullException.ThrowIfNull(usage);
        cost = default;
        Priced? prices = this.current;
        if (version is not null && !this.versions.TryGetValue(version, out prices))
        {
            return false;
        }

        if (usage.Model is not null && prices.Models.TryGetValue(usage.Model, out ModelPrice? price))
        {
            cost = new Cost(TokenCost(usage, price), prices.Name);
            return true;
        }

        if (usage.Endpoint is not null && prices.Endpoints.TryGetValue(usage.Endpoint, out long perRequest))
        {
            cost = new Cost(perRequest, prices.Name);
            return true;
        }

        return false;
    }

    // One rounding, up, on the total of the request.
    private static long TokenCost(Usage usage, ModelPrice price)
    {
        Int128 millionths =
            ((Int128)usage.InputTokens * price.InputNanosPerMillion)
            + ((Int128)usage.OutputTokens * price.OutputNanosPerMillion)
            + ((Int128)usage.CachedTokens * price.CachedNanosPerMillion)
            + ((Int128)usage.ReasoningTokens * price.ReasoningNanosPerMillion)
            + ((Int128)price.BaseFeeNanos * TokensPerPrice);
        Int128 nanos = (millionths + (TokensPerPrice - 1)) / TokensPerPrice;
        return nanos > long.MaxValue ? long.MaxValue : (long)nanos;
    }

    private sealed class Priced
    {
        public Priced(PriceVersion version)
        {
            this.Name = version.Version;
            foreach ((string model, ModelPrice price) in version.Models)
            {
                Check(version, model, price.InputNanosPerMillion);
                Check(version, model, price.OutputNanosPerMillion);
                Check(version, model, price.CachedNanosPerMillion);
                Check(version, model, price.ReasoningNanosPerMillion);
                Check(version, model, price.BaseFeeNanos);
            }

            foreach ((string endpoint, long price) in version.Endpoints)
            {
                Check(version, endpoint, price);
            }

            this.Models = version.Models.ToFrozenDictionary(StringComparer.Ordinal);
            this.Endpoints = version.Endpoints.ToFrozenDictionary(StringComparer.Ordinal);
        }

        public string Name { get; }

        public FrozenDictionary<string, ModelPrice> Models { get; }

        public FrozenDictionary<string, long> Endpoints { get; }

        private static void Check(PriceVersion version, string what, long nanos)
        {
            if (nanos is < 0 or > Money.MaxAmountNanos)
            {
                throw new ArgumentException(
                    $"A price of '{what}' in version '{version.Version}' is {nanos} nanos; prices lie between 0 and {Money.MaxAmountNanos}.", nameof(version));
            }
        }
    }
}
