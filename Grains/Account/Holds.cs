using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// Credit set aside before the cost is known. A hold takes its money out of the free part of grants and counts in every
/// counter, in the windows of its placement; whatever ends it gives back what was not captured, and a grant whose end has
/// passed meanwhile then expires at once.
/// </summary>
internal static class Holds
{
    public static Decision Decide(AccountState s, Authorize c, in TurnContext context)
    {
        if (TtlProblem(c.TtlNanos) is { } invalid)
        {
            return invalid;
        }

        if (!Spending.TryResolve(s, c, in context, out Spend spend, out Decision denial))
        {
            return denial;
        }

        if (s.Holds.Count >= Ceilings.Holds)
        {
            return Decision.Deny(Outcome.TooMany);
        }

        Windows windows = Spending.WindowsOf(s, in spend, context.NowNanos);
        if (!Spending.IsWithinLimits(s, in spend, in windows, context.NowNanos, out denial))
        {
            return denial;
        }

        return LowBalance.Accept(
            s,
            new HoldPlaced
            {
                AmountNanos = spend.Amount,
                BalanceNanos = s.Balance,
                HeldNanos = s.Held + spend.Amount,
                ExpiresAtNanos = context.NowNanos + c.TtlNanos,
                Meter = spend.Meter,
                Quantity = spend.Quantity,
                Key = spend.KeyId,
                Workspace = spend.WorkspaceName,
                Usage = c.Usage,
                PriceVersion = spend.PriceVersion ?? (spend.Internal ? null : context.Prices.CurrentVersion),
                Internal = spend.Internal,
                Takes = spend.Amount == 0 ? null : Wallet.Plan(s, spend.Amount),
                Day = windows.DayToRecord,
                Month = windows.MonthToRecord,
                Checks = Spending.Checks(s, in spend, in windows, context.NowNanos),
            },
            s.Available - spend.Amount);
    }

    public static Decision Decide(AccountState s, ExtendHold c, long now)
    {
        if ((TtlProblem(c.TtlNanos) ?? Lifecycle.NotChangeable(s)) is { } denied)
        {
            return denied;
        }

        return Find(s, c.Hold) < 0 ? NotOpen(s, c.Hold, now) : Decision.Accept(new HoldExtended(c.Hold, now + c.TtlNanos));
    }

    public static Decision Decide(AccountState s, ReleaseHold c, long now)
    {
        if ((Lifecycle.OptionalReasonProblem(c.Reason) ?? Lifecycle.NotChangeable(s)) is { } denied)
        {
            return denied;
        }

        int at = Find(s, c.Hold);
        return at < 0
            ? NotOpen(s, c.Hold, now)
            : Decision.Accept(new HoldReleased(c.Hold, s.Holds[at].Remaining, s.Balance, s.Held - s.Holds[at].Remaining, c.Reason));
    }

