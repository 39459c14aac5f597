using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>One grant of credit.</summary>
internal sealed class LedgerGrant
{
    public required long Seq { get; init; }

    public required CreditKind Kind { get; init; }

    public required int Priority { get; init; }

    public long? Expires { get; init; }

    public long Left { get; set; }

    /// <summary>What of it holds have set aside.</summary>
    public long Held { get; set; }

    public long Free => this.Left - this.Held;

    /// <summary>Priority, then earliest expiry, then age.</summary>
    public bool IsSpentBefore(LedgerGrant other) =>
        this.Priority != other.Priority ? this.Priority < other.Priority
        : this.Expires != other.Expires ? (this.Expires ?? long.MaxValue) < (other.Expires ?? long.MaxValue)
        : this.Seq < other.Seq;

    public GrantPart Part(long nanos) =>
        new(this.Seq, nanos, this.Priority == GrantPart.UsualPriority ? null : this.Priority, this.Expires, this.Kind);
}

/// <summary>One hold, open or ended.</summary>
internal sealed class LedgerHold
{
    public required long Seq { get; init; }

    public required HoldPlaced Placed { get; init; }

    public required long PlacedAt { get; init; }

    public long Left { get; set; }

    public long Captured { get; set; }

    public long Expires { get; set; }

    public bool WasCaptured { get; set; }

    /// <summary>What is still set aside in grants, in the order of taking.</summary>
    public List<(LedgerGrant Grant, long Nanos)> Parts { get; } = [];

    public HoldEnd End { get; set; }

    /// <summary>How many had ended when it was captured, released or charged late; 0 before.</summary>
    public long Ended { get; set; }

    /// <summary>How many had expired when it did; 0 before.</summary>
    public long Expired { get; set; }

    /// <summary>An expired hold was charged late.</summary>
    public bool ChargedLate { get; set; }
}

/// <summary>How a hold ended.</summary>
internal enum HoldEnd
{
    Open,
    Captured,
    Released,
    Expired,
}

/// <summary>A charge or a captured part, with what went back of it.</summary>
internal sealed class LedgerCharge
{
    public required long Seq { get; init; }

    public required long At { get; init; }

    public required long Amount { get; init; }

    public required GrantPart[] Takes { get; init; }

    public required string Meter { get; init; }

    public long Quantity { get; init; }

    public string? Key { get; init; }

    public string? Workspace { get; init; }

    public bool Internal { get; init; }

    /// <summary>The hold that was captured, or 0.</summary>
    public long Hold { get; init; }

    public long PlacedAt { get; init; }

    public long Excess { get; init; }

    public long Reversed { get; set; }

    public bool WasReversed { get; set; }

    /// <summary>Nothing of it is left to reverse; a charge of nothing can be reversed once.</summary>
    public bool Undone { get; set; }

    public long Debt => this.Amount - this.Takes.Sum(t => t.Nanos);
}

/// <summary>One meter's counters.</summary>
internal sealed class LedgerMeter(string name)
{
    public string Name => name;

    /// <summary>The name of its limit.</summary>
    public string Shown { get; } = $"quota:{name}";

    /// <summary>The tier's limit, or null.</summary>
    public long? Max { get; set; }

    /// <summary>The row before which nothing counts any more: the counter's first, or that of its last reset.</summary>
    public long Since { get; set; }

    public Dictionary<long, long> ByMonth { get; } = [];
}

/// <summary>What is spent, by window; holds included.</summary>
internal sealed class LedgerScope
{
    private readonly Dictionary<long, long> byDay = [];
    private readonly Dictionary<long, long> byMonth = [];

    public long Total { get; private set; }

    public long InDay(Window day) => this.byDay.GetValueOrDefault(day.StartNanos);

    public long InMonth(Window month) => this.byMonth.GetValueOrDefault(month.StartNanos);

    public void Add(Window day, Window month, long nanos)
    {
        this.byDay[day.StartNanos] = this.InDay(day) + nanos;
        this.byMonth[month.StartNanos] = this.InMonth(month) + nanos;
        this.Total += nanos;
    }
}

/// <summary>One key.</summary>
internal sealed class LedgerKey
{
    /// <summary>What it may do now, in the form in which it was made.</summary>
    public required KeyCreated Created { get; set; }

    public bool Revoked { get; set; }

    /// <summary>The key that took its place.</summary>
    public LedgerKey? Successor { get; set; }

    /// <summary>The key whose limits count: the last that took its place, or itself.</summary>
    public LedgerKey Last => this.Successor?.Last ?? this;

    /// <summary>One for a key and all that took its place.</summary>
    public LedgerScope Spent { get; init; } = new();

    /// <summary>When requests were made since there is a limit per minute.</summary>
    public List<long>? Minute { get; set; }

    /// <summary>How many, by day, since there is a limit per day.</summary>
    public Dictionary<long, long>? Days { get; set; }

    public long LastUsed { get; set; }

    public long Requests { get; set; }
}

/// <summary>One workspace: its caps, once set, and what was spent in it since.</summary>
internal sealed class LedgerWorkspace
{
    public Caps? Caps { get; set; }

    /// <summary>The row that made it known.</summary>
    public long Since { get; init; }

    public LedgerScope Spent { get; } = new();
}

/// <summary>What a command must come to in a state: an event and what follows from it, or an answer.</summary>
internal readonly record struct Verdict(Event? Event, Event? Follower, Reply? Answer)
{
    /// <summary>Another answer that is as right, or null.</summary>
    public Reply? Or { get; init; }

    public static Verdict Accept(Event e) => new(e, null, null);

    public static Verdict Deny(Outcome outcome, Limit? limit = null) => new(null, null, new Denied(outcome, limit));

    public static Verdict Invalid(string field) => new(null, null, new Denied(Outcome.Invalid, null, field));

    public static Verdict Reply(Reply reply) => new(null, null, reply);
}
