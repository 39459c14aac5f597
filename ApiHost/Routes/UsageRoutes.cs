using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// What accounts use, now and over time. What is limited is asked of the account itself, and exact; the rest is projected sums, and the
/// answer says up to when they are complete.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="usage">Reads sums.</param>
/// <param name="projector">Brings them up to date.</param>
/// <param name="time">The clock.</param>
internal sealed class UsageRoutes(IGrains grains, UsageReader usage, UsageProjector projector, TimeProvider time)
{
    /// <summary>How long an answer waits for sums that are being added.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private const int UsualLimit = 50;
    private const int MaxCursor = 320;

    // As the account lists its limits: those of its day and month come first.
    private const int DayLimit = 0;
    private const int MonthLimit = 1;

    private static readonly string[] Groups = ["meter", "endpoint", "model", "key", "workspace"];

    /// <summary>Maps a customer's own use.</summary>
    /// <param name="routes">Where; customers.</param>
    public void MapOwn(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/usage", Task<Results<Answer<UsageResponse>, Problem>> (HttpContext http, CancellationToken ct) =>
            this.CurrentAsync(http.Caller().Account, http.Caller().Workspace, ct));
        routes.MapGet("/usage/analytics", Task<Results<Answer<AnalyticsResponse>, CsvUsage, Problem>> (HttpContext http, CancellationToken ct) =>
            this.AnalyzeAsync(http, http.Caller().Account, http.Caller().Workspace, ct));
    }

    /// <summary>Maps any account's use.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void MapAny(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/accounts/{account}/usage", Task<Results<Answer<UsageResponse>, Problem>> (string account, CancellationToken ct) =>
            this.CurrentAsync(account, null, ct)).Needs(VendorScopes.Read);
        routes.MapGet("/accounts/{account}/usage/analytics", Task<Results<Answer<AnalyticsResponse>, CsvUsage, Problem>> (HttpContext http, string account, CancellationToken ct) =>
            this.AnalyzeAsync(http, account, null, ct)).Needs(VendorScopes.Read);
    }

    // Of one workspace, where that is all that is reached.
    private async Task<Results<Answer<UsageResponse>, Problem>> CurrentAsync(string account, string? workspace, CancellationToken ct)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), ct);
        if (reply is not AccountView view)
        {
            return Problem.From(reply, time);
        }

        try
        {
            long? asOf = await projector.CatchUpAsync(Patience, ct);

            // The account's own windows: after a change of zone they are not what the new zone's calendar says.
            (Window day, Window month) = (view.Day, view.Month);
            UsageQuery all = new(account, [month.StartNanos, month.EndNanos]) { Workspace = workspace };
            IReadOnlyList<UsageFigure>? today = await usage.ReadAsync(all with { BoundariesNanos = [day.StartNanos, day.EndNanos] }, ct);
            IReadOnlyList<UsageFigure>? sum = await usage.ReadAsync(all, ct);
            IReadOnlyList<UsageFigure>? meters = await usage.ReadAsync(all with { Group = UsageGroup.Meter }, ct);
            IReadOnlyList<UsageFigure>? keys = await usage.ReadAsync(all with { Group = UsageGroup.Key }, ct);

            // A workspace's spends are counted where it has caps.
            Limit[] own = workspace is null ? view.Limits : Array.Find(view.Workspaces, w => w.Workspace == workspace)?.Limits ?? [];
            return new Answer<UsageResponse>(
                new UsageResponse(
                    account,
                    view.Currency,
                    view.Zone,
                    view.Tier,
                    new Moment(view.AtNanos),
                    Moment.From(asOf),
                    CurrentUseResponse.Of(day, own.Length > 0 ? own[DayLimit].Used : null, today),
                    CurrentUseResponse.Of(month, own.Length > 0 ? own[MonthLimit].Used : null, sum),
                    workspace is null ? LimitResponse.From(view.Limits)! : [.. LimitResponse.From(view.Limits)!, .. LimitResponse.From(own)!],
                    meters is null ? null : [.. meters.Select(MeterUseResponse.From)],
                    [.. KeysOf(view.Keys.Where(k => workspace is null || k.Workspace == workspace), keys)]),
                ApiJson.Default.UsageResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    private async Task<Results<Answer<AnalyticsResponse>, CsvUsage, Problem>> AnalyzeAsync(HttpContext http, string account, string? workspace, CancellationToken ct)
    {
        Query query = new(http);
        Interval interval = Interval.Read(query, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        string? by = query.Word("group", Groups);
        bool csv = query.Word("format", "json", "csv") == "csv";
        int limit = (int)query.Number("limit", csv ? int.MaxValue : UsageReader.MaxLimit, csv ? int.MaxValue : UsualLimit);
        string? cursor = query.Text("cursor", MaxCursor);
        UsageQuery wanted = new(account, [])
        {
            Group = by switch
            {
                null => UsageGroup.None,
                "meter" => UsageGroup.Meter,
                "endpoint" => UsageGroup.Endpoint,
                "model" => UsageGroup.Model,
                "key" => UsageGroup.Key,
                _ => UsageGroup.Workspace,
            },
            Key = query.Text("keyId", Bounds.Name),
            Workspace = query.Workspace(workspace),
            Meter = query.Text("meter", Bounds.Name),
            Model = query.Text("model", Bounds.Reference),
            Endpoint = query.Text("endpoint", Bounds.Sentence),
            Limit = Math.Min(limit, UsageReader.MaxLimit),
        };
        (long Period, string Value, bool Other) after = (0, "", false);
        if (cursor is not null && !TryCursor(cursor, out after))
        {
            query.Fail("cursor", "'cursor' must be the 'nextCursor' of the page before.");
        }

        if ((Bounds.IsAccount(account) ? query.End() : Bounds.BadAccount()) is { } wrong)
        {
            return wrong;
        }

        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), ct);
        if (reply is not AccountView view)
        {
            return Problem.From(reply, time);
        }

        IReadOnlyList<long> periods = interval.Boundaries(view.Zone, view.AnchorDay);
        wanted = wanted with { BoundariesNanos = periods };
        if (cursor is not null)
        {
            int at = periods.ToList().BinarySearch(after.Period);
            if (at < 0)
            {
                return Problem.Invalid("cursor", "'cursor' belongs to another question; ask with the same 'interval', 'from' and 'until' as for the page before.");
            }

            wanted = wanted with { After = new UsagePlace(at + 1, after.Value, after.Other) };
        }

        try
        {
            long? asOf = await projector.CatchUpAsync(Patience, ct);
            if (await usage.ReadAsync(wanted, ct) is not { } page)
            {
                return Problem.Invalid("from", string.Create(CultureInfo.InvariantCulture, $"More than {UsageReader.MaxRowsSeen} rows would have to be added up; ask for a shorter time or filter."));
            }

            if (csv)
            {
                return new CsvUsage(usage, wanted, page, limit);
            }

            string? next = page.Count == wanted.Limit ? Cursor(periods[page[^1].Period - 1], page[^1]) : null;
            return new Answer<AnalyticsResponse>(
                new AnalyticsResponse(
                    account, view.Currency, view.Zone, interval.Name, by, Moment.From(asOf), [.. page.Select(f => AnalyticsItemResponse.Of(wanted.Group, periods, f))], next),
                ApiJson.Default.AnalyticsResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    private static IEnumerable<KeyUseResponse> KeysOf(IEnumerable<KeyView> keys, IReadOnlyList<UsageFigure>? used)
    {
        Dictionary<string, Figures>? figures = used?.ToDictionary(static k => k.Value, static k => k.Figures, StringComparer.Ordinal);
        foreach (KeyView key in keys)
        {
            yield return KeyUseResponse.From(key, figures is null ? null : figures.GetValueOrDefault(key.Key) ?? new Figures());
        }

        if (figures?.GetValueOrDefault("") is { } keyless)
        {
            yield return KeyUseResponse.From(null, keyless);
        }
    }

    private static string Cursor(long period, UsageFigure last) => string.Create(CultureInfo.InvariantCulture, $"{period}.{(last.Other ? 1 : 0)}.{last.Value}");

    private static bool TryCursor(string text, out (long Period, string Value, bool Other) after)
    {
        after = (0, "", false);
        string[] parts = text.Split('.', 3);
        if (parts.Length != 3 || parts[1] is not ("0" or "1") || !long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long period))
        {
            return false;
        }

        after = (period, parts[2], parts[1] == "1");
        return true;
    }
}
