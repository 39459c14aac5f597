using OrleansBilling.Account;
using OrleansBilling.Keys;

namespace OrleansBilling.Grains.Tests;

/// <summary>One command of each kind, with every property set, for what must hold of all.</summary>
internal static class Commands
{
    private static readonly Usage Usage = new()
    {
        Model = "large",
        InputTokens = 1,
        OutputTokens = 2,
        CachedTokens = 3,
        ReasoningTokens = 4,
        Endpoint = "/v1/chat",
        Method = "POST",
        Session = "s",
        Source = "web",
        DurationMs = 5,
        Status = 200,
        Outcome = "completed",
    };

    public static IReadOnlyList<Command> OfEveryKind { get; } =
    [
        new OpenAccount { Currency = "EUR", Zone = "Europe/Berlin", AnchorDay = 31, CreditLimitNanos = 1, Tier = "pro", Quotas = [new QuotaLimit("m", 2), new QuotaLimit("n", null)] },
        new SuspendAccount("fraud"),
        new ResumeAccount("cleared"),
        new CloseAccount("bye"),
        new PostCredit { Kind = CreditKind.Bonus, AmountNanos = 1, Priority = 2, ExpiresAtNanos = 4_000_000_000_000_000_000, Reference = "pi_1", Reason = "welcome" },
        new SetBalance { BalanceNanos = 1, Reason = "import" },
        new SetLimits { CreditLimitNanos = 1, DailyCapNanos = 2, MonthlyCapNanos = 3, LowBalanceNanos = 4 },
        new SetTier("pro", [new QuotaLimit("m", 1)]),
        new ResetQuota("m", "gesture"),
        new SetWorkspace("w", new Caps { DailyNanos = 1, MonthlyNanos = 2, TotalNanos = 3 }),
        new GetAccount(),
        new Charge { AmountNanos = 1, Meter = "m", Quantity = 2, Key = "k", Workspace = "w", Usage = Usage },
        new Authorize { AmountNanos = 1, Meter = "m", Quantity = 2, Key = "k", Workspace = "w", Usage = Usage, TtlNanos = 1_000_000_000 },
        new ExtendHold(1, 1_000_000_000),
        new CaptureHold { Hold = 1, AmountNanos = 2, Usage = Usage, Final = false },
        new ReleaseHold(1, "cancelled"),
        new ReverseCharge { Charge = 1, AmountNanos = 2, Reason = "error" },
        new CreateKey { Name = "n", Type = KeyType.Internal, Scopes = ["*"], ExpiresAtNanos = 4_000_000_000_000_000_000, Workspace = "w", Caps = new Caps { DailyNanos = 1, MonthlyNanos = 2, TotalNanos = 3 }, Prefix = "pk_", Key = "k", Tag = "t", Pepper = "p" },
        new UpdateKey
        {
            Key = "k", Clear = KeyParts.Expiry | KeyParts.TotalCap, Name = "m", Scopes = [], ExpiresAtNanos = 4_000_000_000_000_000_000, Workspace = "w", Caps = new Caps { DailyNanos = 1 },
            Rates = new Rates { PerMinute = 2, PerDay = 3 }, Addresses = ["10.0.0.1"], Metadata = [new MetadataItem("a", "b")], RemoveMetadata = ["c"], Maker = "m",
        },
        new RotateKey { Key = "k", GraceNanos = 1, NewKey = "l", Prefix = "pk_", Tag = "t", Pepper = "p", Hash = "h", Maker = "m" },
        new RevokeKey("k", "lost"),
        new CheckKey("k", "read"),
        new SetZone("Asia/Tokyo", "moved"),
        new SetProfile("digest", "moved"),
        new EraseProfile("asked for"),
        new AskClusterChange("move", "account/acme", "silo-2", "busy"),
        new EndClusterChange(7) { Result = "Done" },
        new IssueKey("acme", "t", "p"),
        new RenewKeyProof("t", "p"),
        new GetKeyProof(),
    ];
}
