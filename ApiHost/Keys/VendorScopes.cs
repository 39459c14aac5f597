namespace OrleansBilling.ApiHost.Keys;

/// <summary>What keys of the account 'system', the vendor's own, may do. Each route needs one of them; none contains another.</summary>
internal static class VendorScopes
{
    /// <summary>Everything.</summary>
    public const string Any = "*";

    /// <summary>The routes of services under <c>/v1</c>.</summary>
    public const string Service = "service";

    /// <summary>To look: accounts, keys, statements, profiles, the record of changes.</summary>
    public const string Read = "read";

    /// <summary>To open accounts and to change their life, tier, zone, workspaces and profile.</summary>
    public const string Accounts = "accounts";

    /// <summary>To move money, limits and counters.</summary>
    public const string Credit = "credit";

    /// <summary>To make, change, rotate and revoke keys.</summary>
    public const string Keys = "keys";

    /// <summary>To look after the machines: it moves grains, and no money.</summary>
    public const string Cluster = "cluster";

    /// <summary>Whether a key with these scopes is enough.</summary>
    /// <param name="scopes">The key's scopes.</param>
    /// <param name="needed">What is needed.</param>
    public static bool Allow(string[] scopes, string needed) => scopes.Contains(Any) || scopes.Contains(needed);
}

/// <summary>The scope that a key needs for a route.</summary>
/// <param name="Scope">The scope; <see cref="VendorScopes.Any"/> opens every route.</param>
internal sealed record NeededScope(string Scope);

/// <summary>Routes say what they need.</summary>
internal static class NeededScopes
{
    /// <summary>Says which scope a key needs for a route.</summary>
    /// <typeparam name="T">The route's builder.</typeparam>
    /// <param name="route">The route.</param>
    /// <param name="scope">The scope.</param>
    public static T Needs<T>(this T route, string scope)
        where T : IEndpointConventionBuilder => route.WithMetadata(new NeededScope(scope));
}
