using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Keys;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Workload;

/// <summary>Makes commands of every kind: mostly sensible ones, and ones that refer to nothing or name what may not be.</summary>
internal sealed class CommandMaker(SimRandom random, Func<long> now)
{
    private const long Second = 1_000_000_000;
    private const long Unit = Money.NanosPerUnit;

    private static readonly string[] Zones =
    [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Chatham",
        "America/St_Johns", "America/Santiago", "Asia/Kolkata", "Pacific/Auckland",
    ];

    private static readonly string[] Meters = ["api_request", "api_request", "agent_execution", "data_access", "tokens"];
    private static readonly string[] Tiers = ["free", "pro", "default"];
    private static readonly string[] Workspaces = ["alpha", "beta", "gamma"];
    private static readonly string[] Keys = ["k1", "k2", "k3", "k4", "k5", "k6"];
    private static readonly string[] Scopes = ["chat", "embed", "*"];

    /// <summary>The prices that every node has.</summary>
    public static IPrices Prices { get; } = new PriceTable(new PriceVersion
    {
        Version = "v1",
        Models = new Dictionary<string, ModelPrice>(StringComparer.Ordinal)
        {
            ["large"] = new() { InputNanosPerMillion = 15 * Unit + 7, OutputNanosPerMillion = 45 * Unit + 1, CachedNanosPerMillion = 3, ReasoningNanosPerMillion = 11, BaseFeeNanos = 5 },
            ["small"] = new() { InputNanosPerMillion = 150_000_001, OutputNanosPerMillion = 600_000_000 },
        },
        Endpoints = new Dictionary<string, long>(StringComparer.Ordinal) { ["/search"] = 20_000_000 },
    });

    public OpenAccount Open() => new()
    {
        Currency = random.OneIn(40) ? "eur" : random.Pick<string>(["EUR", "USD", "JPY"]),
        Zone = random.OneIn(40) ? "Mars/Olympus" : random.Pick(Zones),
        AnchorDay = random.OneIn(40) ? random.Below(40) : 1 + random.Below(31),
        CreditLimitNanos = random.OneIn(40) ? -1 : random.OneIn(3) ? random.Between(0, 3 * Unit) : 0,
        Tier = random.Pick(Tiers),
        Quotas = this.Quotas(),
    };

    /// <summary>Any command to an account.</summary>
    public Command Next(Shelf shelf)
    {
        int dice = random.Below(1000);
        return dice switch
        {
            < 440 => this.Spend(),
            < 540 => this.Authorize(),
            < 640 => this.Capture(shelf),
            < 670 => new ReleaseHold(this.Number(shelf.Holds), this.Text()),
            < 690 => new ExtendHold(this.Number(shelf.Holds), this.Ttl()),
            < 740 => new ReverseCharge { Charge = this.Number(shelf.Charges), AmountNanos = random.OneIn(3) ? this.Amount() / 3 : null, Reason = this.Text() },
            < 800 => this.Credit(),
            < 810 => new SetBalance { BalanceNanos = random.Between(-Unit, 20 * Unit), Reason = this.Text() },
            < 870 => new GetAccount(),
            < 910 => new CheckKey(this.Key(), random.OneIn(2) ? random.Pick(Scopes) : null),
            < 925 => this.Limits(),
            < 935 => new SetTier(random.OneIn(30) ? "" : random.Pick(Tiers), this.Quotas()),
            < 942 => new ResetQuota(random.OneIn(2) ? null : this.Meter(), this.Text()),
            < 952 => new SetWorkspace(random.OneIn(30) ? "" : random.Pick(Workspaces), this.Caps()),
            < 970 => this.CreateKey(),
            < 973 => new RevokeKey(this.Key(), this.Text()),
            < 976 => new SuspendAccount(this.Text()),
            < 990 => new ResumeAccount(this.Text()),
            < 991 => new CloseAccount(this.Text()),
            _ => this.Open(),
        };
    }

    public KeyCommand NextForKey() => random.OneIn(3)
        ? new IssueKey($"a{random.Below(4)}", $"tag{random.Below(3)}", "pepper")
        : new GetKeyProof();

    /// <summary>Another body of the same or of another kind, unlike any other.</summary>
    public Command Other(Command command, Shelf shelf, int body) => command switch
    {
        Charge c when random.OneIn(2) => c with { AmountNanos = body },
        Charge c => new Authorize { AmountNanos = c.AmountNanos, Meter = c.Meter, Quantity = c.Quantity, Key = c.Key, Workspace = c.Workspace, Usage = c.Usage, TtlNanos = Second + body },
        KeyCommand => new IssueKey("other", $"tag{body}", "pepper"),
        _ => new Charge { AmountNanos = body, Quantity = random.Below(80), Workspace = shelf.Grain.Key },
    };

    private Charge Spend()
    {
        Usage? usage = this.Usage();
        return new Charge
        {
            AmountNanos = usage is not null && random.OneIn(2) ? null : this.Amount(),
            Meter = this.Meter(),
            Quantity = this.Quantity(),
            Key = random.OneIn(2) ? this.Key() : null,
            Workspace = this.Workspace(),
            Usage = usage,
        };
    }

    private Authorize Authorize()
    {
        Usage? usage = this.Usage();
        return new Authorize
        {
            AmountNanos = usage is not null && random.OneIn(2) ? null : this.Amount(),
            Meter = this.Meter(),
            Quantity = this.Quantity(),
            Key = random.OneIn(2) ? this.Key() : null,
            Workspace = this.Workspace(),
            Usage = usage,
            TtlNanos = this.Ttl(),
        };
    }

