using OrleansBilling.Account;
using OrleansBilling.Grains.Pricing;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Charges and holds: every check in its order, then every number.</summary>
internal sealed partial class Ledger
{
    private Verdict DecideSpend(SpendCommand c, long now)
    {
        if (InvalidField(c) is { } field)
        {
            return Verdict.Invalid(field);
        }

        if (this.status is AccountStatus.None or AccountStatus.Suspended or AccountStatus.Closed)
        {
            return Verdict.Deny(this.status switch
            {
                AccountStatus.None => Outcome.AccountNotFound,
                AccountStatus.Suspended => Outcome.AccountSuspended,
                _ => Outcome.AccountClosed,
            });
        }

        LedgerKey? key = null;
        if (c.Key is not null)
        {
            key = this.KeyOf(c.Key);
            if (key is null || key.Revoked || key.Created.ExpiresAtNanos <= now)
            {
                return Verdict.Deny(key is null ? Outcome.KeyNotFound : key.Revoked ? Outcome.KeyRevoked : Outcome.KeyExpired);
            }
        }

        bool isInternal = key?.Created.Type == KeyType.Internal;
        long amount = c.AmountNanos ?? 0;
        string? version = null;
        if (c.AmountNanos is null && !isInternal)
        {
            if (!prices.TryPrice(c.Usage ?? new Usage(), null, out Cost cost))
            {
                return Verdict.Deny(Outcome.PriceNotFound);
            }

            (amount, version) = (cost.Nanos, cost.Version);
        }

        amount = isInternal ? 0 : amount;
        string? workspace = key?.Created.Workspace ?? c.Workspace;
        List<Limit> checks = [];
        if (!isInternal && this.Refusal(c.Meter, c.Quantity, key, workspace, amount, now, checks) is { } refusal)
        {
            return Verdict.Reply(refusal);
        }

        List<(LedgerGrant Grant, long Nanos)> takes = this.TakeFree(amount);
        GrantPart[]? parts = takes.Count == 0 ? null : [.. takes.Select(t => t.Grant.Part(t.Nanos))];
        Window? newDay = isInternal || this.DayOf(now) == this.day ? null : this.DayOf(now);
        Window? newMonth = isInternal || this.MonthOf(now) == this.month ? null : this.MonthOf(now);
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
                PriceVersion = version,
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

    private static string? InvalidField(SpendCommand c)
    {
        if (c.AmountNanos is < 0 or > Money.MaxAmountNanos)
        {
            return "amountNanos";
        }

        if (string.IsNullOrEmpty(c.Meter))
        {
            return "meter";
        }

        if (c.Quantity < 0)
        {
            return "quantity";
        }

        return c is Authorize { TtlNanos: < 1_000_000_000 or > 30 * 86_400_000_000_000 } ? "ttlNanos" : null;
    }

    // The limits in DESIGN.md's order: quota, key, workspace, account, credit. Fills in what they stand at afterwards.
    private Denied? Refusal(string meter, long quantity, LedgerKey? key, string? workspace, long amount, long now, List<Limit> checks)
    {
        Window inDay = this.DayOf(now);
        Window inMonth = this.MonthOf(now);
        List<(Outcome Outcome, Limit Limit)> all = [];
        if (quantity >= 0 && Array.Find(this.quotas, q => string.Equals(q.Meter, meter, StringComparison.Ordinal))?.Max is { } max)
        {
            all.Add((Outcome.QuotaExceeded, new Limit($"quota:{meter}", max, this.Count(meter, now), quantity, inMonth.EndNanos)));
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
            Caps(key.Created.Caps, key.Spent, "key_", Outcome.KeyDailyCapExceeded, Outcome.KeyMonthlyCapExceeded, Outcome.KeyTotalCapExceeded);
        }

        if (workspace is not null && this.workspaces.TryGetValue(workspace, out LedgerWorkspace? known))
        {
            Caps(known.Caps, known.Spent, "workspace_", Outcome.WorkspaceDailyCapExceeded, Outcome.WorkspaceMonthlyCapExceeded, Outcome.WorkspaceTotalCapExceeded);
        }

        Caps own = new() { DailyNanos = this.limits.DailyCapNanos, MonthlyNanos = this.limits.MonthlyCapNanos };
        Caps(own, this.spent, "", Outcome.DailyCapExceeded, Outcome.MonthlyCapExceeded, Outcome.MonthlyCapExceeded);
        foreach ((Outcome outcome, Limit limit) in all)
        {
            if (limit.Used + limit.Requested > limit.Max)
            {
                return new Denied(outcome, limit);
            }

            checks.Add(limit with { Used = limit.Used + limit.Requested });
        }

        return this.Available - amount < -this.limits.CreditLimitNanos
            ? new Denied(Outcome.InsufficientCredit, new Limit("available_credit", this.Balance + this.limits.CreditLimitNanos, this.held, amount))
            : null;
    }

    private IEnumerable<LedgerGrant> InOrder() =>
        this.grants.OrderBy(g => g.Priority).ThenBy(g => g.Expires ?? long.MaxValue).ThenBy(g => g.Seq);

    // Priority, then earliest expiry, then age; what grants do not cover is debt.
    private List<(LedgerGrant Grant, long Nanos)> TakeFree(long amount)
    {
        List<(LedgerGrant Grant, long Nanos)> takes = [];
        if (amount == 0)
        {
            return takes;
        }

        foreach (LedgerGrant grant in this.InOrder())
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
            this.grants.Find(g => g.Seq == take.Grant)!.Left -= take.Nanos;
            amount -= take.Nanos;
        }

        this.debt += amount;
        this.Sweep();
    }

    private void Saw(Window? newDay, Window? newMonth)
    {
        this.day = newDay ?? this.day;
        this.month = newMonth ?? this.month;
    }

    private void ApplyCharged(Charged x, long seq, long at)
    {
        this.Saw(x.Day, x.Month);
        this.Spend(x.Takes, x.AmountNanos);
        this.totalSpent += x.AmountNanos;
        if (!x.Internal)
        {
            this.AddSpent(x.Key, x.Workspace, at, x.AmountNanos);
            this.AddCount(x.Meter, at, x.Quantity);
        }

        if (x.LateHold != 0)
        {
            this.holds[x.LateHold].ChargedLate = true;
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
