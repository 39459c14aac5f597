using OrleansBilling.Account;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>
/// The auditor's own model of one account, written from the words of the contracts: plain lists and plain sums, nothing of the
/// core. Says what a command must come to in the state, and applies what came of it.
/// </summary>
internal sealed partial class Ledger(Zones zones)
{
    private readonly List<LedgerGrant> grants = [];
    private readonly SortedDictionary<long, LedgerHold> open = [];
    private readonly Dictionary<long, LedgerHold> holds = [];
    private readonly Dictionary<long, LedgerCharge> charges = [];
    private readonly List<LedgerKey> keys = [];
    private readonly SortedSet<long> keyMoments = [];
    private readonly Dictionary<string, LedgerKey> keysById = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, LedgerWorkspace> workspaces = new(StringComparer.Ordinal);
    private readonly LedgerScope spent = new();
    private readonly List<LedgerMeter> meters = [];
    private AccountOpened? opened;
    private AccountStatus status;
    private string tier = "";
    private string zone = "";
    private LimitsSet limits = new(0, null, null, null);
    private Timeline? days;
    private Timeline? months;
    private Window? day;
    private Window? month;
    private bool lowSaid;
    private long credit;
    private long debt;
    private long? nextDue;
    private long reversals;
    private long ended;
    private long expiredSince;
    private long held;
    private long totalSpent;

    /// <summary>The last row applied.</summary>
    public long Seq { get; private set; }

    /// <summary>Its time.</summary>
    public long At { get; private set; }

    public long Balance => this.credit - this.debt;

    public long Held => this.held;

    public long Available => this.Balance - this.held;

    public int OpenHolds => this.open.Count;

    /// <summary>When the next hold or grant ends; long.MaxValue when none does.</summary>
    public long NextDueNanos => this.nextDue ??= this.FindNextDue();

    private long FindNextDue()
    {
        long due = long.MaxValue;
        foreach (LedgerHold hold in this.open.Values)
        {
            due = Math.Min(due, hold.Expires);
        }

        foreach (LedgerGrant grant in this.grants)
        {
            if (grant.Expires is { } end && grant.Free > 0)
            {
                due = Math.Min(due, end);
            }
        }

        return due;
    }

    /// <summary>The event that is due by itself at a time, or null.</summary>
    public Event? NextDue(long now)
    {
        if (this.limits.LowBalanceNanos is { } threshold && this.Available < threshold && !this.lowSaid)
        {
            return new LowBalanceCrossed(threshold, this.Available);
        }

        if (now < this.NextDueNanos)
        {
            return null;
        }

        LedgerHold? hold = null;
        foreach (LedgerHold candidate in this.open.Values)
        {
            if (candidate.Expires <= now && (hold is null || candidate.Expires < hold.Expires))
            {
                hold = candidate;
            }
        }

        LedgerGrant? grant = null;
        foreach (LedgerGrant candidate in this.grants)
        {
            if (candidate.Expires <= now && candidate.Free > 0
                && (grant is null || candidate.Expires < grant.Expires || (candidate.Expires == grant.Expires && candidate.Seq < grant.Seq)))
            {
                grant = candidate;
            }
        }

        // What ends at one moment ends in the order in which it began.
        if (hold is not null && (grant is null || hold.Expires < grant.Expires || (hold.Expires == grant.Expires && hold.Seq < grant.Seq)))
        {
            return new HoldExpired(hold.Seq, hold.Left, this.Balance, this.held - hold.Left, hold.Expires);
        }

        return grant is null ? null : new GrantExpired
        {
            Grant = grant.Seq,
            AmountNanos = grant.Free,
            BalanceNanos = this.Balance - grant.Free,
            DueAtNanos = grant.Expires!.Value,
        };
    }

    /// <summary>What a command must come to. Nothing may be due.</summary>
    public Verdict Decide(Command command, long now, Tariff tariff)
    {
        // Of several mistakes any may be named; one of them is only seen beside what the key has already.
        Verdict verdict = WrongFields(command, now) is not { } fields ? this.DecideAlone(command, now, tariff)
            : Verdict.Invalid(command is UpdateKey c && this.WrongMerged(c) is { } merged ? $"{fields}|{merged}" : fields);
        return verdict.Event is null ? verdict : verdict with { Follower = this.LowBalanceAfter(verdict.Event) };
    }

