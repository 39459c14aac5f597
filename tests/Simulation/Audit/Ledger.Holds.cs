using OrleansBilling.Account;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>What becomes of holds.</summary>
internal sealed partial class Ledger
{
    private const int FewHolds = 64;
    private const int FewExpired = 1_000;
    private const int HoldsMax = 10_000;
    private const long DayNanos = 86_400_000_000_000;

    // An expired hold is known for a day, so that it can be charged late. How long the others stay known to have ended is left open.
    private Outcome? HoldProblem(long number, long now, out LedgerHold? hold)
    {
        hold = this.holds.GetValueOrDefault(number);
        if (this.status == AccountStatus.None)
        {
            return Outcome.AccountNotFound;
        }

        if (this.status == AccountStatus.Closed)
        {
            return Outcome.AccountClosed;
        }

        if (hold is null || (hold.End == HoldEnd.Expired && !hold.ChargedLate && now > hold.Expires + DayNanos))
        {
            return Outcome.HoldNotFound;
        }

        return hold.End == HoldEnd.Open ? null : Outcome.HoldEnded;
    }

    private Verdict Denied(Outcome problem, LedgerHold? hold)
    {
        Verdict verdict = Verdict.Deny(problem);
        bool mayBeForgotten = problem == Outcome.HoldEnded
            && (hold!.Ended > 0 ? hold.Ended <= this.ended - FewHolds : hold.End == HoldEnd.Expired && this.expiredSince - hold.Expired >= FewExpired - 1);
        return mayBeForgotten ? verdict with { Or = new Denied(Outcome.HoldNotFound) } : verdict;
    }

    private Verdict DecideExtend(ExtendHold c, long now)
    {
        return this.HoldProblem(c.Hold, now, out LedgerHold? hold) is { } problem
            ? this.Denied(problem, hold)
            : Verdict.Accept(new HoldExtended(c.Hold, now + c.TtlNanos));
    }

    private Verdict DecideRelease(ReleaseHold c, long now)
    {
        if (this.HoldProblem(c.Hold, now, out LedgerHold? hold) is { } problem)
        {
            return this.Denied(problem, hold);
        }

        return Verdict.Accept(new HoldReleased(c.Hold, hold!.Left, this.Balance, this.held - hold.Left, c.Reason));
    }

    private Verdict DecideCapture(CaptureHold c, long now, Tariff tariff)
    {
        Outcome? problem = this.HoldProblem(c.Hold, now, out LedgerHold? hold);
        bool late = problem == Outcome.HoldEnded && hold!.End == HoldEnd.Expired && !hold.ChargedLate;
        if (problem is not null && !late)
        {
            return this.Denied(problem.Value, hold);
        }

        HoldPlaced placed = hold!.Placed;
        if (late && this.NotCharging(placed.Key, now) is { } denial)
        {
            return denial;
        }

        long amount = c.AmountNanos ?? 0;
        string? version = null;
        if (c.AmountNanos is null && !placed.Internal)
        {
            // A late one is a new charge, at the prices in force.
            if (tariff.CostOf(c.Usage!, late ? null : placed.PriceVersion) is not { } cost)
            {
                return Verdict.Deny(Outcome.PriceNotFound);
            }

            (amount, version) = cost;
        }

        amount = placed.Internal ? 0 : amount;
        if (late)
        {
            Verdict verdict = this.LateCapture(c, hold, amount, version, now);
            return this.expiredSince - hold.Expired >= FewExpired - 1 ? verdict with { Or = new Denied(Outcome.HoldNotFound) } : verdict;
        }

        return amount > Money.MaxAmountNanos || (Int128)this.totalSpent + amount > Money.MaxTotalNanos
            ? Verdict.Deny(Outcome.Overflow)
            : this.Capture(c, hold, amount, version, now);
    }

    private Verdict Capture(CaptureHold c, LedgerHold hold, long amount, string? version, long now)
    {
        HoldPlaced placed = hold.Placed;
        long excess = Math.Max(0, amount - hold.Left);
        List<Limit> checks = [];
        if (excess > 0 && this.Refusal(placed.Meter, 0, this.KeyOf(placed.Key), placed.Workspace, excess, now, checks) is { } refusal)
        {
            return Verdict.Reply(refusal);
        }

        long rest = Math.Max(0, hold.Left - amount);
        long remaining = c.Final ? 0 : rest;
        long released = c.Final ? rest : 0;
        List<GrantPart> takes = [];
        long wanted = amount;
        foreach ((LedgerGrant grant, long nanos) in hold.Parts)
        {
            long take = Math.Min(wanted, nanos);
            if (take > 0)
            {
                takes.Add(grant.Part(take));
                wanted -= take;
            }
        }

        takes.AddRange(this.TakeFree(wanted).Select(t => t.Grant.Part(t.Nanos)));
        return Verdict.Accept(new HoldCaptured
        {
            Hold = hold.Seq,
            AmountNanos = amount,
            ReleasedNanos = released,
            RemainingNanos = remaining,
            Final = c.Final,
            BalanceNanos = this.Balance - amount,
            HeldNanos = this.held - hold.Left + remaining,
            TotalSpentNanos = this.totalSpent + amount,
            Takes = takes.Count == 0 ? null : [.. takes],
            Meter = placed.Meter,
            Quantity = hold.WasCaptured ? 0 : placed.Quantity,
            Key = placed.Key,
            Workspace = placed.Workspace,
            PlacedAtNanos = hold.PlacedAt,
            ExcessNanos = excess,
            Day = excess == 0 || this.DayOf(now) == this.day ? null : this.DayOf(now),
            Month = excess == 0 || this.MonthOf(now) == this.month ? null : this.MonthOf(now),
            Usage = c.Usage,
            PriceVersion = version,
            Internal = placed.Internal,
            Checks = checks.Count == 0 ? null : [.. checks],
        });
    }

