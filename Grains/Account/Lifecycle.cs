using OrleansBilling.Account;
using OrleansBilling.Grains.Time;

namespace OrleansBilling.Grains.Account;

/// <summary>Opening, suspending, resuming and closing an account.</summary>
internal static class Lifecycle
{
    public static Decision Decide(AccountState s, OpenAccount c)
    {
        if (c.Currency is not { Length: 3 } || c.Currency.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            return Decision.Invalid("currency", "It is not an ISO 4217 code; give three capital letters, for example USD.");
        }

        if (ZoneProblem(c.Zone) is { } zoneProblem)
        {
            return zoneProblem;
        }

        if (c.AnchorDay is < 1 or > 31)
        {
            return Decision.Invalid("anchorDay", $"It is {c.AnchorDay}; give a day of the month from 1 to 31.");
        }

        if (!Enum.IsDefined(c.Mode))
        {
            return Decision.Invalid("mode", $"{(int)c.Mode} is not a mode of accounts.");
        }

        if (Limits.CreditLimitProblem(c.CreditLimitNanos) is { } limitProblem)
        {
            return limitProblem;
        }

        QuotaLimit[]? quotas = c.Quotas ?? c.TierQuotas;
        if (Quotas.Problem(c.Tier, quotas) is { } tierProblem)
        {
            return tierProblem;
        }

        if (quotas!.Length > Ceilings.Meters)
        {
            return Decision.Invalid("quotas", $"It lists {quotas.Length} meters, at most {Ceilings.Meters} are allowed.");
        }

        if (OptionalReasonProblem(c.Reason) is { } reasonProblem)
        {
            return reasonProblem;
        }

        return s.Status != AccountStatus.None
            ? Decision.Deny(Outcome.AccountExists)
            : Decision.Accept(new AccountOpened(c.Currency, c.Zone, c.AnchorDay, c.CreditLimitNanos, c.Tier, quotas) { Mode = c.Mode, Reason = c.Reason });
    }

    public static Decision Decide(AccountState s, SetZone c, long now)
    {
        if ((ZoneProblem(c.Zone) ?? OptionalReasonProblem(c.Reason) ?? NotChangeable(s)) is { } denied)
        {
            return denied;
        }

        // Nothing may have counted yet in what runs; whoever has asked was told when it ends all the same.
        Windows windows = Windows.At(s, now);
        return Decision.Accept(new ZoneSet(c.Zone, c.Reason) { Day = windows.DayToRecord, Month = windows.MonthToRecord });
    }

    public static Decision Decide(AccountState s, SuspendAccount c) => ReasonProblem(c.Reason) ?? s.Status switch
    {
        AccountStatus.None => Decision.Deny(Outcome.AccountNotFound),
        AccountStatus.Suspended => Decision.Deny(Outcome.AccountSuspended),
        AccountStatus.Closed => Decision.Deny(Outcome.AccountClosed),
        AccountStatus.Active => Decision.Accept(new AccountSuspended(c.Reason)),
    };

    public static Decision Decide(AccountState s, ResumeAccount c) => ReasonProblem(c.Reason) ?? s.Status switch
    {
        AccountStatus.None => Decision.Deny(Outcome.AccountNotFound),
        AccountStatus.Active => Decision.Deny(Outcome.AccountNotSuspended),
        AccountStatus.Closed => Decision.Deny(Outcome.AccountClosed),
        AccountStatus.Suspended => Decision.Accept(new AccountResumed(c.Reason)),
    };

    public static Decision Decide(AccountState s, CloseAccount c)
    {
        if ((ReasonProblem(c.Reason) ?? NotChangeable(s)) is { } denied)
        {
            return denied;
        }

        return s.Balance != 0 || s.Debt != 0 || s.Holds.Count != 0
            ? Decision.Deny(Outcome.AccountNotEmpty)
            : Decision.Accept(new AccountClosed(c.Reason));
    }

    public static Decision Decide(AccountState s, SetProfile c) =>
        Text.NameProblem(c.Digest) is { } problem
            ? Decision.Invalid("digest", problem)
            : OptionalReasonProblem(c.Reason) ?? NotChangeable(s) ?? Decision.Accept(new ProfileSet(c.Reason));

    // Who has left has a right to be forgotten: an account that is closed keeps nothing of it.
    public static Decision Decide(AccountState s, EraseProfile c) =>
        OptionalReasonProblem(c.Reason)
        ?? (s.Status == AccountStatus.None ? Decision.Deny(Outcome.AccountNotFound) : Decision.Accept(new ProfileErased(c.Reason)));

    /// <summary>Why the account takes no changes at all, or null.</summary>
    public static Decision? NotChangeable(AccountState s) => s.Status switch
    {
        AccountStatus.None => Decision.Deny(Outcome.AccountNotFound),
        AccountStatus.Closed => Decision.Deny(Outcome.AccountClosed),
        AccountStatus.Active or AccountStatus.Suspended => null,
    };

    /// <summary>Why the account takes no new charges and holds, or null.</summary>
    public static Decision? NotSpendable(AccountState s) =>
        s.Status == AccountStatus.Suspended ? Decision.Deny(Outcome.AccountSuspended) : NotChangeable(s);

    /// <summary>What is wrong with a reason that must be given, or null.</summary>
    public static Decision? ReasonProblem(string? reason) =>
        string.IsNullOrEmpty(reason)
            ? Decision.Invalid("reason", "It is missing or empty; say why, for the record.")
            : OptionalReasonProblem(reason);

    /// <summary>What is wrong with a reason that may be left out, or null.</summary>
    public static Decision? OptionalReasonProblem(string? reason) =>
        Text.OptionalProblem(reason, Text.MaxReasonChars) is { } problem ? Decision.Invalid("reason", problem) : null;

    // The windows that run keep their ends: a charge is never counted twice, and no window is shorter or longer than it was said to be.
    public static void Apply(AccountState s, ZoneSet e)
    {
        Windows.Enter(s, e.Day, e.Month);
        s.Zone = SharedNames.Of(e.Zone);
    }

    public static void Apply(AccountState s, AccountOpened e, long seq)
    {
        s.Status = AccountStatus.Active;
        s.Currency = SharedNames.Of(e.Currency);
        s.Zone = SharedNames.Of(e.Zone);
        s.Mode = e.Mode;
        s.AnchorDay = (byte)e.AnchorDay;
        s.CreditLimit = e.CreditLimitNanos;
        Quotas.SetTier(s, e.Tier, e.Quotas, seq);
    }

    private static Decision? ZoneProblem(string zone) =>
        Text.NameProblem(zone) is { } problem ? Decision.Invalid("zone", problem)
        : !Calendar.Knows(zone) ? Decision.Invalid("zone", $"'{zone}' is not a known IANA time zone; give one such as Europe/Berlin or UTC.")
        : null;
}
