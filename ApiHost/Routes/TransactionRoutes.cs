using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Accounts' statements, read from the journal: all that was acknowledged before the request is in them.</summary>
/// <param name="transactions">Reads statements.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class TransactionRoutes(TransactionReader transactions, TimeProvider time)
{
    private const int UsualLimit = 50;

    private static readonly string[] Kinds =
        ["charge", "capture", "reversal", "expiry", "topup", "bonus", "refund", "adjustment", "payment_refund", "dispute"];

    /// <summary>Maps a customer's own statement.</summary>
    /// <param name="routes">Where; customers.</param>
    public void MapOwn(IEndpointRouteBuilder routes) =>
        routes.MapGet("/transactions", Task<Results<Answer<TransactionsResponse>, CsvStatement, Problem>> (HttpContext http, CancellationToken ct) =>
            this.ListAsync(http, http.Caller().Account, http.Caller().Workspace, ct));

    /// <summary>Maps any account's statement.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void MapAny(IEndpointRouteBuilder routes) => routes.MapGet(
        "/accounts/{account}/transactions", Task<Results<Answer<TransactionsResponse>, CsvStatement, Problem>> (HttpContext http, string account, CancellationToken ct) =>
            this.ListAsync(http, account, null, ct)).Needs(VendorScopes.Read);

    // Of one workspace, where that is all that is reached.
    private async Task<Results<Answer<TransactionsResponse>, CsvStatement, Problem>> ListAsync(HttpContext http, string account, string? workspace, CancellationToken ct)
    {
        Query query = new(http);
        long cursor = query.Number("cursor", long.MaxValue, long.MaxValue);
        bool csv = query.Word("format", "json", "csv") == "csv";
        int limit = (int)query.Number("limit", csv ? int.MaxValue : TransactionReader.MaxLimit, csv ? int.MaxValue : UsualLimit);
        TransactionFilter filter = new()
        {
            FromNanos = query.Moment("from"),
            UntilNanos = query.Moment("until"),
            Kind = query.Word("kind", Kinds),
            Key = query.Text("keyId", Bounds.Name),
            Workspace = query.Workspace(workspace),
            Meter = query.Text("meter", Bounds.Name),
            Reference = query.Text("reference", Bounds.Reference),
        };
        if ((Bounds.IsAccount(account) ? query.End() : Bounds.BadAccount()) is { } wrong)
        {
            return wrong;
        }

        try
        {
            // The first page before the status, so that a database which cannot be asked is told in time.
            TransactionPage page = await transactions.ReadAsync(account, filter, cursor, Math.Min(limit, TransactionReader.MaxLimit), ct);
            if (page.Entries.Count == 0 && !await transactions.IsOpenAsync(account, ct))
            {
                return Problem.From(new Denied(Outcome.AccountNotFound), time);
            }

            if (csv)
            {
                return new CsvStatement(transactions, account, filter, page, limit);
            }

            string? next = page.Next?.ToString(CultureInfo.InvariantCulture);
            return new Answer<TransactionsResponse>(
                new TransactionsResponse(account, [.. page.Entries.Select(TransactionResponse.From)], next), ApiJson.Default.TransactionsResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }
}
