using OrleansBilling.Grains.Account;
using OrleansBilling.Grains.Keys;

namespace OrleansBilling.Grains;

/// <summary>Every kind of grain.</summary>
public static class GrainKinds
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<GrainKind> All { get; } = [AccountGrain.Instance, KeyGrain.Instance];

    /// <summary>The kind of a grain, or null when there is none of that name.</summary>
    /// <param name="name">The first part of a grain's path.</param>
    public static GrainKind? Find(string name)
    {
        foreach (GrainKind kind in All)
        {
            if (string.Equals(kind.Name, name, StringComparison.Ordinal))
            {
                return kind;
            }
        }

        return null;
    }
}
