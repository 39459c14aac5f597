using OrleansBilling.Account;
using OrleansBilling.Keys;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Workload;

/// <summary>Makes commands of every kind: mostly sensible ones, and ones that refer to nothing or name what may not be.</summary>
internal sealed partial class CommandMaker(SimRandom random, Func<long> now, Taste taste, bool exact = false, Crowd crowd = Crowd.None)
{
    private const long Second = 1_000_000_000;
    private const long Unit = Money.NanosPerUnit;

    private static readonly string[] Zones =
    [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Chatham",
        "America/St_Johns", "America/Santiago", "Asia/Kolkata", "Pacific/Auckland", "Atlantic/Azores", "America/Havana", "Asia/Beirut", "Pacific/Apia",
    ];

    private static readonly string[] Meters = ["api_request", "api_request", "agent_execution", "data_access", "tokens"];
    private static readonly string[] Tiers = ["free", "pro", "default"];
    private static readonly string[] Workspaces = ["alpha", "beta", "gamma"];
    private static readonly string[] Keys = ["k1", "k2", "k3", "k4", "k5", "k6"];

    private readonly Garbage garbage = new(random);
    private readonly List<string> made = [];
    private int names;

    // In rich worlds amounts are so large that totals reach the ends of their range.
    private readonly long unit = taste == Taste.Rich ? Money.MaxAmountNanos / 8 : Unit;

    public OpenAccount Open() => new()
    {
        Currency = random.OneIn(40) ? this.Odd("eur") : random.Pick<string>(["EUR", "USD", "JPY"]),
        Zone = random.OneIn(40) ? this.Odd("Mars/Olympus") : random.Pick(Zones),
        AnchorDay = random.OneIn(40) ? random.Below(40) : 1 + random.Below(31),
        CreditLimitNanos = random.OneIn(40) ? this.garbage.Number() : random.OneIn(3) ? random.Between(0, 3 * this.unit) : 0,
        Mode = random.OneIn(60) ? (AccountMode)random.Below(4) : random.OneIn(3) ? AccountMode.Test : AccountMode.Live,
        Tier = this.Tier(),
        Quotas = this.Quotas(),
        TierQuotas = this.HostsQuotas(),
        Reason = this.Why(),
    };

    /// <summary>Any command to an account.</summary>
    public Command Next(Shelf shelf)
    {
        int dice = random.Below(1018);
        if (taste == Taste.Crowded && random.OneIn(2))
        {
            return this.More(shelf);
        }

        if (crowd != Crowd.None && random.OneIn(2))
        {
            return this.MoreOf(shelf);
        }

        return dice switch
        {
            < 440 => this.Spend(),
            < 540 => this.Authorize(),
            < 640 => this.Capture(shelf),
            < 670 => new ReleaseHold(this.Number(shelf.Holds), this.Text()),
            < 690 => new ExtendHold(this.Number(shelf.Holds), this.Ttl()),
            < 740 => new ReverseCharge { Charge = this.ChargeNumber(shelf), AmountNanos = random.OneIn(3) ? this.Amount() / 3 : null, Reason = this.Text() },
            < 800 => this.Credit(),
            < 810 when crowd == Crowd.Grants => new GetAccount(),
            < 810 => new SetBalance { BalanceNanos = random.OneIn(30) ? this.garbage.Number() : random.Between(-this.unit, 20 * this.unit), Reason = this.Text() },
            < 870 => new GetAccount(),
            < 905 => new CheckKey(this.Key(), this.Scope()) { Address = this.Address() },
            < 910 => this.RotateKey(),
            < 925 => this.Limits(),
            < 935 => new SetTier(this.Tier(), this.Quotas()) { TierQuotas = this.HostsQuotas(), Reason = this.Why() },
            < 942 => new ResetQuota(random.OneIn(2) ? null : this.Meter(), this.Text()),
            < 952 => new SetWorkspace(this.Some(Workspaces), this.Caps()) { Maker = this.Maker(), Reason = this.Why() },
            < 962 => this.CreateKey(),
            < 970 => this.UpdateKey(),
            < 973 => new RevokeKey(this.Key(), this.Text()) { Maker = this.Maker(), Keeps = this.Kept() },
            < 976 => new SuspendAccount(this.Text()),
            < 990 => new ResumeAccount(this.Text()),
            < 991 => new CloseAccount(this.Text()),
            < 1000 => this.Open(),
            < 1005 => new SetZone(random.OneIn(40) ? this.Odd("Mars/Olympus") : random.Pick(Zones), this.Why()),
            < 1007 => new SetProfile(random.OneIn(20) ? this.garbage.Text() : $"digest{random.Below(3)}", this.Why()),
            < 1013 => new EraseProfile(this.Why()),
            < 1016 => this.AskClusterChange(),
            _ => new EndClusterChange(this.Number(shelf.Charges)) { Result = this.Result() },
        };
    }

