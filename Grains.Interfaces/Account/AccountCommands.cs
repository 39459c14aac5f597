using System.Text.Json.Serialization;

namespace OrleansBilling.Account;

/// <summary>A command to an account grain.</summary>
public abstract record AccountCommand : Command
{
    private protected AccountCommand()
    {
    }
}

/// <summary>Opens the account. Outcomes: AccountExists, Invalid.</summary>
public sealed record OpenAccount : AccountCommand
{
    /// <summary>ISO 4217 code, three capital letters.</summary>
    public required string Currency { get; init; }

    /// <summary>IANA time zone in which days and months of this account run.</summary>
    public required string Zone { get; init; }

    /// <summary>The day a billing month starts on, 1 to 31; the month's last day where the month is shorter.</summary>
    public int AnchorDay { get; init; } = 1;

    /// <summary>How far below zero charges may take the available credit; 0 is prepaid.</summary>
    public long CreditLimitNanos { get; init; }

    /// <summary>Whether it is for use or for tries; all its keys are of this mode, for ever.</summary>
    public AccountMode Mode { get; init; }

    /// <summary>The tier's name.</summary>
    public string Tier { get; init; } = "default";

    /// <summary>The tier's quotas; a meter that is not listed is unlimited. Null: those that the host has for this tier.</summary>
    public QuotaLimit[]? Quotas { get; init; } = [];

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }

    /// <summary>What the host has for this tier; null where it knows none. Filled in by the server, so not part of the body that repeats are compared by.</summary>
    [JsonIgnore]
    public QuotaLimit[]? TierQuotas { get; init; }
}

/// <summary>Stops new charges and holds. Outcomes: AccountNotFound, AccountSuspended, AccountClosed.</summary>
/// <param name="Reason">Why, for the record.</param>
public sealed record SuspendAccount(string Reason) : AccountCommand;

/// <summary>Ends a suspension. Outcomes: AccountNotFound, AccountNotSuspended, AccountClosed.</summary>
/// <param name="Reason">Why, for the record.</param>
public sealed record ResumeAccount(string Reason) : AccountCommand;

/// <summary>Closes the account for ever. Outcomes: AccountNotFound, AccountClosed, AccountNotEmpty.</summary>
/// <param name="Reason">Why, for the record.</param>
public sealed record CloseAccount(string Reason) : AccountCommand;

/// <summary>Puts credit on the account or takes it off. Outcomes: AccountNotFound, AccountClosed, Invalid, TooMany, Overflow.</summary>
public sealed record PostCredit : AccountCommand
{
    /// <summary>What it is.</summary>
    public required CreditKind Kind { get; init; }

    /// <summary>Positive; for an adjustment of either sign but not 0. Payment refunds and disputes are debited.</summary>
    public required long AmountNanos { get; init; }

    /// <summary>Grants of a lower number are spent first; 0 to 100.</summary>
    public int Priority { get; init; } = 50;

    /// <summary>When the grant ends, in nanos since the Unix epoch; null is never. Not for debits.</summary>
    public long? ExpiresAtNanos { get; init; }

    /// <summary>The payment, ticket or invoice this belongs to.</summary>
    public string? Reference { get; init; }

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }
}

/// <summary>Sets the balance; recorded as the adjustment it is. Outcomes as of <see cref="PostCredit"/>.</summary>
public sealed record SetBalance : AccountCommand
{
    /// <summary>The balance to have afterwards.</summary>
    public required long BalanceNanos { get; init; }

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }
}

/// <summary>Replaces the account's limits. Outcomes: AccountNotFound, AccountClosed, Invalid.</summary>
public sealed record SetLimits : AccountCommand
{
    /// <summary>How far below zero charges may take the available credit.</summary>
    public long CreditLimitNanos { get; init; }

    /// <summary>The most that may be spent per local day; null is no cap.</summary>
    public long? DailyCapNanos { get; init; }

    /// <summary>The most that may be spent per billing month; null is no cap.</summary>
    public long? MonthlyCapNanos { get; init; }

    /// <summary>Available credit below which a low-balance event is recorded, once per crossing; null is never.</summary>
    public long? LowBalanceNanos { get; init; }

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }
}

