using OrleansBilling.Account;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Charges and holds: every check in its order, then every number.</summary>
internal sealed partial class Ledger
{
    private Verdict DecideSpend(SpendCommand c, long now, Tariff tariff)
    {
        // A key that has a workspace spends in no other.
        if (this.KeyOf(c.Key)?.Created.Workspace is { } always && c.Workspace is not null && c.Workspace != always)
        {
            return Verdict.Invalid("workspace");
        }

        if ((this.NotCharging(c.Key, now) ?? NotAllowed(this.KeyOf(c.Key), c.Address, c.Scope)) is { } denial)
        {
            return denial;
        }

        LedgerKey? key = this.KeyOf(c.Key);
        bool isInternal = key?.Created.Type == KeyType.Internal;
        long amount = c.AmountNanos ?? 0;
        string? version = null;
        if (c.AmountNanos is null && !isInternal)
        {
            if (tariff.CostOf(c.Usage!, null) is not { } cost)
            {
                return Verdict.Deny(Outcome.PriceNotFound);
            }

            (amount, version) = cost;
        }

        amount = isInternal ? 0 : amount;
        if (c is Authorize && this.open.Count >= HoldsMax)
        {
            return Verdict.Deny(Outcome.TooMany);
        }

        string? workspace = key?.Created.Workspace ?? c.Workspace;
        List<Limit> checks = [];
        Denied? refusal = isInternal ? null : this.Overflow(key, workspace, amount);
        refusal ??= this.TooOften(key, now, checks);
        refusal ??= isInternal ? null : this.Refusal(c.Meter, c.Quantity, key, workspace, amount, now, checks);
        if (refusal is not null)
        {
            return Verdict.Reply(refusal);
        }

        List<(LedgerGrant Grant, long Nanos)> takes = this.TakeFree(amount);
        GrantPart[]? parts = takes.Count == 0 ? null : [.. takes.Select(t => t.Grant.Part(t.Nanos))];
        bool counts = !isInternal || key?.Last.Created.Rates?.PerDay is not null;
        Window? newDay = !counts || this.DayOf(now) == this.day ? null : this.DayOf(now);
        Window? newMonth = !counts || this.MonthOf(now) == this.month ? null : this.MonthOf(now);
        if (c is Authorize authorize)
        {
            return Verdict.Accept(new HoldPlaced
            {
                AmountNanos = amount,
                BalanceNanos = this.Balance,
                HeldNanos = this.held + amount,
                ExpiresAtNanos = now + authorize.TtlNanos,
                Meter = c.Meter,
                Quantity = c.Quantity,
                Key = c.Key,
                Workspace = workspace,
                Usage = c.Usage,
                PriceVersion = version ?? (isInternal ? null : tariff.Current),
                Internal = isInternal,
                Takes = parts,
                Day = newDay,
                Month = newMonth,
                Checks = checks.Count == 0 ? null : [.. checks],
            });
        }

        return Verdict.Accept(new Charged
        {
            AmountNanos = amount,
            BalanceNanos = this.Balance - amount,
            HeldNanos = this.held,
            TotalSpentNanos = this.totalSpent + amount,
            Meter = c.Meter,
            Quantity = c.Quantity,
            Key = c.Key,
            Workspace = workspace,
            Usage = c.Usage,
            PriceVersion = version,
            Internal = isInternal,
            Takes = parts,
            Day = newDay,
            Month = newMonth,
            Checks = checks.Count == 0 ? null : [.. checks],
        });
    }

    private Verdict? NotCharging(string? keyId, long now)
    {
        LedgerKey? key = this.KeyOf(keyId);
        return this.status switch
        {
            AccountStatus.None => Verdict.Deny(Outcome.AccountNotFound),
            AccountStatus.Suspended => Verdict.Deny(Outcome.AccountSuspended),
            AccountStatus.Closed => Verdict.Deny(Outcome.AccountClosed),
            _ when keyId is null => null,
            _ when key is null => Verdict.Deny(Outcome.KeyNotFound),
            _ when key.Revoked => Verdict.Deny(Outcome.KeyRevoked),
            _ when key.Created.ExpiresAtNanos <= now => Verdict.Deny(Outcome.KeyExpired),
            _ => null,
        };
    }