    /// <summary>Another body of the same or of another kind, unlike any other.</summary>
    public Command Other(Command command, Shelf shelf, int body) => command switch
    {
        Charge c when random.OneIn(2) => c with { AmountNanos = body },
        Charge c => new Authorize { AmountNanos = c.AmountNanos, Meter = c.Meter, Quantity = c.Quantity, Key = c.Key, Workspace = c.Workspace, Usage = c.Usage, TtlNanos = Second + body },
        RenewKeyProof => new RenewKeyProof($"tag{body}", "other"),
        KeyCommand => new IssueKey("other", $"tag{body}", "pepper"),
        CreateKey c when random.OneIn(2) => c with { Name = $"n{body}" },
        SetLimits c when random.OneIn(2) => c with { Reason = $"n{body}" },
        SetProfile c when random.OneIn(2) => c with { Digest = $"n{body}" },
        EndClusterChange c when random.OneIn(2) => c with { Change = -body },
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
            Address = this.Address(),
            Scope = random.OneIn(3) ? this.Scope() : null,
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
            Address = this.Address(),
            Scope = random.OneIn(3) ? this.Scope() : null,
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
        CreditKind kind = random.OneIn(3) ? (CreditKind)random.Below(random.OneIn(30) ? 8 : 6) : CreditKind.Topup;
        long amount = random.Between(1, 8 * this.unit);
        return new PostCredit
        {
            Kind = kind,
            AmountNanos = random.OneIn(60) ? this.Absurd() : kind == CreditKind.Adjustment && random.OneIn(2) ? -amount : amount,
            Priority = random.OneIn(80) ? (int)random.Between(-2, 103) : random.OneIn(3) ? random.Below(101) : 50,
            ExpiresAtNanos = this.End(3, random.OneIn(2) ? 5 * Second : 60 * 86_400 * Second),
            Reference = random.OneIn(2) ? null : random.OneIn(60) ? this.garbage.Text() : $"pi_{random.Below(1000)}",
            Reason = random.OneIn(2) ? null : this.Text(),
        };
    }

    private SetLimits Limits() => new()
    {
        CreditLimitNanos = random.OneIn(40) ? this.garbage.Number() : random.OneIn(2) ? 0 : random.Between(0, 4 * this.unit),
        DailyCapNanos = random.OneIn(2) ? null : this.Cap(),
        MonthlyCapNanos = random.OneIn(2) ? null : this.Cap(5),
        LowBalanceNanos = random.OneIn(3) ? null : random.OneIn(40) ? this.garbage.Number() : random.Between(0, 3 * this.unit),
        Reason = this.Why(),
    };

    private AskClusterChange AskClusterChange() => new(
        random.OneIn(12) ? this.garbage.Text() : random.Pick<string>(["drain", "deactivate", "move"]),
        random.OneIn(12) ? this.garbage.Text() : $"account/a{random.Below(4)}",
        random.OneIn(2) ? null : random.OneIn(12) ? this.garbage.Text() : "silo-2",
        this.Why());

    private string? Result() => random.OneIn(4) ? null : random.OneIn(12) ? this.garbage.Text() : random.Pick<string>(["Done", "NoAnswer"]);