/// <summary>Puts the account on a tier; what is used in this period stays used. Outcomes: AccountNotFound, AccountClosed, Invalid, TooMany.</summary>
/// <param name="Tier">The tier's name.</param>
/// <param name="Quotas">The tier's quotas; a meter that is not listed is unlimited. Null: those that the host has for this tier.</param>
public sealed record SetTier(string Tier, QuotaLimit[]? Quotas) : AccountCommand
{
    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }

    /// <summary>What the host has for this tier; null where it knows none. Filled in by the server, so not part of the body that repeats are compared by.</summary>
    [JsonIgnore]
    public QuotaLimit[]? TierQuotas { get; init; }
}

/// <summary>Sets counters of the current period back to zero. Outcomes: AccountNotFound, AccountClosed, MeterNotFound.</summary>
/// <param name="Meter">One meter, or null for all.</param>
/// <param name="Reason">Why, for the record.</param>
public sealed record ResetQuota(string? Meter, string Reason) : AccountCommand;

/// <summary>
/// Creates or replaces a workspace's caps. Outcomes: AccountNotFound, AccountClosed, Invalid, TooMany, and of its maker KeyNotFound,
/// KeyRevoked, KeyExpired, ExceedsMaker.
/// </summary>
/// <param name="Workspace">The workspace's name.</param>
/// <param name="Caps">Its caps.</param>
public sealed record SetWorkspace(string Workspace, Caps Caps) : AccountCommand
{
    /// <summary>
    /// The id of the key of this account that asks; filled in by the server. It has to be usable, and one that always spends in one
    /// workspace sets no caps: they bound what it spends itself. Null is an operator's word.
    /// </summary>
    [JsonIgnore]
    public string? Maker { get; init; }

    /// <summary>Why, for the record.</summary>
    public string? Reason { get; init; }
}

/// <summary>
/// Moves the account to another time zone. The day and month that run go on to their old ends, whether anything counted in them yet or
/// not; those after them are the new zone's, and begin at those ends where they would have begun before.
/// Outcomes: AccountNotFound, AccountClosed, Invalid. Accepted: <see cref="ZoneSet"/>.
/// </summary>
/// <param name="Zone">IANA time zone.</param>
/// <param name="Reason">Why, for the record.</param>
public sealed record SetZone(string Zone, string? Reason) : AccountCommand;

/// <summary>
/// Records that an account's profile is set. What stands in it is beside the journal, so that it can be erased. Outcomes:
/// AccountNotFound, AccountClosed, Invalid. Accepted: <see cref="ProfileSet"/>.
/// </summary>
/// <param name="Digest">Tells one profile from another where a request is repeated, 1 to 128 characters; made with the pepper, and stored in no event.</param>
/// <param name="Reason">Why, for the record.</param>
public sealed record SetProfile(string Digest, string? Reason) : AccountCommand;

/// <summary>Records that an account's profile is erased; of a closed account too. Outcomes: AccountNotFound, Invalid. Accepted: <see cref="ProfileErased"/>.</summary>
/// <param name="Reason">Why, for the record.</param>
public sealed record EraseProfile(string? Reason) : AccountCommand;

/// <summary>
/// Records that somebody is about to change where grains live; of the vendor's own account. Outcomes: AccountNotFound, AccountClosed,
/// Invalid. Accepted: <see cref="ClusterChangeAsked"/>.
/// </summary>
/// <param name="What">What, 1 to 128 characters: <c>drain</c>, <c>deactivate</c> or <c>move</c>.</param>
/// <param name="Target">The silo, or the grain's path, 1 to 128 characters.</param>
/// <param name="Silo">Where the grain goes, of a move, 1 to 128 characters; or null.</param>
/// <param name="Reason">Why, for the record.</param>
public sealed record AskClusterChange(string What, string Target, string? Silo, string? Reason) : AccountCommand;

/// <summary>
/// Records what came of such a change. Its request id says which change, so that only the first word about it counts. Without a
/// result it only asks whether there was one, and is Invalid where there was none. Outcomes: AccountNotFound, AccountClosed, Invalid.
/// Accepted: <see cref="ClusterChangeEnded"/>.
/// </summary>
/// <param name="Change">The number of the row that asked.</param>
public sealed record EndClusterChange(long Change) : AccountCommand
{
    /// <summary>What came of it, 1 to 128 characters; null to ask. Not part of the body that repeats are compared by.</summary>
    [JsonIgnore]
    public string? Result { get; init; }
}

/// <summary>The account and all that hangs on it. Outcomes: AccountNotFound. Replies <see cref="AccountView"/>.</summary>
public sealed record GetAccount : AccountCommand
{
    /// <inheritdoc/>
    public override bool IsRead => true;
}
