using OrleansBilling.Account;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Json;

/// <summary>What an account uses now: limits and what is spent are the account's own, the rest is sums that may lag.</summary>
internal sealed record UsageResponse(
    string Account, string Currency, string Zone, string Tier, Moment At, Moment? AsOf, CurrentUseResponse Today, CurrentUseResponse Month, LimitResponse[] Limits,
    MeterUseResponse[]? Meters, KeyUseResponse[] Keys);

/// <summary>A day or month that runs.</summary>
/// <param name="From">When it began.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Spent">What the account itself counts, exact at the time of the answer; left out for a workspace without caps.</param>
/// <param name="Sums">The sums, as of <c>asOf</c>; left out where too many rows would have to be added up.</param>
internal sealed record CurrentUseResponse(Moment From, Moment Until, Units? Spent, SumsResponse? Sums)
{
    /// <summary>A period with its sums.</summary>
    /// <param name="period">The period.</param>
    /// <param name="spent">What the account counts, in nanos, or null.</param>
    /// <param name="figures">The sums: one or none; null where there are too many rows.</param>
    public static CurrentUseResponse Of(Window period, long? spent, IReadOnlyList<UsageFigure>? figures) => new(
        new Moment(period.StartNanos), new Moment(period.EndNanos), Units.From(spent), figures is null ? null : SumsResponse.From(figures is [var one] ? one.Figures : new Figures()));
}

/// <summary>What was used, charged, reversed and granted.</summary>
internal sealed record SumsResponse(
    long Requests, CountSum InputTokens, CountSum OutputTokens, CountSum CachedTokens, CountSum ReasoningTokens, UnitsSum Charged, long Reversals, UnitsSum Reversed,
    UnitsSum Granted, UnitsSum Debited, UnitsSum Expired)
{
    /// <summary>Sums as they are stored.</summary>
    /// <param name="f">The sums.</param>
    public static SumsResponse From(Figures f) => new(
        f.Requests, new CountSum(f.InputTokens), new CountSum(f.OutputTokens), new CountSum(f.CachedTokens), new CountSum(f.ReasoningTokens),
        new UnitsSum(f.ChargedNanos), f.Reversals, new UnitsSum(f.ReversedNanos), new UnitsSum(f.GrantedNanos), new UnitsSum(f.DebitedNanos), new UnitsSum(f.ExpiredNanos));
}

/// <summary>What was used of a meter this month.</summary>
internal sealed record MeterUseResponse(string? Meter, bool? Other, CountSum Quantity, long Requests, UnitsSum Charged, UnitsSum Reversed)
{
    /// <summary>A meter's sums.</summary>
    /// <param name="f">The sums.</param>
    public static MeterUseResponse From(UsageFigure f) => new(
        f.Other ? null : f.Value, f.Other ? true : null, new CountSum(f.Quantity), f.Figures.Requests, new UnitsSum(f.Figures.ChargedNanos), new UnitsSum(f.Figures.ReversedNanos));
}

/// <summary>What a key used this month, and where it stands against its limits. One entry without an id is for what the vendor charged without a key.</summary>
internal sealed record KeyUseResponse(string? KeyId, string? Name, bool? Revoked, long? Requests, UnitsSum? Charged, UnitsSum? Reversed, LimitResponse[]? Limits)
{
    /// <summary>A key's sums and limits.</summary>
    /// <param name="key">The key; null for none.</param>
    /// <param name="figures">Its sums; null where there are too many rows.</param>
    public static KeyUseResponse From(KeyView? key, Figures? figures) => new(
        key?.Key, key?.Name, key?.Revoked, figures?.Requests, figures is null ? null : new UnitsSum(figures.ChargedNanos),
        figures is null ? null : new UnitsSum(figures.ReversedNanos), key is null ? null : [.. LimitResponse.From(key.Rates)!, .. LimitResponse.From(key.Limits)!]);
}

/// <summary>One page of an account's use over time, by period and value; periods without any are left out.</summary>
internal sealed record AnalyticsResponse(string Account, string Currency, string Zone, string Interval, string? Group, Moment? AsOf, AnalyticsItemResponse[] Items, string? NextCursor);

/// <summary>What was used in a period, in all or by one key, on one model and so on.</summary>
internal sealed record AnalyticsItemResponse(
    Moment From, Moment Until, string? Meter, string? Endpoint, string? Model, string? KeyId, string? Workspace, bool? Other, long Requests, CountSum Quantity,
    CountSum InputTokens, CountSum OutputTokens, CountSum CachedTokens, CountSum ReasoningTokens, UnitsSum Charged, long Reversals, UnitsSum Reversed,
    UnitsSum? Granted, UnitsSum? Debited, UnitsSum? Expired)
{
    /// <summary>A sum and what it is of.</summary>
    /// <param name="group">What sums are split by.</param>
    /// <param name="periods">Where periods begin, in nanos since the Unix epoch.</param>
    /// <param name="f">The sum.</param>
    public static AnalyticsItemResponse Of(UsageGroup group, IReadOnlyList<long> periods, UsageFigure f)
    {
        string? Value(UsageGroup wanted) => group == wanted && f.Value.Length > 0 ? f.Value : null;
        UnitsSum? Credit(decimal nanos) => group == UsageGroup.None ? new UnitsSum(nanos) : null;
        Figures s = f.Figures;
        return new AnalyticsItemResponse(
            new Moment(periods[f.Period - 1]), new Moment(periods[f.Period]), Value(UsageGroup.Meter), Value(UsageGroup.Endpoint), Value(UsageGroup.Model), Value(UsageGroup.Key),
            Value(UsageGroup.Workspace), f.Other ? true : null, s.Requests, new CountSum(f.Quantity), new CountSum(s.InputTokens), new CountSum(s.OutputTokens),
            new CountSum(s.CachedTokens), new CountSum(s.ReasoningTokens), new UnitsSum(s.ChargedNanos), s.Reversals, new UnitsSum(s.ReversedNanos),
            Credit(s.GrantedNanos), Credit(s.DebitedNanos), Credit(s.ExpiredNanos));
    }
}
