using System.Globalization;
using CsvHelper;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Http;

/// <summary>An account's use over time as CSV (RFC 4180), written page by page; one that cannot be finished is cut off, never ended as if it were whole.</summary>
/// <param name="usage">Reads sums.</param>
/// <param name="query">What was asked for, without a place to go on.</param>
/// <param name="first">The first page.</param>
/// <param name="limit">How many rows at most.</param>
internal sealed class CsvUsage(UsageReader usage, UsageQuery query, IReadOnlyList<UsageFigure> first, int limit) : IResult
{
    private static readonly string[] Columns =
    [
        "from", "until", "value", "other", "requests", "quantity", "inputTokens", "outputTokens", "cachedTokens", "reasoningTokens", "charged", "reversals", "reversed",
        "granted", "debited", "expired",
    ];

    // Spreadsheets run what begins like a formula, whoever wrote it.
    private static readonly CsvWriterOptions Options = new() { Injection = CsvInjection.Escape };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "text/csv; charset=utf-8; header=present";
        httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"usage-{Uri.EscapeDataString(query.Account)}.csv\"";
        try
        {
            await this.WriteAsync(httpContext);
        }
        catch (Exception e) when (httpContext.Response.HasStarted && e is not OperationCanceledException)
        {
            // The status has gone out: a connection that breaks is the only way left to say that this is not all.
            httpContext.Abort();
        }
    }

    private async Task WriteAsync(HttpContext http)
    {
        await using CsvWriter csv = CsvWriter.Create(http.Response.Body, Options, leaveOpen: true);
        csv.WriteHeader(Columns);
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
