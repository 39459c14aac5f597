using System.Text.Json.Serialization;

namespace OrleansBilling.Account;

/// <summary>Makes or changes a key of an account.</summary>
public abstract record ManageKey : AccountCommand
{
    private protected ManageKey()
    {
    }

    /// <summary>
    /// The id of the key of this account that asks; filled in by the server. It has to be usable, and neither what it makes nor what
    /// it changes may exceed it: in type, scopes, expiry, workspace, caps, rates or addresses. Null is an operator's word.
    /// </summary>
    [JsonIgnore]
    public string? Maker { get; init; }

    /// <summary>
    /// A scope that some key of this account must go on to have without an end; filled in by the server. The last such key cannot be
    /// revoked, given an end, left without the scope, bound to fewer addresses, or rotated without a grace period. Null asks for none.
    /// </summary>
    [JsonIgnore]
    public string? Keeps { get; init; }
}

/// <summary>
/// Makes a key known to its account. Outcomes: AccountNotFound, AccountClosed, KeyExists, Invalid, TooMany, and of its maker
/// KeyNotFound, KeyRevoked, KeyExpired, ExceedsMaker. Accepted: <see cref="KeyCreated"/>.
/// </summary>
public sealed record CreateKey : ManageKey
{
    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it is charged.</summary>
    public KeyType Type { get; init; }

    /// <summary>The mode it is wanted for, which has to be its account's; null where that was not said.</summary>
    public AccountMode? Mode { get; init; }

    /// <summary>What it may do, in the vendor's words; <c>*</c> is everything, <c>api:*</c> all that starts with <c>api:</c>.</summary>
    public string[] Scopes { get; init; } = [];

    /// <summary>When it ends, in nanos since the Unix epoch; null is never.</summary>
    public long? ExpiresAtNanos { get; init; }

    /// <summary>The workspace it always spends in; null lets the charge say.</summary>
    public string? Workspace { get; init; }

    /// <summary>Its caps.</summary>
    public Caps Caps { get; init; } = new();

    /// <summary>How many requests it may make; null is no limit.</summary>
    public Rates? Rates { get; init; }

    /// <summary>The addresses and CIDR ranges that it may be used from; null is anywhere.</summary>
    public string[]? Addresses { get; init; }

    /// <summary>The vendor's own texts; null is none.</summary>
    public MetadataItem[]? Metadata { get; init; }

    /// <summary>The visible start of the key, at most 16 characters.</summary>
    public string Prefix { get; init; } = "sk_";

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }

    /// <summary>The key's public id, made by the server, so not part of the body that repeats are compared by.</summary>
    [JsonIgnore]
    public string Key { get; init; } = "";

    /// <summary>The keyed tag that proves the secret, base64url; made by the server.</summary>
    [JsonIgnore]
    public string Tag { get; init; } = "";

    /// <summary>Fingerprint of the pepper the tag was made with; filled in by the server.</summary>
    [JsonIgnore]
    public string Pepper { get; init; } = "";

    /// <summary>The Argon2id hash that proves the secret without the pepper, in PHC form; made by the server.</summary>
    [JsonIgnore]
    public string? Hash { get; init; }
}

/// <summary>What <see cref="UpdateKey"/> can take away.</summary>
[Flags]
public enum KeyParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The name.</summary>
    Name = 1,

    /// <summary>The end: it has none.</summary>
    Expiry = 2,

    /// <summary>The workspace: charges say.</summary>
    Workspace = 4,

    /// <summary>The daily cap.</summary>
    DailyCap = 8,

    /// <summary>The monthly cap.</summary>
    MonthlyCap = 16,

    /// <summary>The total cap.</summary>
    TotalCap = 32,

    /// <summary>The limit of requests per minute.</summary>
    RatePerMinute = 64,

    /// <summary>The limit of requests per day.</summary>
    RatePerDay = 128,

    /// <summary>The allow list: it may be used from anywhere.</summary>
    Addresses = 256,

    /// <summary>All metadata that is not given anew.</summary>
    Metadata = 512,
}

