using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>A customer's statement, read from the journal: all that was acknowledged before the request is in it.</summary>
/// <param name="transactions">Reads statements.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class TransactionRoutes(TransactionReader transactions, TimeProvider time)
{
    private const int UsualLimit = 50;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; customers.</param>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/transactions", this.ListAsync);

    private async Task<Results<Answer<TransactionsResponse>, Problem>> ListAsync(HttpContext http, CancellationToken ct)
    {
        if (!TryQuery(http, "cursor", long.MaxValue, long.MaxValue, out long before))
        {
            return Problem.Invalid("cursor", "'cursor' must be the 'nextCursor' of the page before.");
        }

        if (!TryQuery(http, "limit", TransactionReader.MaxLimit, UsualLimit, out long limit))
        {
            return Problem.Invalid("limit", $"'limit' must be a whole number from 1 to {TransactionReader.MaxLimit}.");
        }

        string account = http.Caller().Account;
        try
        {
            IReadOnlyList<AccountTransaction> page = await transactions.ReadAsync(account, before, (int)limit, ct);
            string? next = page.Count == limit ? page[^1].Seq.ToString(CultureInfo.InvariantCulture) : null;
            return new Answer<TransactionsResponse>(
                new TransactionsResponse(account, [.. page.Select(TransactionResponse.From)], next), ApiJson.Default.TransactionsResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    private static bool TryQuery(HttpContext http, string name, long max, long usual, out long value)
    {
        value = usual;
        Microsoft.Extensions.Primitives.StringValues given = http.Request.Query[name];
        return given.Count == 0 || (given.Count == 1 && Bounds.TryNumber(given[0], out value) && value <= max);
    }
}
