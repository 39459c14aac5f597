using OrleansBilling.Account;
using OrleansBilling.Keys;

namespace OrleansBilling.Grains.Tests;

/// <summary>
/// Events of every kind, with every property set somewhere and at zero somewhere, in an order in which one account could apply
/// them: number 1 opens it, and so on.
/// </summary>
internal static class Events
{
    // 10 March 2026, 12:00 UTC.
    private const long At = 1_773_144_000_000_000_000;
    private const long HourNanos = 3_600_000_000_000;
    private const long Later = At + HourNanos;

    private static readonly Caps Caps = new() { DailyNanos = 1_000, MonthlyNanos = 2_000, TotalNanos = 3_000 };
    private static readonly Window Day = new(At, At + (24 * HourNanos));
    private static readonly Window Month = new(At, At + (30 * 24 * HourNanos));

    private static readonly Usage Usage = new()
    {
        Model = "large",
        InputTokens = 6548,
        OutputTokens = 108,
        CachedTokens = 3,
        ReasoningTokens = 4,
        Endpoint = "/v1/chat",
        Method = "POST",
        Session = "s-1",
        Source = "web",
        DurationMs = 5,
        Status = 200,
        Outcome = "completed",
    };

    public static IReadOnlyList<Event> OfEveryKind { get; } =
    [
        new AccountOpened("EUR", "Europe/Berlin", 31, 1_000, "pro", [new QuotaLimit("m", 9), new QuotaLimit("n", null)]),
        new CreditPosted { Kind = CreditKind.Topup, AmountNanos = 100, BalanceNanos = 100, GrantNanos = 100, Priority = 50, Reference = "pi_1" },
        new CreditPosted { Kind = CreditKind.Bonus, AmountNanos = 50, BalanceNanos = 150, GrantNanos = 50, Priority = 0, ExpiresAtNanos = Later, Reason = "welcome" },
        new CreditPosted { Kind = CreditKind.Dispute, AmountNanos = -10, BalanceNanos = 140, Takes = [new GrantPart(3, 10, 0, Later, CreditKind.Bonus)], Reason = "chargeback" },
        new KeyCreated { Key = "k", Prefix = "sk_", Name = "Ärger \"quoted\"", Type = KeyType.Internal, Scopes = ["read", "*"], ExpiresAtNanos = Later, Workspace = "w", Caps = Caps, Tag = "tag", Pepper = "pepper" },
        new KeyCreated { Key = "l", Prefix = "sk_", Tag = "tag", Pepper = "pepper" },
        new WorkspaceSet("w", Caps),
        new LimitsSet(1_000, 5_000, 6_000, 85),
        new TierSet("max", [new QuotaLimit("m", 10)]),
        new Charged
        {
            AmountNanos = 50, BalanceNanos = 90, HeldNanos = 0, TotalSpentNanos = 50, Meter = "m", Quantity = 2, Key = "l", Workspace = "w", Usage = Usage, PriceVersion = "v1",
            Takes = [new GrantPart(3, 40, 0, Later, CreditKind.Bonus), new GrantPart(2, 10)], Day = Day, Month = Month,
            Checks = [new Limit("quota:m", 10, 2, 2, Month.EndNanos), new Limit("key_total_cap", 3_000, 50, 50)],
        },
        new Charged { AmountNanos = 0, BalanceNanos = 90, TotalSpentNanos = 50, Meter = "m", Quantity = 0, Takes = null },
        new HoldPlaced
        {
            AmountNanos = 30, BalanceNanos = 90, HeldNanos = 30, ExpiresAtNanos = Later, Meter = "m", Quantity = 1, Key = "l", Workspace = "w", Usage = Usage, PriceVersion = "v1",
            Takes = [new GrantPart(2, 30)], Checks = [new Limit("daily_cap", 5_000, 80, 30, Day.EndNanos)],
        },
        new HoldExtended(12, Later + 1),
        new HoldCaptured
        {
            Hold = 12, AmountNanos = 10, RemainingNanos = 20, Final = false, BalanceNanos = 80, HeldNanos = 20, TotalSpentNanos = 60, Takes = [new GrantPart(2, 10)],
            Meter = "m", Quantity = 1, Key = "l", Workspace = "w", PlacedAtNanos = At + 12, Usage = Usage, PriceVersion = "v1",
        },
        new HoldCaptured
        {
            Hold = 12, AmountNanos = 25, ReleasedNanos = 0, Final = true, BalanceNanos = 55, HeldNanos = 0, TotalSpentNanos = 85, Takes = [new GrantPart(2, 20), new GrantPart(2, 5)],
            Meter = "m", Key = "l", Workspace = "w", PlacedAtNanos = At + 12, ExcessNanos = 5, Day = new Window(At + 1, Day.EndNanos), Month = new Window(At + 1, Month.EndNanos),
            Checks = [new Limit("daily_cap", 5_000, 5, 5, Day.EndNanos)],
        },
        new ChargeReversed
        {
            Charge = 15, AmountNanos = 25, ReversedNanos = 25, BalanceNanos = 80, HeldNanos = 0, TotalSpentNanos = 60, Gives = [new GrantPart(2, 25)], ChargedAtNanos = At + 15,
            Hold = 12, PlacedAtNanos = At + 12, ExcessNanos = 5, Key = "l", Workspace = "w", Meter = "m", Quantity = 0, Reason = "error",
        },
        new HoldPlaced { AmountNanos = 5, BalanceNanos = 80, HeldNanos = 5, ExpiresAtNanos = Later, Meter = "m", Quantity = 1, Takes = [new GrantPart(2, 5)], Day = Day, Month = Month },
        new HoldReleased(17, 5, 80, 0, "cancelled"),
        new HoldPlaced { AmountNanos = 0, BalanceNanos = 80, HeldNanos = 0, ExpiresAtNanos = Later, Meter = "m", Quantity = 1, Key = "k", Internal = true },
        new HoldExpired(19, 0, 80, 0, Later),
        new Charged { AmountNanos = 0, BalanceNanos = 80, TotalSpentNanos = 60, Meter = "m", Quantity = 1, Key = "k", Internal = true, LateHold = 19 },
        new CreditPosted { Kind = CreditKind.Adjustment, AmountNanos = 1, BalanceNanos = 81, GrantNanos = 1, Priority = 100, ExpiresAtNanos = Later },
        new GrantExpired { Grant = 22, AmountNanos = 1, BalanceNanos = 80, DueAtNanos = Later },
        new LowBalanceCrossed(85, 80),
        new QuotaReset("m", "gesture"),
        new QuotaReset(null, "gesture"),
        new KeyRevoked("l", "lost"),
        new AccountSuspended("fraud"),
        new AccountResumed("cleared"),
        new AccountClosed("bye"),
        new KeyIssued("acme", "tag", "pepper"),

        // Members and kinds that came later.
        new AccountOpened("EUR", "UTC", 1, 0, "default", []) { Mode = AccountMode.Test },
        new KeyCreated
        {
            Key = "n", Prefix = "pp_live-", Tag = "tag", Pepper = "pepper", Hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", Rates = new Rates { PerMinute = 60, PerDay = 1_000 },
            Addresses = ["10.0.0.0/8", "2001:db8::/32"], Metadata = [new MetadataItem("team", "a"), new MetadataItem("use", "ci")],
        },
        new KeyUpdated { Key = "n" },
        new KeyUpdated
        {
            Key = "n", Name = "ci", Scopes = ["api:*"], ExpiresAtNanos = Later, Workspace = "w", Caps = Caps, Rates = new Rates { PerDay = 5 },
            Addresses = ["10.0.0.1/32"], Metadata = [new MetadataItem("team", "b")],
        },
        new KeyCreated { Key = "o", Prefix = "pp_live-", Tag = "tag", Pepper = "pepper", Replaces = "n", ReplacedEndsAtNanos = Later },
        new KeyIssued("acme", "tag", "pepper") { Hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA" },
        new KeyProofRenewed("tag2", "pepper2"),
        new AccountOpened("EUR", "UTC", 1, 0, "default", []) { Reason = "asked for" },
        new LimitsSet(1_000, null, null, null) { Reason = "asked for" },
        new TierSet("max", []) { Reason = "asked for" },
        new WorkspaceSet("w", Caps) { Reason = "asked for" },
        new KeyCreated { Key = "p", Prefix = "sk_", Tag = "tag", Pepper = "pepper", Reason = "asked for" },
        new KeyUpdated { Key = "p", Reason = "asked for" },
        new ZoneSet("Asia/Tokyo", "asked for"),
        new ZoneSet("UTC", null),
        new ClusterChangeAsked("move", "account/acme", "silo-2", "busy"),
        new ClusterChangeAsked("drain", "silo-2", null, null),
        new ClusterChangeEnded(54, "Done"),
        new ProfileSet("asked for"),
        new ProfileSet(null),
        new ProfileErased("asked for"),
        new ZoneSet("Asia/Tokyo", null) { Day = Day, Month = Month },
    ];
}
