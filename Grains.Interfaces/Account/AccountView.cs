namespace OrleansBilling.Account;

/// <summary>The whole of an account, as its grain sees it. Money in nanos, time in nanos since the Unix epoch.</summary>
public sealed record AccountView() : Reply(Outcome.Accepted)
{
    /// <summary>The number of the last row of the account's chain.</summary>
    public long Seq { get; init; }

    /// <summary>The time the view was taken.</summary>
    public long AtNanos { get; init; }

    /// <summary>Whether it is for use or for tries.</summary>
    public AccountMode Mode { get; init; }

    /// <summary>Whether the account is in use.</summary>
    public AccountStatus Status { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    /// <summary>IANA time zone.</summary>
    public required string Zone { get; init; }

    /// <summary>The day a billing month starts on.</summary>
    public int AnchorDay { get; init; }

    /// <summary>All credit, held credit included; negative when in debt.</summary>
    public long BalanceNanos { get; init; }

    /// <summary>What holds have set aside.</summary>
    public long HeldNanos { get; init; }

    /// <summary>How far below zero available may go.</summary>
    public long CreditLimitNanos { get; init; }

    /// <summary>All that was ever spent, less reversals.</summary>
    public long TotalSpentNanos { get; init; }

    /// <summary>The low-balance threshold.</summary>
    public long? LowBalanceNanos { get; init; }

    /// <summary>The tier's name.</summary>
    public required string Tier { get; init; }

    /// <summary>The day that daily caps and rates count in now: the zone's, or one that began before a change of zone.</summary>
    public required Window Day { get; init; }

    /// <summary>The billing month that monthly caps and quotas count in now, as with the day.</summary>
    public required Window Month { get; init; }

    /// <summary>Every cap of the account and quota of its tier, with what is used of it; spends without a cap have Max = -1.</summary>
    public required Limit[] Limits { get; init; }

    /// <summary>Credit grants, in the order in which they are spent.</summary>
    public required GrantView[] Grants { get; init; }

    /// <summary>Open holds, oldest first.</summary>
    public required HoldView[] Holds { get; init; }

    /// <summary>Keys, oldest first.</summary>
    public required KeyView[] Keys { get; init; }

    /// <summary>Workspaces with caps, by name.</summary>
    public required WorkspaceView[] Workspaces { get; init; }

    /// <summary>Balance − held.</summary>
    public long AvailableNanos => BalanceNanos - HeldNanos;
}

/// <summary>What is left of one grant.</summary>
public sealed record GrantView(long Grant, CreditKind Kind, long RemainingNanos, int Priority, long? ExpiresAtNanos);

/// <summary>One open hold.</summary>
public sealed record HoldView(long Hold, long RemainingNanos, long CapturedNanos, long PlacedAtNanos, long ExpiresAtNanos, string? Key, string? Workspace, string Meter, long Quantity);

/// <summary>One workspace with caps.</summary>
public sealed record WorkspaceView(string Workspace, Limit[] Limits);

/// <summary>One key's policy and where it stands.</summary>
/// <param name="Key">The key's public id.</param>
/// <param name="Prefix">The visible start.</param>
/// <param name="Name">A name for people.</param>
/// <param name="Type">Whether it is charged.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Revoked">Whether it is refused for good.</param>
/// <param name="ExpiresAtNanos">When it ends, or ended; null is never.</param>
/// <param name="Workspace">The workspace it always spends in.</param>
/// <param name="Limits">Its caps and what was spent of them; spends without a cap have Max = -1. A rotated key shares those of its successor.</param>
public sealed record KeyView(string Key, string Prefix, string? Name, KeyType Type, string[] Scopes, bool Revoked, long? ExpiresAtNanos, string? Workspace, Limit[] Limits)
    : Reply(Outcome.Accepted)
{
    /// <summary>Whether it is for use or for tries.</summary>
    public AccountMode Mode { get; init; }

    /// <summary>Where it stands against its limits of requests; none where it has none.</summary>
    public Limit[] Rates { get; init; } = [];

    /// <summary>The addresses that it may be used from, in CIDR form; null is anywhere.</summary>
    public string[]? Addresses { get; init; }

    /// <summary>The vendor's own texts, by name; null is none.</summary>
    public MetadataItem[]? Metadata { get; init; }

    /// <summary>When it was last used for a charge or a hold, to the minute; null is never.</summary>
    public long? LastUsedAtNanos { get; init; }

    /// <summary>How many charges and holds were made with it.</summary>
    public long Requests { get; init; }

    /// <summary>The id of the key that took its place, where it was rotated.</summary>
    public string? Successor { get; init; }
}