    private Verdict LateCapture(CaptureHold c, LedgerHold hold, long amount, string? version, long now)
    {
        HoldPlaced placed = hold.Placed;
        List<Limit> checks = [];
        if (!placed.Internal && this.Refusal(placed.Meter, hold.WasCaptured ? 0 : placed.Quantity, this.KeyOf(placed.Key), placed.Workspace, amount, now, checks) is { } refusal)
        {
            return Verdict.Reply(refusal);
        }

        List<(LedgerGrant Grant, long Nanos)> takes = this.TakeFree(amount);
        return Verdict.Accept(new Charged
        {
            AmountNanos = amount,
            BalanceNanos = this.Balance - amount,
            HeldNanos = this.held,
            TotalSpentNanos = this.totalSpent + amount,
            Meter = placed.Meter,
            Quantity = hold.WasCaptured ? 0 : placed.Quantity,
            Key = placed.Key,
            Workspace = placed.Workspace,
            Usage = c.Usage,
            PriceVersion = version,
            Internal = placed.Internal,
            Takes = takes.Count == 0 ? null : [.. takes.Select(t => t.Grant.Part(t.Nanos))],
            Day = placed.Internal || this.DayOf(now) == this.day ? null : this.DayOf(now),
            Month = placed.Internal || this.MonthOf(now) == this.month ? null : this.MonthOf(now),
            Checks = checks.Count == 0 ? null : [.. checks],
            LateHold = hold.Seq,
        });
    }

    private void ApplyPlaced(HoldPlaced x, long seq, long at)
    {
        this.Saw(x.Day, x.Month);
        LedgerHold hold = new() { Seq = seq, Placed = x, PlacedAt = at, Left = x.AmountNanos, Expires = x.ExpiresAtNanos };
        foreach (GrantPart part in x.Takes ?? [])
        {
            LedgerGrant grant = this.grants.Find(g => g.Seq == part.Grant)!;
            grant.Held += part.Nanos;
            hold.Parts.Add((grant, part.Nanos));
        }

        this.open.Add(seq, hold);
        this.holds.Add(seq, hold);
        this.held += x.AmountNanos;
        this.Request(x.Key, at);
        if (!x.Internal)
        {
            this.AddSpent(x.Key, x.Workspace, at, seq, x.AmountNanos);
            this.AddCount(x.Meter, at, seq, x.Quantity);
        }
    }

    private void ApplyCaptured(HoldCaptured x, long seq, long at)
    {
        this.Saw(x.Day, x.Month);
        LedgerHold hold = this.open[x.Hold];
        long fromHold = x.AmountNanos - x.ExcessNanos;
        long unpinned = fromHold;
        for (int i = 0; i < hold.Parts.Count && unpinned > 0; i++)
        {
            (LedgerGrant grant, long nanos) = hold.Parts[i];
            long take = Math.Min(unpinned, nanos);
            grant.Held -= take;
            hold.Parts[i] = (grant, nanos - take);
            unpinned -= take;
        }

        hold.Parts.RemoveAll(p => p.Nanos == 0);
        this.Spend(x.Takes, x.AmountNanos);
        this.totalSpent += x.AmountNanos;
        this.held -= fromHold;
        hold.Left -= fromHold;
        hold.Captured += x.AmountNanos;
        hold.WasCaptured = true;
        if (x.ExcessNanos > 0)
        {
            this.AddSpent(x.Key, x.Workspace, at, seq, x.ExcessNanos);
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
            Hold = x.Hold,
            PlacedAt = x.PlacedAtNanos,
            Excess = x.ExcessNanos,
        });
        if (x.Final)
        {
            this.EndHold(hold, HoldEnd.Captured);
        }
    }

    // What was not captured is given back: credit, and counters in the windows in which the hold was placed.
    private void EndHold(LedgerHold hold, HoldEnd end)
    {
        hold.End = end;
        hold.Ended = end == HoldEnd.Expired ? 0 : ++this.ended;
        hold.Expired = end == HoldEnd.Expired ? ++this.expiredSince : 0;
        this.open.Remove(hold.Seq);
        this.held -= hold.Left;
        foreach ((LedgerGrant grant, long nanos) in hold.Parts)
        {
            grant.Held -= nanos;
        }

        hold.Parts.Clear();
        if (!hold.Placed.Internal)
        {
            this.AddSpent(hold.Placed.Key, hold.Placed.Workspace, hold.PlacedAt, hold.Seq, -hold.Left);
            if (!hold.WasCaptured)
            {
                this.GiveCountBack(hold.Placed.Meter, hold.PlacedAt, hold.Seq, hold.Placed.Quantity);
            }
        }

        hold.Left = 0;
    }
}
