using System.Text.Json.Serialization;

namespace OrleansBilling.Account;

/// <summary>Something that happened to an account.</summary>
public abstract record AccountEvent : Event
{
    private protected AccountEvent()
    {
    }
}

/// <summary>The account was opened.</summary>
public sealed record AccountOpened(string Currency, string Zone, int AnchorDay, long CreditLimitNanos, string Tier, QuotaLimit[] Quotas) : AccountEvent
{
    /// <summary>Whether it is for use or for tries.</summary>
    public AccountMode Mode { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>New charges and holds are refused from here on.</summary>
public sealed record AccountSuspended(string Reason) : AccountEvent;

/// <summary>The suspension ended.</summary>
public sealed record AccountResumed(string Reason) : AccountEvent;

/// <summary>The account was closed for ever.</summary>
public sealed record AccountClosed(string Reason) : AccountEvent;

/// <summary>Credit was put on the account or taken off it.</summary>
public sealed record CreditPosted : AccountEvent
{
    /// <summary>What it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required CreditKind Kind { get; init; }

    /// <summary>The change of the balance: positive for credit, negative for a debit, 0 for a balance set to what it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long AmountNanos { get; init; }

    /// <summary>The balance afterwards.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long BalanceNanos { get; init; }

    /// <summary>What became a grant, after debt was paid; its number is this row's.</summary>
    public long GrantNanos { get; init; }

    /// <summary>The grant's priority.</summary>
    public int Priority { get; init; }

    /// <summary>When the grant ends; null is never.</summary>
    public long? ExpiresAtNanos { get; init; }

    /// <summary>What a debit took from grants; the rest became debt.</summary>
    public GrantPart[]? Takes { get; init; }

    /// <summary>The payment, ticket or invoice this belongs to.</summary>
    public string? Reference { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>A grant ended with something left in it.</summary>
public sealed record GrantExpired : AccountEvent
{
    /// <summary>The grant's number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long Grant { get; init; }

    /// <summary>What was left, and is gone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long AmountNanos { get; init; }

    /// <summary>The balance afterwards.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long BalanceNanos { get; init; }

    /// <summary>When it was due.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long DueAtNanos { get; init; }
}

/// <summary>A request was checked against every limit and deducted.</summary>
public sealed record Charged : AccountEvent
{
    /// <summary>What it cost; 0 for an internal key.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long AmountNanos { get; init; }

    /// <summary>The balance afterwards; before, it was this plus the amount.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long BalanceNanos { get; init; }

    /// <summary>What is held of the balance.</summary>
    public long HeldNanos { get; init; }

    /// <summary>All that was ever spent on this account, this included, less reversals.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long TotalSpentNanos { get; init; }

    /// <summary>The meter that counted.</summary>
    public required string Meter { get; init; }

    /// <summary>By how much.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long Quantity { get; init; }

    /// <summary>The key that spent.</summary>
    public string? Key { get; init; }

    /// <summary>The workspace it was spent in.</summary>
    public string? Workspace { get; init; }

    /// <summary>What was used.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The version of the prices, where the amount was worked out here.</summary>
    public string? PriceVersion { get; init; }

    /// <summary>True for an internal key: recorded, not charged, not counted.</summary>
    public bool Internal { get; init; }

    /// <summary>The grants it was taken from, in order; what they do not cover is debt within the credit limit.</summary>
    public GrantPart[]? Takes { get; init; }

    /// <summary>The local day it counts in, where that is a new one for the account.</summary>
    public Window? Day { get; init; }

    /// <summary>The billing month it counts in, where that is a new one for the account.</summary>
    public Window? Month { get; init; }

    /// <summary>The limits that were checked, with what is used of them now.</summary>
    public Limit[]? Checks { get; init; }

    /// <summary>The expired hold that this late capture charges, or 0.</summary>
    public long LateHold { get; init; }
}

/// <summary>A charge or a captured part was undone, whole or in part.</summary>
public sealed record ChargeReversed : AccountEvent
{
    /// <summary>The number of the charge.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long Charge { get; init; }

    /// <summary>How much went back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long AmountNanos { get; init; }

    /// <summary>What has gone back of this charge so far, this included.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long ReversedNanos { get; init; }

    /// <summary>The balance afterwards.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long BalanceNanos { get; init; }

    /// <summary>What is held of the balance.</summary>
    public long HeldNanos { get; init; }

    /// <summary>All that was ever spent on this account, less reversals.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long TotalSpentNanos { get; init; }

    /// <summary>
    /// The grants it went back to, last taken first; one that has ended meanwhile is opened again with its old terms, so that it
    /// expires at once where its end has passed. A part under this row's number is a new grant: debt that was paid since. The
    /// rest of the amount reduced debt.
    /// </summary>
    public GrantPart[]? Gives { get; init; }

    /// <summary>The time of the charge's row: the window whose counters are restored, where it still runs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long ChargedAtNanos { get; init; }

    /// <summary>The hold that was captured, for a captured part; or 0.</summary>
    public long Hold { get; init; }

    /// <summary>When that hold was placed; what it held is restored in the windows of that time.</summary>
    public long PlacedAtNanos { get; init; }

    /// <summary>What of the amount had been captured beyond the hold, and is restored in the windows of the charge's row.</summary>
    public long ExcessNanos { get; init; }

    /// <summary>The charge's key.</summary>
    public string? Key { get; init; }

    /// <summary>The charge's workspace.</summary>
    public string? Workspace { get; init; }

    /// <summary>The charge's meter.</summary>
    public required string Meter { get; init; }

    /// <summary>What the meter gives back: the charge's quantity with its last part, 0 before.</summary>
    public long Quantity { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>The account's limits were replaced.</summary>
public sealed record LimitsSet(long CreditLimitNanos, long? DailyCapNanos, long? MonthlyCapNanos, long? LowBalanceNanos) : AccountEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>The account was put on a tier.</summary>
public sealed record TierSet(string Tier, QuotaLimit[] Quotas) : AccountEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>Counters were set back to zero.</summary>
public sealed record QuotaReset(string? Meter, string Reason) : AccountEvent;

/// <summary>A workspace's caps were set.</summary>
public sealed record WorkspaceSet(string Workspace, Caps Caps) : AccountEvent
{
    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>Available credit fell below the threshold; said once until it has been at or above it again.</summary>
public sealed record LowBalanceCrossed(long ThresholdNanos, long AvailableNanos) : AccountEvent;

/// <summary>The account was moved to another time zone, from its next day and its next month on.</summary>
public sealed record ZoneSet(string Zone, string? Reason) : AccountEvent
{
    /// <summary>The local day that runs and goes on to its end, where it is a new one for the account.</summary>
    public Window? Day { get; init; }

    /// <summary>The billing month that runs and goes on to its end, where it is a new one for the account.</summary>
    public Window? Month { get; init; }
}

/// <summary>Somebody was about to change where grains live. On record only.</summary>
public sealed record ClusterChangeAsked(string What, string Target, string? Silo, string? Reason) : AccountEvent;

/// <summary>What came of a change of where grains live. On record only.</summary>
public sealed record ClusterChangeEnded(long Change, string Result) : AccountEvent;

/// <summary>The account's profile was set. On record only: what stands in it is beside the journal.</summary>
public sealed record ProfileSet(string? Reason) : AccountEvent;

/// <summary>The account's profile was erased. On record only.</summary>
public sealed record ProfileErased(string? Reason) : AccountEvent;