    private Usage? Usage() => random.OneIn(3) ? null : new Usage
    {
        Model = random.OneIn(4) ? null : random.OneIn(60) ? this.Odd("dear") : random.Pick<string>(["large", "small"]),
        InputTokens = this.Tokens(20_000),
        OutputTokens = this.Tokens(2_000),
        CachedTokens = random.OneIn(2) ? 0 : this.Tokens(5_000),
        ReasoningTokens = random.OneIn(2) ? 0 : this.Tokens(5_000),
        Endpoint = random.OneIn(4) ? null : random.OneIn(40) ? this.Odd("/draw") : "/search",
        Method = random.OneIn(2) ? random.OneIn(60) ? this.garbage.Text() : "POST" : null,
        Session = random.OneIn(100) ? this.garbage.Text() : null,
        Source = random.OneIn(100) ? this.garbage.Text() : null,
        DurationMs = this.Tokens(3_000),
        Status = random.OneIn(100) ? unchecked((int)this.garbage.Number()) : 200,
        Outcome = random.OneIn(4) ? random.OneIn(30) ? this.garbage.Text() : "client_cancelled" : null,
    };

    /// <summary>The same body again, as another host passes it on: with what that one fills in.</summary>
    public Command Again(Command command, int call) => command switch
    {
        CreateKey c => c with { Key = $"again{call}", Tag = "other", Maker = this.Maker() },
        RotateKey c => c with { NewKey = $"again{call}", Tag = "other", Keeps = this.Kept() },
        SetWorkspace c => c with { Maker = this.Maker() },
        ManageKey c => c with { Maker = this.Maker(), Keeps = this.Kept() },
        EndClusterChange c => c with { Result = this.Result() },
        OpenAccount c => c with { TierQuotas = this.HostsQuotas() },
        SetTier c => c with { TierQuotas = this.HostsQuotas() },
        _ => command,
    };

    // What a host has for the tier, where the command lists none.
    private QuotaLimit[]? HostsQuotas() => random.Below(4) switch
    {
        0 => null,
        1 => [],
        _ => [new QuotaLimit("tokens", random.Between(0, 400))],
    };

    private QuotaLimit[]? Quotas()
    {
        if (random.OneIn(60))
        {
            return this.OddQuotas();
        }

        List<QuotaLimit> quotas = [];
        foreach (string meter in Meters.Distinct(StringComparer.Ordinal))
        {
            if (random.OneIn(3))
            {
                quotas.Add(new QuotaLimit(meter, random.OneIn(4) ? null : random.OneIn(100) ? this.garbage.Number() : random.Between(0, 400)));
            }
        }

        return [.. quotas];
    }

    private Caps Caps() => random.OneIn(150) ? null! : new()
    {
        DailyNanos = random.OneIn(2) ? null : this.Cap(),
        MonthlyNanos = random.OneIn(2) ? null : this.Cap(3),
        TotalNanos = random.OneIn(2) ? null : random.OneIn(80) ? this.garbage.Number() : this.Cap(10),
    };

    private long Cap(int times = 1) => random.OneIn(200) ? this.garbage.Number() : random.OneIn(20) ? 0 : Math.Min(random.Between(this.unit / 10, 20 * this.unit), Money.MaxTotalNanos / times) * times;

    private long Amount() => random.Below(100) switch
    {
        < 5 => 0,
        < 70 => random.Between(1, this.unit / 5),
        < 95 => random.Between(this.unit / 5, 2 * this.unit),
        < 99 => random.Between(2 * this.unit, 40 * this.unit),
        _ => this.Absurd(),
    };

    private long Absurd() => random.Below(8) switch
    {
        0 => -random.Between(1, this.unit),
        1 => Money.MaxAmountNanos + random.Between(-1, 1),
        2 => long.MaxValue,
        3 => long.MinValue,
        _ => this.garbage.Number(),
    };

    private long Quantity() => random.Below(100) switch
    {
        < 70 => 1,
        < 90 => random.Below(6),
        < 99 => random.Below(60),
        _ => this.garbage.Number(),
    };

