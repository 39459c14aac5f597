using OrleansBilling.Account;

namespace OrleansBilling.ApiHost.Json;

/// <summary>How many requests a key may make.</summary>
/// <param name="PerMinute">In any minute.</param>
/// <param name="PerDay">Per local day of the account.</param>
internal sealed record RatesResponse(long? PerMinute, long? PerDay)
{
    /// <summary>Limits as the grain has them.</summary>
    /// <param name="rates">The limits, or null.</param>
    public static RatesResponse? From(Rates? rates) => rates is null ? null : new RatesResponse(rates.PerMinute, rates.PerDay);
}

/// <summary>Caps.</summary>
/// <param name="Daily">Per local day of the account.</param>
/// <param name="Monthly">Per billing month.</param>
/// <param name="Total">For ever.</param>
internal sealed record CapsResponse(Units? Daily, Units? Monthly, Units? Total)
{
    /// <summary>Caps as the grain has them.</summary>
    /// <param name="caps">The caps, or null.</param>
    public static CapsResponse? From(Caps? caps) =>
        caps is null ? null : new CapsResponse(Units.From(caps.DailyNanos), Units.From(caps.MonthlyNanos), Units.From(caps.TotalNanos));
}

/// <summary>A key, without what proves it.</summary>
internal sealed record KeyResponse(
    string KeyId, string Prefix, string? Name, string Type, string Mode, string[] Scopes, bool Revoked, Moment? ExpiresAt, string? Successor, string? Workspace,
    LimitResponse[] Limits, string[]? Addresses, SortedDictionary<string, string>? Metadata, Moment? LastUsedAt, long Requests)
{
    /// <summary>A key as its account sees it.</summary>
    /// <param name="key">The key.</param>
    public static KeyResponse From(KeyView key) => new(
        key.Key, key.Prefix, key.Name, KeyBody.Name(key.Type), KeyBody.Name(key.Mode), key.Scopes, key.Revoked, Moment.From(key.ExpiresAtNanos), key.Successor,
        key.Workspace, [.. LimitResponse.From(key.Rates)!, .. LimitResponse.From(key.Limits)!], key.Addresses, MetadataOf(key.Metadata),
        Moment.From(key.LastUsedAtNanos), key.Requests);

    /// <summary>Metadata as an object.</summary>
    /// <param name="items">Its members, or null.</param>
    public static SortedDictionary<string, string>? MetadataOf(MetadataItem[]? items) => items is null
        ? null
        : new SortedDictionary<string, string>(items.ToDictionary(static i => i.Name, static i => i.Value, StringComparer.Ordinal), StringComparer.Ordinal);
}

/// <summary>The keys of an account, oldest first.</summary>
internal sealed record KeysResponse(string Account, KeyResponse[] Keys);

/// <summary>A key that was just made.</summary>
/// <param name="Account">The account it belongs to.</param>
/// <param name="KeyId">Its public id.</param>
/// <param name="Key">The whole key, shown this once; left out when an earlier request is answered again.</param>
/// <param name="Name">A name for people.</param>
/// <param name="Type"><c>standard</c> or <c>internal</c>.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Workspace">The workspace it always spends in.</param>
/// <param name="Caps">Its caps.</param>
/// <param name="Rates">How many requests it may make.</param>
/// <param name="Addresses">The addresses it may be used from.</param>
/// <param name="Metadata">The vendor's own texts.</param>
/// <param name="Replaces">The id of the key whose place it takes.</param>
/// <param name="ReplacedEndsAt">When that one ends.</param>
/// <param name="At">When it was made.</param>
/// <param name="Replayed">True when an earlier request under the same id is answered again.</param>
internal sealed record NewKeyResponse(
    string Account, string KeyId, string? Key, string? Name, string Type, string[] Scopes, Moment? ExpiresAt, string? Workspace, CapsResponse? Caps, RatesResponse? Rates,
    string[]? Addresses, SortedDictionary<string, string>? Metadata, string? Replaces, Moment? ReplacedEndsAt, Moment At, bool? Replayed)
{
    /// <summary>A key as the account recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    /// <param name="whole">The whole key, or null.</param>
    public static NewKeyResponse From(string account, Accepted accepted, KeyCreated e, string? whole) => new(
        account, e.Key, whole, e.Name, KeyBody.Name(e.Type), e.Scopes ?? [], Moment.From(e.ExpiresAtNanos), e.Workspace, CapsResponse.From(e.Caps), RatesResponse.From(e.Rates),
        e.Addresses, KeyResponse.MetadataOf(e.Metadata), e.Replaces, Moment.From(e.ReplacedEndsAtNanos), new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}

/// <summary>A key that was changed: all that can be changed of it, as it is now.</summary>
internal sealed record ChangedKeyResponse(
    string Account, string KeyId, long Entry, string? Name, string[] Scopes, Moment? ExpiresAt, string? Workspace, CapsResponse? Caps, RatesResponse? Rates,
    string[]? Addresses, SortedDictionary<string, string>? Metadata, Moment At, bool? Replayed)
{
    /// <summary>A change as the account recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static ChangedKeyResponse From(string account, Accepted accepted, KeyUpdated e) => new(
        account, e.Key, accepted.Seq, e.Name, e.Scopes ?? [], Moment.From(e.ExpiresAtNanos), e.Workspace, CapsResponse.From(e.Caps), RatesResponse.From(e.Rates),
        e.Addresses, KeyResponse.MetadataOf(e.Metadata), new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}
