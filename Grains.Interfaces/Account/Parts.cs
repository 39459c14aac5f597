namespace OrleansBilling.Account;

/// <summary>Where money on an account comes from or goes to, other than by charges.</summary>
public enum CreditKind
{
    /// <summary>Bought credit.</summary>
    Topup,

    /// <summary>Credit given for nothing.</summary>
    Bonus,

    /// <summary>Credit given back to the customer.</summary>
    Refund,

    /// <summary>An operator's correction, of either sign; a negative one may go below the credit limit.</summary>
    Adjustment,

    /// <summary>A payment was refunded at the payment provider: a debit that may go below the credit limit.</summary>
    PaymentRefund,

    /// <summary>A payment was disputed: a debit that may go below the credit limit.</summary>
    Dispute,
}

/// <summary>Whether a key spends money.</summary>
public enum KeyType
{
    /// <summary>Charged and limited.</summary>
    Standard,

    /// <summary>Never charged, no money or quota limit; usage is still recorded.</summary>
    Internal,
}

/// <summary>What an account, and every key of it, is for. Live and test are separate accounts.</summary>
public enum AccountMode
{
    /// <summary>Use in earnest.</summary>
    Live,

    /// <summary>Tries.</summary>
    Test,
}

/// <summary>The life of an account.</summary>
public enum AccountStatus
{
    /// <summary>Not opened yet.</summary>
    None,

    /// <summary>In use.</summary>
    Active,

    /// <summary>Refuses new charges and holds; captures, releases, reversals and credits still work.</summary>
    Suspended,

    /// <summary>Over, for ever.</summary>
    Closed,
}

/// <summary>What was used, for pricing, statements and analytics. Every field may be left out.</summary>
public sealed record Usage
{
    /// <summary>The model whose token prices apply, at most 128 characters.</summary>
    public string? Model { get; init; }

    /// <summary>Input tokens that were not read from a cache.</summary>
    public long InputTokens { get; init; }

    /// <summary>Output tokens, without reasoning tokens.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Input tokens read from a cache.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Reasoning tokens.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>The endpoint that was called; priced per request where the price table has it.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The HTTP method of the call.</summary>
    public string? Method { get; init; }

    /// <summary>The customer's session.</summary>
    public string? Session { get; init; }

    /// <summary>Where the call came from, in the vendor's words.</summary>
    public string? Source { get; init; }

    /// <summary>How long the call took, in milliseconds.</summary>
    public long DurationMs { get; init; }

    /// <summary>The HTTP status of the vendor's answer.</summary>
    public int Status { get; init; }

    /// <summary>How the call ended, in the vendor's words, for example <c>completed</c> or <c>client_cancelled</c>.</summary>
    public string? Outcome { get; init; }
}

/// <summary>A cap for each window; null is no cap. Nanos.</summary>
public sealed record Caps
{
    /// <summary>Per local day of the account.</summary>
    public long? DailyNanos { get; init; }

    /// <summary>Per billing month of the account.</summary>
    public long? MonthlyNanos { get; init; }

    /// <summary>For ever.</summary>
    public long? TotalNanos { get; init; }
}

/// <summary>How many requests a key may make; null is no limit. Each charge and each hold is one, whatever it counts and costs.</summary>
public sealed record Rates
{
    /// <summary>
    /// In any 60 seconds, 1 or more. Requests are counted by the second they came in and for 60 whole seconds after it, so that
    /// never more pass than this; a request may be counted for up to one second longer than 60.
    /// </summary>
    public long? PerMinute { get; init; }

    /// <summary>Per local day of the account, 1 or more, counted from when the limit was set.</summary>
    public long? PerDay { get; init; }
}

/// <summary>One member of a key's metadata: texts of the vendor's own, which nothing here looks at. Not for personal data.</summary>
/// <param name="Name">Its name, at most 64 characters.</param>
/// <param name="Value">Its value, at most 256 characters.</param>
public sealed record MetadataItem(string Name, string Value);

/// <summary>A tier's limit of one meter per billing month.</summary>
/// <param name="Meter">The meter's name.</param>
/// <param name="Max">The most that may be counted; null is unlimited.</param>
public sealed record QuotaLimit(string Meter, long? Max);

/// <summary>
/// Part of an amount, taken from or given back to one grant, with the grant's terms, so that a reversal can open a grant again
/// that is gone meanwhile. Usual terms are left out of the stored form.
/// </summary>
/// <param name="Grant">The sequence number of the row that made the grant.</param>
/// <param name="Nanos">How much, positive.</param>
/// <param name="Priority">The grant's priority; null is <see cref="UsualPriority"/>.</param>
/// <param name="ExpiresAtNanos">When the grant ends, in nanos since the Unix epoch; null is never.</param>
/// <param name="Kind">What the grant is.</param>
public sealed record GrantPart(long Grant, long Nanos, int? Priority = null, long? ExpiresAtNanos = null, CreditKind Kind = CreditKind.Topup)
{
    /// <summary>The priority of a grant for which none was asked.</summary>
    public const int UsualPriority = 50;
}

/// <summary>A window of time, in nanos since the Unix epoch.</summary>
/// <param name="StartNanos">The first instant in it.</param>
/// <param name="EndNanos">The first instant after it.</param>
public sealed record Window(long StartNanos, long EndNanos);
