using System.Globalization;
using CsvHelper;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Http;

/// <summary>An account's use over time as CSV, page by page.</summary>
/// <param name="usage">Reads sums.</param>
/// <param name="query">What was asked for, without a place to go on.</param>
/// <param name="first">The first page.</param>
/// <param name="limit">How many rows at most.</param>
internal sealed class CsvUsage(UsageReader usage, UsageQuery query, IReadOnlyList<UsageFigure> first, int limit) : CsvDownload("usage", query.Account, Columns)
{
    private static readonly string[] Columns =
    [
        "from", "until", "value", "other", "requests", "quantity", "inputTokens", "outputTokens", "cachedTokens", "reasoningTokens", "charged", "reversals", "reversed",
        "granted", "debited", "expired",
    ];

    /// <inheritdoc/>
    protected override async Task WriteRowsAsync(CsvWriter csv, HttpContext http)
    {
        int left = limit;
        int asked = query.Limit;
        for (IReadOnlyList<UsageFigure>? page = first; page is not null;)
        {
            foreach (UsageFigure figure in page)
            {
                this.WriteFigure(csv, figure);
                await csv.EndRecordAsync(http.RequestAborted);
            }

            await csv.FlushAsync(http.RequestAborted);
            left -= page.Count;
            if (page.Count < asked || left == 0)
            {
                return;
            }

            asked = Math.Min(left, UsageReader.MaxLimit);
            page = await usage.ReadAsync(query with { After = page[^1].Place, Limit = asked }, http.RequestAborted);
        }

        // It was few enough rows for the first page, and has become more: the rest is not written, and no whole file pretended.
        http.Abort();
    }

    private void WriteFigure(CsvWriter csv, UsageFigure f)
    {
        csv.WriteField(new Moment(query.BoundariesNanos[f.Period - 1]).ToString());
        csv.WriteField(new Moment(query.BoundariesNanos[f.Period]).ToString());
        csv.WriteField(f.Value.Length == 0 ? null : f.Value);
        csv.WriteField(f.Other ? "true" : null);
        csv.WriteField(f.Figures.Requests, default, CultureInfo.InvariantCulture);
        foreach (decimal count in new[] { f.Quantity, f.Figures.InputTokens, f.Figures.OutputTokens, f.Figures.CachedTokens, f.Figures.ReasoningTokens })
        {
            csv.WriteField(new CountSum(count).ToString());
        }

        csv.WriteField(new UnitsSum(f.Figures.ChargedNanos).ToString());
        csv.WriteField(f.Figures.Reversals, default, CultureInfo.InvariantCulture);
        foreach (decimal nanos in new[] { f.Figures.ReversedNanos, f.Figures.GrantedNanos, f.Figures.DebitedNanos, f.Figures.ExpiredNanos })
        {
            csv.WriteField(new UnitsSum(nanos).ToString());
        }
    }
}
