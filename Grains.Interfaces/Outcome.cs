namespace OrleansBilling;

/// <summary>
/// What became of a command. The denials stand in the order in which they are checked: where several hold, the first one is
/// the answer. One map in the front end turns each into an HTTP status.
/// </summary>
public enum Outcome
{
    /// <summary>Done, and durable.</summary>
    Accepted = 0,

    // The host could not decide, or could not make the decision durable. Nothing is known to have changed.

    /// <summary>The journal cannot be reached. Nothing was decided; repeat later.</summary>
    Unavailable = 1,

    /// <summary>The journal's queue is full. Nothing was decided; repeat later.</summary>
    Overloaded = 2,

    /// <summary>The connection broke around the commit: the command may have been recorded or not. Repeat with the same request id.</summary>
    InDoubt = 3,

    /// <summary>The host's clock is too far from the database's, or could not be compared with it. Nothing was decided; repeat later.</summary>
    ClockSkew = 4,

    /// <summary>The grain's rows do not form a chain. An operator has to look; nothing is decided on it.</summary>
    GrainBroken = 5,

    /// <summary>The host is stopping. Nothing was decided; repeat at another host.</summary>
    Stopping = 6,

    /// <summary>Too many keys wait to be proven by their hashes after a change of pepper. Nothing was decided; repeat later.</summary>
    KeyProofBusy = 7,

    // The request itself.

    /// <summary>The request id was used before with another body. Nothing changed.</summary>
    IdempotencyMismatch = 10,

    /// <summary>A field is out of its range; the reply names it by its path in the body, for example <c>usage.inputTokens</c> or <c>quotas[0].max</c>.</summary>
    Invalid = 11,

    // The account.

    /// <summary>There is no such account.</summary>
    AccountNotFound = 20,

    /// <summary>The account is there already.</summary>
    AccountExists = 21,

    /// <summary>The account is suspended.</summary>
    AccountSuspended = 22,

    /// <summary>The account is closed, for ever.</summary>
    AccountClosed = 23,

    /// <summary>The account is not suspended, so it cannot be resumed.</summary>
    AccountNotSuspended = 24,

    /// <summary>An account with a debt, credit or open holds cannot be closed.</summary>
    AccountNotEmpty = 25,

    // The key.

    /// <summary>The key does not belong to this account, or does not exist.</summary>
    KeyNotFound = 30,

    /// <summary>The key exists already.</summary>
    KeyExists = 31,

    /// <summary>The key is revoked.</summary>
    KeyRevoked = 32,

    /// <summary>The key has expired.</summary>
    KeyExpired = 33,

    /// <summary>The key has a list of addresses that it may be used from, and this is none of them.</summary>
    AddressNotAllowed = 34,

    /// <summary>The key lacks the scope that the command needs.</summary>
    ScopeMissing = 35,

    /// <summary>A key would make, change or revoke one that may do more than itself; the reply names what is more.</summary>
    ExceedsMaker = 36,

    /// <summary>The key was rotated; another has taken its place.</summary>
    KeyRotated = 37,

    /// <summary>The change would leave the vendor's own account without a key that may do everything and never ends.</summary>
    LastAdminKey = 38,

    // What a command refers to.

    /// <summary>No such charge in this account.</summary>
    ChargeNotFound = 40,

    /// <summary>More would be reversed than is left of the charge. The limit <c>charge</c> says its amount (Max) and what was reversed before (Used).</summary>
    ReversalExceedsCharge = 41,

    /// <summary>The charge is older than the time in which it may be reversed.</summary>
    ReversalTooLate = 42,

    /// <summary>No such hold in this account, or it ended too long ago to be known.</summary>
    HoldNotFound = 43,

    /// <summary>The hold was captured in full, or released.</summary>
    HoldEnded = 44,

    /// <summary>The workspace is not known to this account.</summary>
    WorkspaceNotFound = 45,

    /// <summary>The meter has no counter in this account.</summary>
    MeterNotFound = 46,

    /// <summary>No price is configured for what was used.</summary>
    PriceNotFound = 47,

    // Ceilings, so that one grain's memory is bounded.

    /// <summary>The account has as many of these (grants, holds, keys, workspaces, reversals, meters) as it may have.</summary>
    TooMany = 50,

    /// <summary>A balance or counter would leave its range.</summary>
    Overflow = 51,

    // Limits, in the order of DESIGN.md.

    /// <summary>The key's limit of requests per minute.</summary>
    KeyMinuteRateExceeded = 58,

    /// <summary>The key's limit of requests per day.</summary>
    KeyDailyRateExceeded = 59,

    /// <summary>The tier's quota of this meter is used up in this period.</summary>
    QuotaExceeded = 60,

    /// <summary>The key's daily cap.</summary>
    KeyDailyCapExceeded = 61,

    /// <summary>The key's monthly cap.</summary>
    KeyMonthlyCapExceeded = 62,

    /// <summary>The key's total cap.</summary>
    KeyTotalCapExceeded = 63,

    /// <summary>The workspace's daily cap.</summary>
    WorkspaceDailyCapExceeded = 64,

    /// <summary>The workspace's monthly cap.</summary>
    WorkspaceMonthlyCapExceeded = 65,

    /// <summary>The workspace's total cap.</summary>
    WorkspaceTotalCapExceeded = 66,

    /// <summary>The account's daily cap.</summary>
    DailyCapExceeded = 67,

    /// <summary>The account's monthly cap.</summary>
    MonthlyCapExceeded = 68,

    /// <summary>
    /// Available credit does not cover the amount. The limit <c>available_credit</c> says the balance and credit limit together
    /// (Max), what is held of it (Used) and what was wanted (Requested).
    /// </summary>
    InsufficientCredit = 69,
}