    // The limits in DESIGN.md's order: quota, key, workspace, account, credit. Fills in what they stand at afterwards.
    private Denied? Refusal(string meter, long quantity, LedgerKey? key, string? workspace, long amount, long now, List<Limit> checks)
    {
        if (this.Overflow(key, workspace, amount) is { } overflow)
        {
            return overflow;
        }

        LedgerWorkspace? known = workspace is null ? null : this.workspaces.GetValueOrDefault(workspace);
        Window inDay = this.DayOf(now);
        Window inMonth = this.MonthOf(now);
        List<(Outcome Outcome, Limit Limit)> all = [];
        if (this.MeterOf(meter) is { Max: { } max } counter)
        {
            all.Add((Outcome.QuotaExceeded, new Limit(counter.Shown, max, this.Count(counter, now), quantity, inMonth.EndNanos)));
        }

        void Caps(Caps? caps, LedgerScope scope, string prefix, Outcome daily, Outcome monthly, Outcome total)
        {
            if (caps?.DailyNanos is { } perDay)
            {
                all.Add((daily, new Limit($"{prefix}daily_cap", perDay, scope.InDay(inDay), amount, inDay.EndNanos)));
            }

            if (caps?.MonthlyNanos is { } perMonth)
            {
                all.Add((monthly, new Limit($"{prefix}monthly_cap", perMonth, scope.InMonth(inMonth), amount, inMonth.EndNanos)));
            }

            if (caps?.TotalNanos is { } ever)
            {
                all.Add((total, new Limit($"{prefix}total_cap", ever, scope.Total, amount)));
            }
        }

        if (key is not null)
        {
            Caps(key.Last.Created.Caps, key.Spent, "key_", Outcome.KeyDailyCapExceeded, Outcome.KeyMonthlyCapExceeded, Outcome.KeyTotalCapExceeded);
        }

        if (known is not null)
        {
            Caps(known.Caps, known.Spent, "workspace_", Outcome.WorkspaceDailyCapExceeded, Outcome.WorkspaceMonthlyCapExceeded, Outcome.WorkspaceTotalCapExceeded);
        }

        Caps own = new() { DailyNanos = this.limits.DailyCapNanos, MonthlyNanos = this.limits.MonthlyCapNanos };
        Caps(own, this.spent, "", Outcome.DailyCapExceeded, Outcome.MonthlyCapExceeded, Outcome.MonthlyCapExceeded);
        foreach ((Outcome outcome, Limit limit) in all)
        {
            // What asks for nothing exceeds nothing.
            if (limit.Requested > 0 && limit.Used + limit.Requested > limit.Max)
            {
                return new Denied(outcome, limit);
            }

            checks.Add(limit with { Used = limit.Used + limit.Requested });
        }

        return amount > 0 && this.Available - amount < -this.limits.CreditLimitNanos
            ? new Denied(Outcome.InsufficientCredit, new Limit("available_credit", this.Balance + this.limits.CreditLimitNanos, this.held, amount))
            : null;
    }

    private Denied? Overflow(LedgerKey? key, string? workspace, long amount)
    {
        LedgerWorkspace? known = workspace is null ? null : this.workspaces.GetValueOrDefault(workspace);
        return this.Overflows(amount, key?.Spent, known?.Caps is null ? null : known.Spent) ? new Denied(Outcome.Overflow) : null;
    }

    // No amount and no total leaves its range, also where nothing limits it.
    private bool Overflows(long amount, LedgerScope? key, LedgerScope? workspace)
    {
        static bool Above(long total, long more) => (Int128)total + more > Money.MaxTotalNanos;
        return amount > Money.MaxAmountNanos || Above(this.totalSpent, amount) || Above(this.held, amount) || Above(-this.Available, amount)
            || Above(this.spent.Total, amount) || Above(key?.Total ?? 0, amount) || Above(workspace?.Total ?? 0, amount);
    }

    // Priority, then earliest expiry, then age; what grants do not cover is debt.
    private List<(LedgerGrant Grant, long Nanos)> TakeFree(long amount)
    {
        List<(LedgerGrant Grant, long Nanos)> takes = [];
        if (amount == 0)
        {
            return takes;
        }

        foreach (LedgerGrant grant in this.grants)
        {
            long take = Math.Min(amount, grant.Free);
            if (take > 0)
            {
                takes.Add((grant, take));
                amount -= take;
            }

            if (amount == 0)
            {
                break;
            }
        }

        return takes;
    }

    private void Spend(GrantPart[]? takes, long amount)
    {
        foreach (GrantPart take in takes ?? [])
        {
            this.Change(this.grants.Find(g => g.Seq == take.Grant)!, -take.Nanos);
            amount -= take.Nanos;
        }

        this.debt += amount;
    }

    private void Saw(Window? newDay, Window? newMonth)
    {
        this.day = newDay ?? this.day;
        if (newMonth is not null)
        {
            this.month = newMonth;
            // A new month begins with the counters that the tier limits.
            this.meters.RemoveAll(m => m.Max is null);
        }
    }

    private void ApplyCharged(Charged x, long seq, long at)
    {
        this.Saw(x.Day, x.Month);
        this.Spend(x.Takes, x.AmountNanos);
        this.totalSpent += x.AmountNanos;
        if (!x.Internal)
        {
            this.AddSpent(x.Key, x.Workspace, at, seq, x.AmountNanos);
            this.AddCount(x.Meter, at, seq, x.Quantity);
        }

        if (x.LateHold == 0)
        {
            this.Request(x.Key, at);
        }
        else
        {
            this.holds[x.LateHold].ChargedLate = true;
            this.holds[x.LateHold].Ended = ++this.ended;
        }

        this.charges.Add(seq, new LedgerCharge
        {
            Seq = seq,
            At = at,
            Amount = x.AmountNanos,
            Takes = x.Takes ?? [],
            Meter = x.Meter,
            Quantity = x.Quantity,
            Key = x.Key,
            Workspace = x.Workspace,
            Internal = x.Internal,
        });
    }
}
