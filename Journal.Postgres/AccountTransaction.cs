namespace OrleansBilling.Journal.Postgres;

/// <summary>One change of an account's balance.</summary>
public sealed record AccountTransaction
{
    /// <summary>Its row's number; also the cursor.</summary>
    public required long Seq { get; init; }

    /// <summary>When, in nanos since the Unix epoch.</summary>
    public required long AtNanos { get; init; }

    /// <summary>charge, capture, reversal, expiry, topup, bonus, refund, adjustment, payment_refund or dispute.</summary>
    public required string Kind { get; init; }

    /// <summary>The change: negative where it took credit.</summary>
    public required long AmountNanos { get; init; }

    /// <summary>The balance afterwards.</summary>
    public required long BalanceNanos { get; init; }

    /// <summary>The charge's number: this row's own, or the one that was reversed.</summary>
    public long? Charge { get; init; }

    /// <summary>The hold that was captured.</summary>
    public long? Hold { get; init; }

    /// <summary>The grant that was made or expired.</summary>
    public long? Grant { get; init; }

    /// <summary>The key that spent.</summary>
    public string? Key { get; init; }

    /// <summary>The workspace it was spent in.</summary>
    public string? Workspace { get; init; }

    /// <summary>The meter that counted.</summary>
    public string? Meter { get; init; }

    /// <summary>By how much; 0 where nothing was counted.</summary>
    public long Quantity { get; init; }

    /// <summary>The payment, ticket or invoice.</summary>
    public string? Reference { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Who caused it; empty for the system.</summary>
    public required string Actor { get; init; }

    /// <summary>The request id it answers.</summary>
    public string? RequestId { get; init; }
}
