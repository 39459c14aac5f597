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

    /// <summary>The IP address that the key is used from, as whoever asks saw it; needed where the key has an allow list.</summary>
    public string? Address { get; init; }

    /// <summary>A scope that the key must have for this, or null.</summary>
    public string? Scope { get; init; }
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