    private Verdict DecideAlone(Command command, long now, Tariff tariff) => command switch
    {
        OpenAccount c => this.DecideOpen(c),
        GetAccount => this.status == AccountStatus.None ? Verdict.Deny(Outcome.AccountNotFound) : Verdict.Reply(this.View(now)),
        CheckKey c => this.DecideCheckKey(c, now),
        SpendCommand c => this.DecideSpend(c, now, tariff),
        ExtendHold c => this.DecideExtend(c, now),
        CaptureHold c => this.DecideCapture(c, now, tariff),
        ReleaseHold c => this.DecideRelease(c, now),
        ReverseCharge c => this.DecideReverse(c, now),
        PostCredit c => this.DecideCredit(c),
        SetBalance c => this.DecideSetBalance(c),
        SuspendAccount c => this.status switch
        {
            AccountStatus.None => Verdict.Deny(Outcome.AccountNotFound),
            AccountStatus.Suspended => Verdict.Deny(Outcome.AccountSuspended),
            AccountStatus.Closed => Verdict.Deny(Outcome.AccountClosed),
            _ => Verdict.Accept(new AccountSuspended(c.Reason)),
        },
        ResumeAccount c => this.status switch
        {
            AccountStatus.None => Verdict.Deny(Outcome.AccountNotFound),
            AccountStatus.Closed => Verdict.Deny(Outcome.AccountClosed),
            AccountStatus.Active => Verdict.Deny(Outcome.AccountNotSuspended),
            _ => Verdict.Accept(new AccountResumed(c.Reason)),
        },
        CloseAccount c => this.status switch
        {
            AccountStatus.None => Verdict.Deny(Outcome.AccountNotFound),
            AccountStatus.Closed => Verdict.Deny(Outcome.AccountClosed),
            _ when this.Balance != 0 || this.open.Count > 0 => Verdict.Deny(Outcome.AccountNotEmpty),
            _ => Verdict.Accept(new AccountClosed(c.Reason)),
        },
        SetZone c => this.DecideZone(c, now),
        SetProfile c => this.NotUsable() ?? Verdict.Accept(new ProfileSet(c.Reason)),
        EraseProfile c => this.DecideErase(c),
        AskClusterChange c => this.NotUsable() ?? Verdict.Accept(new ClusterChangeAsked(c.What, c.Target, c.Silo, c.Reason)),
        EndClusterChange c => this.NotUsable() ?? Verdict.Accept(new ClusterChangeEnded(c.Change, c.Result!)),
        SetLimits c => this.DecideLimits(c),
        SetTier c => this.DecideTier(c),
        ResetQuota c => this.DecideResetQuota(c),
        SetWorkspace c => this.DecideWorkspace(c, now),
        CreateKey c => this.DecideCreateKey(c, now),
        UpdateKey c => this.DecideUpdate(c, now),
        RotateKey c => this.DecideRotate(c, now),
        RevokeKey c => this.DecideRevoke(c, now),
        _ => throw new InvalidOperationException($"The auditor does not know {command.GetType().Name}."),
    };

    /// <summary>Applies an event that the auditor has worked out itself.</summary>
    public void Apply(Event e, long seq, long at)
    {
        switch (e)
        {
            case AccountOpened x:
                this.opened = x;
                this.status = AccountStatus.Active;
                this.tier = x.Tier;
                this.zone = x.Zone;
                this.days = new Timeline(zones.Day, x.Zone);
                this.months = new Timeline((zone, nanos) => zones.Month(zone, x.AnchorDay, nanos), x.Zone);
                this.SetQuotas(x.Quotas, seq);
                this.limits = new LimitsSet(x.CreditLimitNanos, null, null, null);
                break;
            case AccountSuspended:
                this.status = AccountStatus.Suspended;
                break;
            case AccountResumed:
                this.status = AccountStatus.Active;
                break;
            case AccountClosed:
                this.status = AccountStatus.Closed;
                break;
            case CreditPosted x:
                this.ApplyCredit(x, seq);
                break;
            case GrantExpired x:
                this.Change(this.grants.Find(g => g.Seq == x.Grant)!, -x.AmountNanos);
                break;
            case Charged x:
                this.ApplyCharged(x, seq, at);
                break;
            case HoldPlaced x:
                this.ApplyPlaced(x, seq, at);
                break;
            case HoldExtended x:
                this.open[x.Hold].Expires = x.ExpiresAtNanos;
                break;
            case HoldCaptured x:
                this.ApplyCaptured(x, seq, at);
                break;
            case HoldReleased x:
                this.EndHold(this.open[x.Hold], HoldEnd.Released);
                break;
            case HoldExpired x:
                this.EndHold(this.open[x.Hold], HoldEnd.Expired);
                break;
            case ChargeReversed x:
                this.ApplyReversed(x, seq);
                break;
            case LimitsSet x:
                this.limits = x;
                // Below a threshold that was just set nothing fell.
                this.lowSaid = x.LowBalanceNanos is not null;
                break;
            case TierSet x:
                this.tier = x.Tier;
                this.SetQuotas(x.Quotas, seq);
                break;
            case ZoneSet x:
                this.ApplyZone(x, at);
                break;
            case ProfileSet or ProfileErased or ClusterChangeAsked or ClusterChangeEnded:
                // On record only.
                break;
            case QuotaReset x:
                this.ApplyQuotaReset(x, seq, at);
                break;
            case WorkspaceSet x:
                this.WorkspaceOf(x.Workspace, seq).Caps = x.Caps;
                break;
            case KeyCreated x:
                this.ApplyKey(x);
                break;
            case KeyUpdated x:
                this.ApplyUpdated(x);
                break;
            case KeyRevoked x:
                this.KeyOf(x.Key)!.Revoked = true;
                break;
            case LowBalanceCrossed:
                this.lowSaid = true;
                break;
            default:
                throw new InvalidOperationException($"The auditor does not know {e.GetType().Name}.");
        }

        this.Settle();
        this.nextDue = null;

        // At or above the threshold the warning is armed again.
        if (this.limits.LowBalanceNanos is not { } threshold || this.Available >= threshold)
        {
            this.lowSaid = false;
        }

        this.Seq = seq;
        this.At = at;
    }

