using CsvHelper;

namespace OrleansBilling.ApiHost.Http;

/// <summary>A table as CSV (RFC 4180), written page by page; one that cannot be finished is cut off, never ended as if it were whole.</summary>
/// <param name="table">What it is, for its file's name.</param>
/// <param name="account">Whose it is.</param>
/// <param name="columns">The names in its first line.</param>
internal abstract class CsvDownload(string table, string account, string[] columns) : IResult
{
    // Spreadsheets run what begins like a formula, whoever wrote it: texts are escaped, numbers are not.
    private static readonly CsvWriterOptions Options = new() { Injection = CsvInjection.Escape };

    /// <summary>Whose it is.</summary>
    protected string Account => account;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "text/csv; charset=utf-8; header=present";
        httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"{table}-{Uri.EscapeDataString(this.Account)}.csv\"";
        try
        {
            await using CsvWriter csv = CsvWriter.Create(httpContext.Response.Body, Options, leaveOpen: true);
            csv.WriteHeader(columns);
            await this.WriteRowsAsync(csv, httpContext);
        }
        catch (Exception e) when (httpContext.Response.HasStarted && e is not OperationCanceledException)
        {
            // The status has gone out: a connection that breaks is the only way left to say that this is not all.
            httpContext.Abort();
        }
    }

    /// <summary>Writes all rows; whoever reads has each page as soon as it is flushed.</summary>
    protected abstract Task WriteRowsAsync(CsvWriter csv, HttpContext http);
}
