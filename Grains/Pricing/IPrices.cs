using OrleansBilling.Account;

namespace OrleansBilling.Grains.Pricing;

/// <summary>The prices in force, as a decision sees them.</summary>
public interface IPrices
{
    /// <summary>The name of the version in force.</summary>
    string CurrentVersion { get; }

    /// <summary>Works out what a request costs.</summary>
    /// <param name="usage">What was used.</param>
    /// <param name="version">The version to price with, or null for the one in force; a hold pins one.</param>
    /// <param name="cost">The cost in nanos, rounded up once on the total, and the version it was priced with.</param>
    /// <returns>False when nothing is configured for this model or endpoint, or the version is not known.</returns>
    bool TryPrice(Usage usage, string? version, out Cost cost);
}

/// <summary>What a request costs.</summary>
/// <param name="Nanos">The amount; <see cref="long.MaxValue"/> where it does not fit.</param>
/// <param name="Version">The version of the prices.</param>
public readonly record struct Cost(long Nanos, string Version);
