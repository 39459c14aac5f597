using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>What all accounts come to, from projected sums; the answer says up to when they are complete.</summary>
/// <param name="statistics">Reads them.</param>
/// <param name="projector">Brings them up to date.</param>
/// <param name="time">The clock.</param>
internal sealed class StatisticsRoutes(StatisticsReader statistics, UsageProjector projector, TimeProvider time)
{
    private const int UsualTop = 10;

    /// <summary>Maps the route.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/statistics", this.ShowAsync).Needs(VendorScopes.Read);

    private async Task<Results<Answer<StatisticsResponse>, Problem>> ShowAsync(HttpContext http, CancellationToken ct)
    {
        Query query = new(http);
        Interval interval = Interval.Read(query, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        int top = (int)query.Number("top", StatisticsReader.MaxTop, UsualTop);
        if (query.End() is { } wrong)
        {
            return wrong;
        }

        try
        {
            long? asOf = await projector.CatchUpAsync(UsageRoutes.Patience, ct);
            IReadOnlyList<long> periods = interval.Boundaries("UTC", anchorDay: 1);
            IReadOnlyList<AccountTotals> totals = await statistics.ReadTotalsAsync(ct);
            IReadOnlyList<PeriodTotals> figures = await statistics.ReadPeriodsAsync(periods, ct);
            ILookup<TopKind, TopFigure> tops = (await statistics.ReadTopAsync(DayOf(periods[0]), DayOf(periods[^1] - 1), top, ct)).ToLookup(static t => t.Kind);
            return new Answer<StatisticsResponse>(
                new StatisticsResponse(
                    Moment.From(asOf),
                    new Moment(periods[0]),
                    new Moment(periods[^1]),
                    interval.Name,
                    [.. totals.Select(AccountTotalsResponse.From)],
                    [.. figures.Select(f => PeriodTotalsResponse.Of(periods, f))],
                    [.. tops[TopKind.Account].Select(static t => new TopAccountResponse(t.Value, t.Currency, t.Mode, t.Requests, new UnitsSum(t.ChargedNanos)))],
                    [.. tops[TopKind.Model].Select(static t => new TopModelResponse(t.Value, t.Currency, t.Mode, t.Requests, new UnitsSum(t.ChargedNanos)))],
                    [.. tops[TopKind.Endpoint].Select(static t => new TopEndpointResponse(t.Value, t.Currency, t.Mode, t.Requests, new UnitsSum(t.ChargedNanos)))]),
                ApiJson.Default.StatisticsResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    private static DateOnly DayOf(long nanos) => DateOnly.FromDateTime(new Moment(nanos).Utc);
}