    /// <summary>A hold's place in the list, or −1.</summary>
    public static int Find(AccountState s, long number)
    {
        Span<HoldState> holds = s.Holds.AsSpan();
        int low = 0;
        int high = holds.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (holds[middle].Number == number)
            {
                return middle;
            }

            if (holds[middle].Number < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }

    /// <summary>A hold that expired within <see cref="Ceilings.LateCaptureNanos"/> and was not captured late, or null.</summary>
    public static ExpiredHold? FindExpired(AccountState s, long number, long now)
    {
        foreach (ExpiredHold hold in s.ExpiredHolds.AsSpan())
        {
            if (hold.Number == number)
            {
                return now - hold.DueAt <= Ceilings.LateCaptureNanos ? hold : null;
            }
        }

        return null;
    }

    /// <summary>The denial for a hold that is not open: ended, as far as that is still known.</summary>
    public static Decision NotOpen(AccountState s, long number, long now) =>
        FindExpired(s, number, now) is not null || s.EndedHolds.AsSpan().Contains(number)
            ? Decision.Deny(Outcome.HoldEnded)
            : Decision.Deny(Outcome.HoldNotFound);

    /// <summary>A late capture was made of an expired hold: there is none after it.</summary>
    public static void ForgetExpired(AccountState s, long number)
    {
        for (int i = 0; i < s.ExpiredHolds.Count; i++)
        {
            if (s.ExpiredHolds[i].Number == number)
            {
                s.ExpiredHolds.RemoveAt(i);
                break;
            }
        }

        RememberEnded(s, number);
    }

    /// <summary>Ends a hold: what remains goes back to its grants and out of its counters.</summary>
    public static HoldState End(AccountState s, long number)
    {
        int at = Find(s, number);
        HoldState hold = s.Holds[at];
        s.Holds.RemoveAt(at);
        s.Held -= hold.Remaining;
        if (!hold.Internal)
        {
            Wallet.Free(s, hold.Parts);
            Spending.GiveBack(s, hold.Key, hold.Workspace, hold.Remaining, hold.Number, hold.PlacedAt);
            if (!hold.Used)
            {
                Quotas.GiveBack(s, hold.Meter, hold.Quantity, hold.Number, hold.PlacedAt);
            }
        }

        return hold;
    }

    /// <summary>Keeps the number of a hold that ended, for a while.</summary>
    public static void RememberEnded(AccountState s, long number)
    {
        if (s.EndedHolds.Count >= Ceilings.EndedHolds)
        {
            s.EndedHolds.RemoveRange(0, Ceilings.EndedHolds / 2);
        }

        s.EndedHolds.Add(number);
    }

    public static void Apply(AccountState s, HoldPlaced e, long seq, long atNanos)
    {
        s.Holds.Add(new HoldState
        {
            Number = seq,
            Remaining = e.AmountNanos,
            PlacedAt = atNanos,
            Expires = e.ExpiresAtNanos,
            Quantity = e.Quantity,
            Parts = e.Takes,
            Key = KeyPolicies.Find(s, e.Key)?.Id,
            Workspace = e.Workspace is null ? null : SharedNames.Of(e.Workspace),
            Meter = SharedNames.Of(e.Meter),
            PriceVersion = e.PriceVersion is null ? null : SharedNames.Of(e.PriceVersion),
            Internal = e.Internal,
        });
        Due.NotBefore(s, e.ExpiresAtNanos);
        s.Held += e.AmountNanos;
        Windows.Enter(s, e.Day, e.Month);
        KeyRates.Count(s, e.Key, atNanos);
        if (e.Internal)
        {
            return;
        }

        Wallet.SetAside(s, e.Takes);
        Spending.Count(s, e.Key, e.Workspace, e.AmountNanos);
        Quotas.Count(s, e.Meter, e.Quantity, seq);
    }

    public static void Apply(AccountState s, HoldExtended e)
    {
        s.Holds[Find(s, e.Hold)].Expires = e.ExpiresAtNanos;
        Due.NotBefore(s, e.ExpiresAtNanos);
    }

    public static void Apply(AccountState s, HoldReleased e)
    {
        End(s, e.Hold);
        RememberEnded(s, e.Hold);
    }

    public static void Apply(AccountState s, HoldExpired e, long atNanos)
    {
        HoldState hold = End(s, e.Hold);
        int old = 0;
        while (old < s.ExpiredHolds.Count
            && (atNanos - s.ExpiredHolds[old].DueAt > Ceilings.LateCaptureNanos || s.ExpiredHolds.Count - old >= Ceilings.ExpiredHolds))
        {
            old++;
        }

        s.ExpiredHolds.RemoveRange(0, old);
        s.ExpiredHolds.Add(new ExpiredHold
        {
            Number = hold.Number,
            DueAt = e.DueAtNanos,
            Quantity = hold.Used ? 0 : hold.Quantity,
            Key = hold.Key,
            Workspace = hold.Workspace,
            Meter = hold.Meter,
        });
    }

    private static Decision? TtlProblem(long nanos) => nanos is < Ceilings.MinHoldNanos or > Ceilings.HoldNanos
        ? Decision.Invalid("ttlNanos", $"It is {nanos}; give {Ceilings.MinHoldNanos} (one second) to {Ceilings.HoldNanos} (30 days).")
        : null;
}
