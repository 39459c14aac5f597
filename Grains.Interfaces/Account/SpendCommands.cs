using System.Text.Json.Serialization;

namespace OrleansBilling.Account;

/// <summary>What a charge and a hold have in common: who spends, on what, how much.</summary>
public abstract record SpendCommand : AccountCommand
{
    private protected SpendCommand()
    {
    }

    /// <summary>The amount, 0 or more; null to have it priced from <see cref="Usage"/>.</summary>
    public long? AmountNanos { get; init; }

    /// <summary>What is counted against the tier's quota.</summary>
    public string Meter { get; init; } = "api_request";

    /// <summary>How much of the meter, 0 or more.</summary>
    public long Quantity { get; init; } = 1;

    /// <summary>The id of the key that spends, or null for a charge by the vendor itself.</summary>
    public string? Key { get; init; }

    /// <summary>
    /// The workspace whose caps apply; one without caps need not be known, and is not counted. Null is none, or the key's own;
    /// another than the key's own is Invalid.
    /// </summary>
    public string? Workspace { get; init; }

    /// <summary>What was used.</summary>
    public Usage? Usage { get; init; }
}

/// <summary>
/// Checks every limit and deducts, in one turn. Outcomes in the order of <see cref="Outcome"/>:
/// AccountNotFound … InsufficientCredit. Accepted: <see cref="Charged"/>.
/// </summary>
public sealed record Charge : SpendCommand;

/// <summary>
/// Sets credit aside before the cost is known, with every counter it will need. Outcomes as of <see cref="Charge"/>, and TooMany.
/// Accepted: <see cref="HoldPlaced"/>.
/// </summary>
public sealed record Authorize : SpendCommand
{
    /// <summary>How long the hold stands, in nanos: one second to 30 days.</summary>
    public required long TtlNanos { get; init; }
}

/// <summary>Moves a hold's expiry to now + ttl. Outcomes: AccountNotFound, HoldNotFound, HoldEnded, Invalid. Accepted: <see cref="HoldExtended"/>.</summary>
/// <param name="Hold">The hold's number.</param>
/// <param name="TtlNanos">From now, in nanos: one second to 30 days.</param>
public sealed record ExtendHold(long Hold, long TtlNanos) : AccountCommand;

/// <summary>
/// Charges a hold: less, equal, or more as far as available credit and limits allow. May be repeated until <see cref="Final"/>.
/// What goes beyond the hold is checked like a charge and counts in the windows of the capture. A capture of an expired hold is a
/// new charge at the prices in force, once, within 24 hours. Outcomes: AccountNotFound, AccountClosed, HoldNotFound, HoldEnded,
/// PriceNotFound, Overflow, the limits; a late one as of <see cref="Charge"/>.
/// Accepted: <see cref="HoldCaptured"/>, or <see cref="Charged"/> for a late one.
/// </summary>
public sealed record CaptureHold : AccountCommand
{
    /// <summary>The hold's number.</summary>
    public required long Hold { get; init; }

    /// <summary>The amount, 0 or more; null to have it priced from <see cref="Usage"/>, with the version that was in force when the hold was placed.</summary>
    public long? AmountNanos { get; init; }

    /// <summary>What was used.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Whether what is left of the hold is released.</summary>
    public bool Final { get; init; } = true;
}

/// <summary>Gives a hold's credit and counters back. Outcomes: AccountNotFound, HoldNotFound, HoldEnded. Accepted: <see cref="HoldReleased"/>.</summary>
/// <param name="Hold">The hold's number.</param>
/// <param name="Reason">Why, for the record.</param>
public sealed record ReleaseHold(long Hold, string? Reason) : AccountCommand;

/// <summary>
/// Undoes a charge or a captured part of a hold, whole or in part: its money goes back to the grants it came from, its
/// counters are restored where their window still runs. Outcomes: AccountNotFound, AccountClosed, ChargeNotFound,
/// ReversalExceedsCharge, ReversalTooLate, TooMany. Accepted: <see cref="ChargeReversed"/>.
/// </summary>
public sealed record ReverseCharge : AccountCommand
{
    /// <summary>The charge's number.</summary>
    public required long Charge { get; init; }

    /// <summary>How much; null for all that is left.</summary>
    public long? AmountNanos { get; init; }

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override long RefersTo => Charge;
}

/// <summary>Makes a key known to its account. Outcomes: AccountNotFound, AccountClosed, KeyExists, Invalid, TooMany. Accepted: <see cref="KeyCreated"/>.</summary>
public sealed record CreateKey : AccountCommand
{
    /// <summary>A name for people.</summary>
    public string? Name { get; init; }

    /// <summary>Whether it is charged.</summary>
    public KeyType Type { get; init; }

    /// <summary>What it may do, in the vendor's words; <c>*</c> is everything.</summary>
    public string[] Scopes { get; init; } = [];

    /// <summary>When it ends, in nanos since the Unix epoch; null is never.</summary>
    public long? ExpiresAtNanos { get; init; }

    /// <summary>The workspace it always spends in; null lets the charge say.</summary>
    public string? Workspace { get; init; }

    /// <summary>Its caps.</summary>
    public Caps Caps { get; init; } = new();

    /// <summary>The visible start of the key, at most 16 characters.</summary>
    public string Prefix { get; init; } = "sk_";

    /// <summary>The key's public id, made by the server, so not part of the body that repeats are compared by.</summary>
    [JsonIgnore]
    public string Key { get; init; } = "";

    /// <summary>The keyed tag that proves the secret, base64url; made by the server.</summary>
    [JsonIgnore]
    public string Tag { get; init; } = "";

    /// <summary>Fingerprint of the pepper the tag was made with; filled in by the server.</summary>
    [JsonIgnore]
    public string Pepper { get; init; } = "";
}

/// <summary>Refuses the key from now on. Outcomes: AccountNotFound, KeyNotFound, KeyRevoked. Accepted: <see cref="KeyRevoked"/>.</summary>
/// <param name="Key">The key's public id.</param>
/// <param name="Reason">Why, for the record.</param>
public sealed record RevokeKey(string Key, string? Reason) : AccountCommand;

/// <summary>
/// Looks whether a key may be used now, and for what, without charging. Outcomes: AccountNotFound, AccountSuspended, AccountClosed,
/// KeyNotFound, KeyRevoked, KeyExpired, ScopeMissing. Replies <see cref="KeyView"/>.
/// </summary>
/// <param name="Key">The key's public id.</param>
/// <param name="Scope">A scope it must have, or null.</param>
public sealed record CheckKey(string Key, string? Scope) : AccountCommand
{
    /// <inheritdoc/>
    public override bool IsRead => true;
}
