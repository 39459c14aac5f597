namespace OrleansBilling.Grains.Account;

/// <summary>How much of each thing one account may have, so that one grain's memory and time are bounded.</summary>
public static class Ceilings
{
    /// <summary>Grants with something left in them or set aside in them.</summary>
    public const int Grants = 1_000;

    /// <summary>Open holds.</summary>
    public const int Holds = 10_000;

    /// <summary>Keys, revoked ones included: a key's id stays known for ever.</summary>
    public const int Keys = 1_000;

    /// <summary>Workspaces with caps.</summary>
    public const int Workspaces = 1_000;

    /// <summary>Charges reversed, whole or in part, within <see cref="ReversibleNanos"/>.</summary>
    public const int Reversals = 10_000;

    /// <summary>Meters with a counter. A meter beyond it that the tier does not limit is not counted; a tier may limit no more.</summary>
    public const int Meters = 64;

    /// <summary>Scopes of one key.</summary>
    public const int Scopes = 64;

    /// <summary>Addresses and ranges in the allow list of one key.</summary>
    public const int Addresses = 32;

    /// <summary>Members of one key's metadata.</summary>
    public const int Metadata = 16;

    /// <summary>Characters of a metadata member's name.</summary>
    public const int MetadataNameChars = 64;

    /// <summary>The highest limit of requests per minute or day.</summary>
    public const long Rate = 1_000_000_000;

    /// <summary>How long a rotated key may go on: 30 days.</summary>
    public const long GraceNanos = 30 * DayNanos;

    /// <summary>Expired holds that a late capture still finds.</summary>
    public const int ExpiredHolds = 1_000;

    /// <summary>Captured and released holds that are still known to have ended.</summary>
    public const int EndedHolds = 128;

    /// <summary>The most of a meter that one charge may count, and the most tokens of one sort or milliseconds that it may name.</summary>
    public const long Quantity = 1_000_000_000_000;

    /// <summary>How long a hold may stand from when it is placed or extended: 30 days.</summary>
    public const long HoldNanos = 30 * DayNanos;

    /// <summary>The shortest time to live of a hold: one second.</summary>
    public const long MinHoldNanos = 1_000_000_000;

    /// <summary>How long after its expiry a hold can still be captured as a new charge: 24 hours.</summary>
    public const long LateCaptureNanos = DayNanos;

    /// <summary>How long a charge can be reversed: 180 days.</summary>
    public const long ReversibleNanos = 180 * DayNanos;

    private const long DayNanos = 86_400_000_000_000;
}