    private CaptureHold Capture(Shelf shelf)
    {
        Usage? usage = this.Usage();
        return new CaptureHold
        {
            Hold = this.Number(shelf.Holds),
            AmountNanos = usage is not null && random.OneIn(2) ? null : random.OneIn(3) ? this.Amount() : this.Amount() / 4,
            Usage = usage,
            Final = random.OneIn(2),
        };
    }

    private PostCredit Credit()
    {
        CreditKind kind = random.OneIn(3) ? (CreditKind)random.Below(6) : CreditKind.Topup;
        long amount = random.Between(1, 8 * Unit);
        return new PostCredit
        {
            Kind = kind,
            AmountNanos = random.OneIn(60) ? this.Absurd() : kind == CreditKind.Adjustment && random.OneIn(2) ? -amount : amount,
            Priority = random.OneIn(80) ? random.Between(-2, 103) is var p ? (int)p : 0 : random.OneIn(3) ? random.Below(101) : 50,
            ExpiresAtNanos = random.OneIn(3) ? now() + random.Between(-Second, random.OneIn(2) ? 5 * Second : 60 * 86_400 * Second) : null,
            Reference = random.OneIn(2) ? null : $"pi_{random.Below(1000)}",
            Reason = random.OneIn(2) ? null : this.Text(),
        };
    }

    private SetLimits Limits() => new()
    {
        CreditLimitNanos = random.OneIn(40) ? -5 : random.OneIn(2) ? 0 : random.Between(0, 4 * Unit),
        DailyCapNanos = random.OneIn(2) ? null : this.Cap(),
        MonthlyCapNanos = random.OneIn(2) ? null : 5 * this.Cap(),
        LowBalanceNanos = random.OneIn(3) ? null : random.Between(0, 3 * Unit),
    };

    private CreateKey CreateKey() => new()
    {
        Key = this.Key(),
        Name = random.OneIn(2) ? null : "for " + this.Text(),
        Type = random.OneIn(5) ? KeyType.Internal : KeyType.Standard,
        Scopes = random.OneIn(3) ? [] : random.OneIn(2) ? [random.Pick(Scopes)] : ["chat", "embed"],
        ExpiresAtNanos = random.OneIn(4) ? now() + random.Between(1, 40 * 86_400 * Second) : null,
        Workspace = random.OneIn(4) ? random.Pick(Workspaces) : null,
        Caps = this.Caps(),
        Tag = "tag",
        Pepper = "pepper",
    };

    private Usage? Usage() => random.OneIn(3) ? null : new Usage
    {
        Model = random.OneIn(3) ? null : random.Pick<string>(["large", "small", "unknown"]),
        InputTokens = random.OneIn(100) ? -1 : random.Below(20_000),
        OutputTokens = random.Below(2_000),
        CachedTokens = random.OneIn(2) ? 0 : random.Below(5_000),
        ReasoningTokens = random.OneIn(2) ? 0 : random.Below(5_000),
        Endpoint = random.OneIn(2) ? "/search" : null,
        Method = random.OneIn(2) ? "POST" : null,
        DurationMs = random.Below(3_000),
        Status = 200,
        Outcome = random.OneIn(4) ? "client_cancelled" : null,
    };

    private QuotaLimit[] Quotas()
    {
        List<QuotaLimit> quotas = [];
        foreach (string meter in Meters.Distinct(StringComparer.Ordinal))
        {
            if (random.OneIn(3))
            {
                quotas.Add(new QuotaLimit(meter, random.OneIn(4) ? null : random.OneIn(100) ? -1 : random.Between(0, 400)));
            }
        }

        return [.. quotas];
    }

    private Caps Caps() => new()
    {
        DailyNanos = random.OneIn(2) ? null : this.Cap(),
        MonthlyNanos = random.OneIn(2) ? null : 3 * this.Cap(),
        TotalNanos = random.OneIn(2) ? null : random.OneIn(80) ? -3 : 10 * this.Cap(),
    };

    private long Cap() => random.OneIn(20) ? 0 : random.Between(Unit / 10, 20 * Unit);

    private long Amount() => random.Below(100) switch
    {
        < 5 => 0,
        < 70 => random.Between(1, Unit / 5),
        < 95 => random.Between(Unit / 5, 2 * Unit),
        < 99 => random.Between(2 * Unit, 40 * Unit),
        _ => this.Absurd(),
    };

    private long Absurd() => random.Below(4) switch
    {
        0 => -random.Between(1, Unit),
        1 => Money.MaxAmountNanos + random.Between(-1, 1),
        2 => long.MaxValue,
        _ => long.MinValue,
    };

    private long Quantity() => random.Below(100) switch
    {
        < 70 => 1,
        < 90 => random.Below(6),
        < 99 => random.Below(60),
        _ => random.OneIn(2) ? -1 : 2_000_000_000_000,
    };

    private long Ttl() => random.Below(20) switch
    {
        0 => random.Between(0, 2 * Second),
        < 8 => random.Between(Second, 3 * Second),
        < 14 => random.Between(Second, 3_600 * Second),
        < 19 => random.Between(Second, 30 * 86_400 * Second),
        _ => (31 * 86_400 * Second) + random.Below(5),
    };

    private long Number(List<long> known) => known.Count == 0 || random.OneIn(25) ? random.Between(0, 300) : random.Pick(known);

    private string Meter() => random.OneIn(200) ? "" : random.Pick(Meters);

    private string Key() => random.OneIn(30) ? "nobody" : random.Pick(Keys);

    private string? Workspace() => random.OneIn(2) ? null : random.OneIn(30) ? "elsewhere" : random.Pick(Workspaces);

    private string Text() => random.Pick<string>(["a reason", "grüße", "x"]);
}