/// <summary>
/// Changes a key: what is null here stays as it is, what <see cref="Clear"/> names is taken away first. The very next charge sees
/// it. Outcomes: AccountNotFound, AccountClosed, KeyNotFound, KeyRevoked, KeyRotated, LastAdminKey, Invalid, and of its maker
/// KeyNotFound, KeyRevoked, KeyExpired, ExceedsMaker. Accepted: <see cref="KeyUpdated"/>.
/// </summary>
public sealed record UpdateKey : ManageKey
{
    /// <summary>The key's public id.</summary>
    public required string Key { get; init; }

    /// <summary>What is taken away.</summary>
    public KeyParts Clear { get; init; }

    /// <summary>A new name.</summary>
    public string? Name { get; init; }

    /// <summary>New scopes, instead of all it has.</summary>
    public string[]? Scopes { get; init; }

    /// <summary>A new end, in nanos since the Unix epoch. A key that has ended can be given a later one, unless it was rotated.</summary>
    public long? ExpiresAtNanos { get; init; }

    /// <summary>A new workspace.</summary>
    public string? Workspace { get; init; }

    /// <summary>New caps; each that is null stays. What was spent stays spent.</summary>
    public Caps? Caps { get; init; }

    /// <summary>New limits of requests; each that is null stays.</summary>
    public Rates? Rates { get; init; }

    /// <summary>A new allow list, instead of the old one.</summary>
    public string[]? Addresses { get; init; }

    /// <summary>Metadata to add or replace, by name.</summary>
    public MetadataItem[]? Metadata { get; init; }

    /// <summary>Names of metadata to take away.</summary>
    public string[]? RemoveMetadata { get; init; }

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }
}

/// <summary>
/// Makes a key that takes another's place: the same policy, another secret. The old one ends by itself after the grace period, or
/// at its own end where that is sooner; until then both share caps, rates and what is used of them. No credit is copied: it is the
/// account's. Outcomes as of <see cref="CreateKey"/>, and KeyNotFound, KeyRevoked, KeyExpired, KeyRotated, LastAdminKey of the old
/// one. Accepted: <see cref="KeyCreated"/>.
/// </summary>
public sealed record RotateKey : ManageKey
{
    /// <summary>The old key's public id.</summary>
    public required string Key { get; init; }

    /// <summary>How long the old key goes on, in nanos: 0 (it ends at once) to 30 days.</summary>
    public long GraceNanos { get; init; }

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }

    /// <summary>The new key's public id; made by the server.</summary>
    [JsonIgnore]
    public string NewKey { get; init; } = "";

    /// <summary>The old key's prefix, which the new one's tag was made with; filled in by the server.</summary>
    [JsonIgnore]
    public string Prefix { get; init; } = "";

    /// <summary>The keyed tag that proves the new secret, base64url; made by the server.</summary>
    [JsonIgnore]
    public string Tag { get; init; } = "";

    /// <summary>Fingerprint of the pepper the tag was made with; filled in by the server.</summary>
    [JsonIgnore]
    public string Pepper { get; init; } = "";

    /// <summary>The Argon2id hash that proves the new secret without the pepper, in PHC form; made by the server.</summary>
    [JsonIgnore]
    public string? Hash { get; init; }
}

/// <summary>
/// Refuses the key from now on. Outcomes: AccountNotFound, AccountClosed, KeyNotFound, KeyRevoked, LastAdminKey, and of its maker
/// KeyNotFound, KeyRevoked, KeyExpired, ExceedsMaker. Accepted: <see cref="KeyRevoked"/>.
/// </summary>
/// <param name="Key">The key's public id.</param>
/// <param name="Reason">Why, for the record.</param>
public sealed record RevokeKey(string Key, string? Reason) : ManageKey;

/// <summary>
/// Looks whether a key may be used now, from where and for what, without charging. Outcomes: AccountNotFound, AccountSuspended,
/// AccountClosed, KeyNotFound, KeyRevoked, KeyExpired, AddressNotAllowed, ScopeMissing. Replies <see cref="KeyView"/>.
/// </summary>
/// <param name="Key">The key's public id.</param>
/// <param name="Scope">A scope it must have, or null.</param>
public sealed record CheckKey(string Key, string? Scope) : AccountCommand
{
    /// <summary>The IP address that it is used from; needed where the key has an allow list.</summary>
    public string? Address { get; init; }

    /// <inheritdoc/>
    public override bool IsRead => true;
}
