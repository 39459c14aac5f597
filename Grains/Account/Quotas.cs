using System.Globalization;
using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// Counters of the billing month, by meter. A meter that the tier does not limit is counted too, as long as the account has
/// fewer than <see cref="Ceilings.Meters"/>.
/// </summary>
internal static class Quotas
{
    public static Decision Decide(AccountState s, SetTier c)
    {
        QuotaLimit[]? quotas = c.Quotas ?? c.TierQuotas;
        if ((Problem(c.Tier, quotas) ?? Lifecycle.OptionalReasonProblem(c.Reason)) is { } invalid)
        {
            return invalid;
        }

        if (Lifecycle.NotChangeable(s) is { } denied)
        {
            return denied;
        }

        return quotas!.Length > Ceilings.Meters
            ? Decision.Deny(Outcome.TooMany)
            : Decision.Accept(new TierSet(c.Tier, quotas) { Reason = c.Reason });
    }

    public static Decision Decide(AccountState s, ResetQuota c)
    {
        if (c.Meter is not null && Text.IdProblem(c.Meter) is { } meterProblem)
        {
            return Decision.Invalid("meter", meterProblem);
        }

        if (Lifecycle.ReasonProblem(c.Reason) is { } invalid)
        {
            return invalid;
        }

        if (Lifecycle.NotChangeable(s) is { } denied)
        {
            return denied;
        }

        return c.Meter is not null && Find(s, c.Meter) < 0
            ? Decision.Deny(Outcome.MeterNotFound)
            : Decision.Accept(new QuotaReset(c.Meter, c.Reason));
    }

    /// <summary>What is wrong with a tier, or null.</summary>
    public static Decision? Problem(string tier, QuotaLimit[]? quotas)
    {
        if (Text.NameProblem(tier) is { } tierProblem)
        {
            return Decision.Invalid("tier", tierProblem);
        }

        if (quotas is null)
        {
            return Decision.Invalid("tier", $"'{tier}' is not a tier that the host knows; list its quotas too.");
        }

        HashSet<string> meters = new(StringComparer.Ordinal);
        for (int i = 0; i < quotas.Length; i++)
        {
            string field = string.Create(CultureInfo.InvariantCulture, $"quotas[{i}]");
            if (quotas[i] is null)
            {
                return Decision.Invalid(field, "It is null; give a meter and a limit.");
            }

            if (Text.IdProblem(quotas[i].Meter) is { } meterProblem)
            {
                return Decision.Invalid(field + ".meter", meterProblem);
            }

            if (quotas[i].Max is < 0 or > Money.MaxTotalNanos)
            {
                return Decision.Invalid(field + ".max", $"It is {quotas[i].Max}; a quota is 0 or more, null for unlimited.");
            }

            if (!meters.Add(quotas[i].Meter))
            {
                return Decision.Invalid(field + ".meter", $"The meter '{quotas[i].Meter}' is listed twice; list it once.");
            }
        }

        return null;
    }

    public static int Find(AccountState s, string meter)
    {
        Span<MeterState> meters = s.Meters.AsSpan();
        for (int i = 0; i < meters.Length; i++)
        {
            if (string.Equals(meters[i].Name, meter, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Counts a use.</summary>
    public static void Count(AccountState s, string meter, long quantity, long seq)
    {
        int at = Find(s, meter);
        if (at >= 0)
        {
            s.Meters[at].Used += quantity;
        }
        else if (s.Meters.Count < Ceilings.Meters)
        {
            s.Meters.Add(new MeterState { Name = SharedNames.Of(meter), Max = MeterState.Unlimited, Used = quantity, Since = seq });
        }
    }

    /// <summary>Gives a use back, where it still counts.</summary>
    /// <param name="s">The state.</param>
    /// <param name="meter">The meter.</param>
    /// <param name="quantity">How much.</param>
    /// <param name="countedBy">The number of the row that counted it.</param>
    /// <param name="countedAt">That row's time.</param>
    public static void GiveBack(AccountState s, string meter, long quantity, long countedBy, long countedAt)
    {
        int at = Find(s, meter);
        if (at >= 0 && s.Month.Contains(countedAt) && countedBy >= s.Meters[at].Since)
        {
            s.Meters[at].Used -= quantity;
        }
    }

    public static void Apply(AccountState s, TierSet e, long seq) => SetTier(s, e.Tier, e.Quotas, seq);

    /// <summary>Limits become the tier's; counters stay. Where that makes too many, unlimited counters are dropped, latest first.</summary>
    public static void SetTier(AccountState s, string tier, QuotaLimit[] quotas, long seq)
    {
        s.Tier = SharedNames.Of(tier);
        foreach (ref MeterState meter in s.Meters.AsSpan())
        {
            meter.Max = MeterState.Unlimited;
        }

        int listed = 0;
        foreach (QuotaLimit quota in quotas)
        {
            int at = Find(s, quota.Meter);
            MeterState meter = at >= 0 ? s.Meters[at] : new MeterState { Name = SharedNames.Of(quota.Meter), Since = seq };
            if (at >= 0)
            {
                s.Meters.RemoveAt(at);
            }

            meter.Max = quota.Max ?? MeterState.Unlimited;
            s.Meters.Insert(listed++, meter);
        }

        if (s.Meters.Count > Ceilings.Meters)
        {
            s.Meters.RemoveRange(Ceilings.Meters, s.Meters.Count - Ceilings.Meters);
        }
    }

    public static void Apply(AccountState s, QuotaReset e, long seq)
    {
        foreach (ref MeterState meter in s.Meters.AsSpan())
        {
            if (e.Meter is null || string.Equals(meter.Name, e.Meter, StringComparison.Ordinal))
            {
                meter.Used = 0;
                meter.Since = seq;
            }
        }
    }

    /// <summary>A new month: counters start at zero, and unlimited ones make room for others.</summary>
    public static void EnterMonth(AccountState s)
    {
        for (int i = s.Meters.Count - 1; i >= 0; i--)
        {
            s.Meters[i].Used = 0;
            if (s.Meters[i].Max == MeterState.Unlimited)
            {
                s.Meters.RemoveAt(i);
            }
        }
    }
}
