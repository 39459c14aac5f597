using System.Text.Json.Serialization;

namespace OrleansBilling.Account;

/// <summary>Credit was set aside. The hold's number is this row's.</summary>
public sealed record HoldPlaced : AccountEvent
{
    /// <summary>How much is held; 0 for an internal key.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long AmountNanos { get; init; }

    /// <summary>The balance, unchanged by a hold.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long BalanceNanos { get; init; }

    /// <summary>What is held of it, this included.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long HeldNanos { get; init; }

    /// <summary>When it ends by itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long ExpiresAtNanos { get; init; }

    /// <summary>The meter that counted.</summary>
    public required string Meter { get; init; }

    /// <summary>By how much.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long Quantity { get; init; }

    /// <summary>The key that spends.</summary>
    public string? Key { get; init; }

    /// <summary>The workspace it is spent in.</summary>
    public string? Workspace { get; init; }

    /// <summary>What is expected to be used.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The version of the prices that captures will use, also where the hold's amount was given; none for an internal key.</summary>
    public string? PriceVersion { get; init; }

    /// <summary>True for an internal key.</summary>
    public bool Internal { get; init; }

    /// <summary>The grants it is set aside in; what they do not cover is debt within the credit limit.</summary>
    public GrantPart[]? Takes { get; init; }

    /// <summary>The local day it counts in, where that is a new one for the account.</summary>
    public Window? Day { get; init; }

    /// <summary>The billing month it counts in, where that is a new one for the account.</summary>
    public Window? Month { get; init; }

    /// <summary>The limits that were checked, with what is used of them now.</summary>
    public Limit[]? Checks { get; init; }
}

/// <summary>A hold's expiry was moved.</summary>
public sealed record HoldExtended(long Hold, long ExpiresAtNanos) : AccountEvent;

/// <summary>A hold was charged, whole or in part. The captured part can be reversed under this row's number.</summary>
public sealed record HoldCaptured : AccountEvent
{
    /// <summary>The hold's number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long Hold { get; init; }

    /// <summary>What was charged.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long AmountNanos { get; init; }

    /// <summary>What was given back of the hold, where it ended; the hold's remainder stands otherwise.</summary>
    public long ReleasedNanos { get; init; }

    /// <summary>What is left on hold; 0 when it ended.</summary>
    public long RemainingNanos { get; init; }

    /// <summary>Whether the hold ended with this.</summary>
    public bool Final { get; init; }

    /// <summary>The balance afterwards.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long BalanceNanos { get; init; }

    /// <summary>What is held of it.</summary>
    public long HeldNanos { get; init; }

    /// <summary>All that was ever spent on this account, this included, less reversals.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long TotalSpentNanos { get; init; }

    /// <summary>The grants it was taken from, held ones first.</summary>
    public GrantPart[]? Takes { get; init; }

    /// <summary>The hold's meter.</summary>
    public required string Meter { get; init; }

    /// <summary>The hold's quantity with the first part, 0 with later ones: what a full reversal gives back.</summary>
    public long Quantity { get; init; }

    /// <summary>The hold's key.</summary>
    public string? Key { get; init; }

    /// <summary>The hold's workspace.</summary>
    public string? Workspace { get; init; }

    /// <summary>When the hold was placed: what was held counts in the windows of that time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long PlacedAtNanos { get; init; }

    /// <summary>What was captured beyond what was held: it counts in the windows of this row.</summary>
    public long ExcessNanos { get; init; }

    /// <summary>The local day the excess counts in, where that is a new one for the account.</summary>
    public Window? Day { get; init; }

    /// <summary>The billing month the excess counts in, where that is a new one for the account.</summary>
    public Window? Month { get; init; }

    /// <summary>What was used.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The version of the prices, where the amount was worked out here.</summary>
    public string? PriceVersion { get; init; }

    /// <summary>True for an internal key.</summary>
    public bool Internal { get; init; }

    /// <summary>The limits that were checked, where more was captured than was held.</summary>
    public Limit[]? Checks { get; init; }
}

/// <summary>A hold was given back.</summary>
public sealed record HoldReleased(long Hold, long AmountNanos, long BalanceNanos, long HeldNanos, string? Reason) : AccountEvent;

/// <summary>A hold ended by itself.</summary>
public sealed record HoldExpired(long Hold, long AmountNanos, long BalanceNanos, long HeldNanos, long DueAtNanos) : AccountEvent;