    public bool IsOpened => this.opened is not null;

    /// <summary>Moments in a span of time from which on another answer may be right.</summary>
    public IEnumerable<long> Moments(long low, long high)
    {
        if (this.DayOf(low).EndNanos is var day && day <= high)
        {
            yield return day;
        }

        if (this.MonthOf(low).EndNanos is var month && month <= high)
        {
            yield return month;
        }

        foreach (long end in this.keyMoments.GetViewBetween(low + 1, high))
        {
            yield return end;
        }
    }

    /// <summary>When the day or the month ends that an instant is in.</summary>
    public long WindowEnd(long now, bool ofMonth) => (ofMonth ? this.MonthOf(now) : this.DayOf(now)).EndNanos;

    /// <summary>What is true of an account after every event.</summary>
    public void CheckInvariants()
    {
        // All of it is looked at now and then, the totals always.
        bool wrong = this.Seq % 32 == 0
            && (this.grants.Exists(g => g.Left < 0 || g.Held < 0 || g.Held > g.Left) || this.credit != this.grants.Sum(g => g.Left)
                || this.held != this.open.Values.Sum(h => h.Left));
        if (wrong || this.held < 0 || this.debt < 0)
        {
            throw new Violation("model", $"the auditor's own model went wrong: held {this.held}, debt {this.debt}");
        }
    }

    private LowBalanceCrossed? LowBalanceAfter(Event e)
    {
        (long availableChange, long? threshold) = e switch
        {
            CreditPosted x => (x.AmountNanos, this.limits.LowBalanceNanos),
            Charged x => (-x.AmountNanos, this.limits.LowBalanceNanos),
            HoldPlaced x => (-x.AmountNanos, this.limits.LowBalanceNanos),
            HoldCaptured x => (x.ReleasedNanos - x.ExcessNanos, this.limits.LowBalanceNanos),
            HoldReleased x => (x.AmountNanos, this.limits.LowBalanceNanos),
            ChargeReversed x => (x.AmountNanos, this.limits.LowBalanceNanos),
            _ => (0, null),
        };
        long after = this.Available + availableChange;
        bool said = this.lowSaid;
        return threshold is { } low && after < low && !said ? new LowBalanceCrossed(low, after) : null;
    }

    private Window DayOf(long at) => this.days!.At(at);

    private Window MonthOf(long at) => this.months!.At(at);

    private LedgerKey? KeyOf(string? key) => key is null ? null : this.keysById.GetValueOrDefault(key);

    private LedgerWorkspace WorkspaceOf(string name, long seq)
    {
        if (!this.workspaces.TryGetValue(name, out LedgerWorkspace? workspace))
        {
            this.workspaces.Add(name, workspace = new LedgerWorkspace { Since = seq });
        }

        return workspace;
    }

    // What was spent before a workspace had caps was not counted there, so it is not given back there either.
    private void AddSpent(string? key, string? workspace, long at, long seq, long nanos)
    {
        Window inDay = this.DayOf(at);
        Window inMonth = this.MonthOf(at);
        this.spent.Add(inDay, inMonth, nanos);
        this.KeyOf(key)?.Spent.Add(inDay, inMonth, nanos);
        if (workspace is not null && this.workspaces.TryGetValue(workspace, out LedgerWorkspace? known) && seq > known.Since)
        {
            known.Spent.Add(inDay, inMonth, nanos);
        }
    }

    // Credit that nobody has set aside pays debt.
    private void Settle()
    {
        if (this.debt > 0)
        {
            foreach ((LedgerGrant grant, long nanos) in this.TakeFree(this.debt))
            {
                this.Change(grant, -nanos);
                this.debt -= nanos;
            }
        }
    }

    // Grants stand in the order of spending: priority, then earliest expiry, then age.
    private void AddGrant(LedgerGrant grant)
    {
        int at = this.grants.Count;
        while (at > 0 && grant.IsSpentBefore(this.grants[at - 1]))
        {
            at--;
        }

        this.grants.Insert(at, grant);
    }

    // Grants with nothing left are gone.
    private void Change(LedgerGrant grant, long nanos)
    {
        grant.Left += nanos;
        this.credit += nanos;
        if (grant.Left == 0)
        {
            this.grants.Remove(grant);
        }
    }
}