    private long Ttl() => random.Below(20) switch
    {
        0 => random.Between(0, 2 * Second),
        < 8 => this.Whole(random.Between(Second, 3 * Second)),
        < 14 => this.Whole(random.Between(Second, 3_600 * Second)),
        < 19 => this.Whole(random.Between(Second, 30 * 86_400 * Second)),
        _ => this.garbage.Number(),
    };

    private long Whole(long nanos) => exact ? nanos / Second * Second : nanos;

    // Now and then of one that nobody was told of yet, by those who know how numbers go on.
    private long ChargeNumber(Shelf shelf) => random.OneIn(5) ? shelf.Newest + random.Between(1, 3) : this.Number(shelf.Charges);

    private long Number(List<long> known) =>
        known.Count == 0 || random.OneIn(25) ? random.OneIn(10) ? this.garbage.Number() : random.Between(0, 300) : random.Pick(known);

    private string Meter() => this.Some(Meters);

    private string Key() => this.made.Count > 0 && random.OneIn(2) ? random.Pick(this.made) : random.OneIn(60) ? "nobody" : this.Some(Keys);

    private string? Workspace() => random.OneIn(2) ? null : random.OneIn(30) ? "elsewhere" : this.Some(Workspaces);

    private string Tier() => random.OneIn(40) ? this.garbage.Text() : random.Pick(Tiers);

    private string Text() => random.OneIn(80) ? this.garbage.Text() : random.Pick<string>(["a reason", "grüße", "x"]);

    private string? Why() => random.OneIn(3) ? this.Text() : null;

    private long Tokens(int usual) => random.OneIn(200) ? this.garbage.Number() : random.Below(usual);

    private string Odd(string sample) => random.OneIn(2) ? sample : this.garbage.Text();

    // One of a few, now and then one that nobody has heard of; in a crowd one of very many.
    private string Some(string[] known) => random.Below(taste == Taste.Crowded ? 4 : 120) switch
    {
        0 when taste != Taste.Crowded => this.garbage.Text(),
        1 when taste != Taste.Crowded => this.garbage.Name(),
        0 or 1 or 2 => $"{known[0]}{random.Below(3_000)}",
        _ => random.Pick(known),
    };

    private long? End(int oneIn, long within) => !random.OneIn(oneIn) ? null
        : random.OneIn(60) ? this.garbage.Number() : this.Whole(now() + random.Between(-Second, within));

    private QuotaLimit[]? OddQuotas() => random.Below(5) switch
    {
        0 => null,
        1 => [new QuotaLimit("tokens", 3), null!],
        2 => [new QuotaLimit("tokens", 3), new QuotaLimit("tokens", null)],
        3 => [new QuotaLimit(this.garbage.Text(), this.garbage.Number())],
        _ => [.. Enumerable.Range(0, 60 + random.Below(8)).Select(i => new QuotaLimit($"m{i}", i % 3 == 0 ? null : 1_000))],
    };

    // What makes an account large.
    private Command More(Shelf shelf) => random.Below(9) switch
    {
        0 or 1 or 2 => this.CreateKey() with { Key = $"k{random.Below(4_000)}", Caps = new Caps() },
        3 => new SetWorkspace($"w{random.Below(4_000)}", this.Caps()),
        4 or 5 => new PostCredit { Kind = CreditKind.Bonus, AmountNanos = random.Between(1, 50), Priority = 90 },
        6 => new Charge { AmountNanos = 1, Meter = $"m{random.Below(100)}" },
        7 => this.RotateKey() with { NewKey = $"k{random.Below(4_000)}" },
        _ => new ReverseCharge { Charge = this.Number(shelf.Charges) },
    };
}

/// <summary>Of what an account gets more and more, until it has as much of it as it may have.</summary>
internal enum Crowd
{
    None,
    Keys,
    Workspaces,
    Grants,
    Holds,

    /// <summary>Keys of which each takes the place of another, and keys that make and change keys.</summary>
    Rotations,
}

/// <summary>What a world's commands are like.</summary>
internal enum Taste
{
    Plain,

    /// <summary>Amounts near the ends of their range.</summary>
    Rich,

    /// <summary>Accounts with as many of everything as they may have.</summary>
    Crowded,
}
