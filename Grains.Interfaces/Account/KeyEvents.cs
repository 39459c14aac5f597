namespace OrleansBilling.Account;

/// <summary>A key was made known to the account.</summary>
public sealed record KeyCreated : AccountEvent
{
    /// <summary>The key's public id.</summary>
    public required string Key { get; init; }

    /// <summary>The visible start.</summary>
    public required string Prefix { get; init; }

    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it is charged.</summary>
    public KeyType Type { get; init; }

    /// <summary>What it may do.</summary>
    public string[]? Scopes { get; init; }

    /// <summary>When it ends; null is never.</summary>
    public long? ExpiresAtNanos { get; init; }

    /// <summary>The workspace it always spends in.</summary>
    public string? Workspace { get; init; }

    /// <summary>Its caps.</summary>
    public Caps? Caps { get; init; }

    /// <summary>The keyed tag that proves the secret, for the key grain.</summary>
    public required string Tag { get; init; }

    /// <summary>Fingerprint of the pepper the tag was made with.</summary>
    public required string Pepper { get; init; }

    /// <summary>The Argon2id hash that proves the secret without the pepper, for the key grain; older keys have none.</summary>
    public string? Hash { get; init; }

    /// <summary>How many requests it may make.</summary>
    public Rates? Rates { get; init; }

    /// <summary>The addresses that it may be used from, in CIDR form.</summary>
    public string[]? Addresses { get; init; }

    /// <summary>The vendor's own texts, by name.</summary>
    public MetadataItem[]? Metadata { get; init; }

    /// <summary>The id of the key whose place it takes: they share what was spent and counted from here on.</summary>
    public string? Replaces { get; init; }

    /// <summary>When that key ends.</summary>
    public long? ReplacedEndsAtNanos { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>A key was changed; this is all that can be changed of it, as it is from here on.</summary>
public sealed record KeyUpdated : AccountEvent
{
    /// <summary>The key's public id.</summary>
    public required string Key { get; init; }

    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>What it may do.</summary>
    public string[]? Scopes { get; init; }

    /// <summary>When it ends; null is never.</summary>
    public long? ExpiresAtNanos { get; init; }

    /// <summary>The workspace it always spends in.</summary>
    public string? Workspace { get; init; }

    /// <summary>Its caps.</summary>
    public Caps? Caps { get; init; }

    /// <summary>How many requests it may make.</summary>
    public Rates? Rates { get; init; }

    /// <summary>The addresses that it may be used from, in CIDR form.</summary>
    public string[]? Addresses { get; init; }

    /// <summary>The vendor's own texts, by name.</summary>
    public MetadataItem[]? Metadata { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>A key is refused from here on.</summary>
public sealed record KeyRevoked(string Key, string? Reason) : AccountEvent;
