using System.Collections.Concurrent;

namespace OrleansBilling.Grains;

/// <summary>
/// One copy of each name that many grains have (currencies, zones, tiers, meters, key prefixes). Bounded: beyond the bound a
/// name is simply not shared.
/// </summary>
internal static class SharedNames
{
    private const int MaxNames = 8192;
    private const int MaxLength = 64;

    private static readonly ConcurrentDictionary<string, string> Names = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string> QuotaNames = new(StringComparer.Ordinal);
    private static int names;

    public static string Of(string name) => Shared(Names, name, null);

    /// <summary>The name of a meter's limit, <c>quota:meter</c>.</summary>
    public static string Quota(string meter) => Shared(QuotaNames, meter, "quota:");

    private static string Shared(ConcurrentDictionary<string, string> known, string name, string? prefix)
    {
        if (known.TryGetValue(name, out string? shared))
        {
            return shared;
        }

        string value = prefix + name;
        if (name.Length > MaxLength || Volatile.Read(ref names) >= MaxNames)
        {
            return value;
        }

        string kept = known.GetOrAdd(name, value);
        if (ReferenceEquals(kept, value))
        {
            Interlocked.Increment(ref names);
        }

        return kept;
    }
}
