using OrleansBilling.Account;
using OrleansBilling.Grains.Time;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// All that an account's decisions need. Always true: Balance = Σ (grants' Free + Held) − Debt = the sum of the account's
/// entries; Held = Σ holds' Remaining; free credit and debt never stand side by side.
/// </summary>
internal sealed class AccountState
{
    /// <summary>Where a low-balance threshold would stand: there is none.</summary>
    public const long NoThreshold = long.MinValue;

    public AccountStatus Status;

    /// <summary>True once available has been at or above the threshold since the last crossing was said.</summary>
    public bool LowBalanceArmed;

    public AccountMode Mode;
    public byte AnchorDay;
    public string Currency = "";
    public string Zone = "";
    public string Tier = "";

    public long Balance;
    public long Held;
    public long Debt;
    public long TotalSpent;
    public long CreditLimit;
    public long LowBalance = NoThreshold;

    /// <summary>The local day and billing month that the counters are of.</summary>
    public Period Day;
    public Period Month;

    public Budget Budget = new();

    /// <summary>No grant or hold is due before this; never later than the first that is. A cache: not part of a snapshot.</summary>
    public long NothingDueBefore = long.MinValue;

    /// <summary>Holds that were found due together and not ended yet, in due order; null while it is not known. A cache, too.</summary>
    public Queue<HoldState>? DueHolds;

    /// <summary>In the order in which they are spent.</summary>
    public SmallList<Grant> Grants;

    /// <summary>By number.</summary>
    public SmallList<HoldState> Holds;

    /// <summary>By expiry.</summary>
    public SmallList<ExpiredHold> ExpiredHolds;

    /// <summary>Numbers of holds that were captured or released, the latest last.</summary>
    public SmallList<long> EndedHolds;

    /// <summary>By creation.</summary>
    public SmallList<KeyState> Keys;

    /// <summary>By name.</summary>
    public SmallList<WorkspaceState> Workspaces;

    public SmallList<MeterState> Meters;

    /// <summary>By the charge's number.</summary>
    public SmallList<Reversal> Reversals;

    public Dictionary<string, KeyState>? KeyIndex;

    /// <summary>Balance − held: never out of ±<see cref="Money.MaxTotalNanos"/>.</summary>
    public long Available => this.Balance - this.Held;
}

/// <summary>What is left of one grant.</summary>
internal struct Grant
{
    /// <summary>The number of the row that made it.</summary>
    public long Number;

    /// <summary>What may be spent.</summary>
    public long Free;

    /// <summary>What holds have set aside: it is not spent by others and does not expire.</summary>
    public long Held;

    /// <summary>When the free part ends; <see cref="long.MaxValue"/> is never.</summary>
    public long Expires;

    public byte Priority;
    public CreditKind Kind;
}

/// <summary>One open hold.</summary>
internal sealed class HoldState
{
    public long Number;
    public long Remaining;
    public long Captured;
    public long PlacedAt;
    public long Expires;
    public long Quantity;

    /// <summary>Set aside in grants, in spending order; what of Remaining they do not cover is within the credit limit.</summary>
    public GrantPart[]? Parts;
    public string? Key;
    public string? Workspace;
    public string Meter = "";
    public string? PriceVersion;
    public bool Internal;

    /// <summary>True once a part was captured: the quantity is used then.</summary>
    public bool Used;
}

/// <summary>A hold that expired a short while ago, with what a late capture needs.</summary>
internal sealed class ExpiredHold
{
    public long Number;
    public long DueAt;
    public long Quantity;
    public string? Key;
    public string? Workspace;
    public string Meter = "";
}

/// <summary>A workspace's caps and what has been spent in it since it first got caps.</summary>
internal sealed class WorkspaceState
{
    public string Name = "";

    /// <summary>The number of the row that made it known: spends before were not counted.</summary>
    public long Since;
    public Budget Budget = new();
}

/// <summary>One meter's counter of the billing month.</summary>
internal struct MeterState
{
    /// <summary>Where a limit would stand: there is none.</summary>
    public const long Unlimited = -1;

    public string Name;
    public long Max;
    public long Used;

    /// <summary>The number of the row before which nothing counts any more (a reset, or the counter's start).</summary>
    public long Since;
}

/// <summary>How much of one charge was given back.</summary>
internal struct Reversal
{
    public long Charge;
    public long ChargedAt;
    public long Nanos;
}
