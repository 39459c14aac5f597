using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Json;

/// <summary>What all accounts but the vendor's own came to. Money of different currencies, and of live and test accounts, is never added up.</summary>
internal sealed record StatisticsResponse(
    Moment? AsOf, Moment From, Moment Until, string Interval, AccountTotalsResponse[] Totals, PeriodTotalsResponse[] Periods, TopAccountResponse[] TopAccounts,
    TopModelResponse[] TopModels, TopEndpointResponse[] TopEndpoints);

/// <summary>The accounts of a currency and mode now, and all they ever did.</summary>
internal sealed record AccountTotalsResponse(
    string Currency, string Mode, long ActiveAccounts, long SuspendedAccounts, long ClosedAccounts, UnitsSum Balances, long Requests, UnitsSum Charged, long Reversals,
    UnitsSum Reversed, UnitsSum Granted, UnitsSum Debited, UnitsSum Expired)
{
    /// <summary>Totals as they are stored.</summary>
    /// <param name="t">The totals.</param>
    public static AccountTotalsResponse From(AccountTotals t) => new(
        t.Currency, t.Mode, t.Active, t.Suspended, t.Closed, new UnitsSum(t.BalanceNanos), t.Figures.Requests, new UnitsSum(t.Figures.ChargedNanos), t.Figures.Reversals,
        new UnitsSum(t.Figures.ReversedNanos), new UnitsSum(t.Figures.GrantedNanos), new UnitsSum(t.Figures.DebitedNanos), new UnitsSum(t.Figures.ExpiredNanos));
}

/// <summary>What the accounts of a currency and mode did in a period.</summary>
internal sealed record PeriodTotalsResponse(
    Moment From, Moment Until, string Currency, string Mode, long OpenedAccounts, long Requests, CountSum InputTokens, CountSum OutputTokens, CountSum CachedTokens,
    CountSum ReasoningTokens, UnitsSum Charged, long Reversals, UnitsSum Reversed, UnitsSum Granted, UnitsSum Debited, UnitsSum Expired)
{
    /// <summary>A period's sums.</summary>
    /// <param name="periods">Where periods begin, in nanos since the Unix epoch.</param>
    /// <param name="t">The sums.</param>
    public static PeriodTotalsResponse Of(IReadOnlyList<long> periods, PeriodTotals t)
    {
        Figures f = t.Figures;
        return new PeriodTotalsResponse(
            new Moment(periods[t.Period - 1]), new Moment(periods[t.Period]), t.Currency, t.Mode, t.Opened, f.Requests, new CountSum(f.InputTokens), new CountSum(f.OutputTokens),
            new CountSum(f.CachedTokens), new CountSum(f.ReasoningTokens), new UnitsSum(f.ChargedNanos), f.Reversals, new UnitsSum(f.ReversedNanos),
            new UnitsSum(f.GrantedNanos), new UnitsSum(f.DebitedNanos), new UnitsSum(f.ExpiredNanos));
    }
}

/// <summary>An account with high charges.</summary>
internal sealed record TopAccountResponse(string Account, string Currency, string Mode, long Requests, UnitsSum Charged);

/// <summary>A model with high charges.</summary>
internal sealed record TopModelResponse(string Model, string Currency, string Mode, long Requests, UnitsSum Charged);

/// <summary>An endpoint with high charges.</summary>
internal sealed record TopEndpointResponse(string Endpoint, string Currency, string Mode, long Requests, UnitsSum Charged);
