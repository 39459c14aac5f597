using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>What was done to accounts, by whom and why, from the journal.</summary>
/// <param name="audit">Reads it.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class AuditRoutes(AuditReader audit, TimeProvider time)
{
    private const int UsualLimit = 50;
    private const int MaxCursor = 160;

    /// <summary>Maps the route.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/audit", this.ListAsync).Needs(VendorScopes.Read);

    private async Task<Results<Answer<AuditResponse>, Problem>> ListAsync(HttpContext http, CancellationToken ct)
    {
        Query query = new(http);
        string? cursor = query.Text("cursor", MaxCursor);
        OutboxPosition? before = null;
        if (cursor is not null && !TryCursor(cursor, out before))
        {
            query.Fail("cursor", "'cursor' must be the 'nextCursor' of the page before.");
        }

        AuditQuery wanted = new()
        {
            Before = before,
            Account = query.Text("account", Bounds.Account),
            Actor = query.Text("actor", Bounds.Name),
            Type = query.Text("what", Bounds.Name),
            FromNanos = query.Moment("from"),
            UntilNanos = query.Moment("until"),
            Limit = (int)query.Number("limit", AuditReader.MaxLimit, UsualLimit),
        };
        if (wanted.Account is { } account && !Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        if (query.End() is { } wrong)
        {
            return wrong;
        }

        try
        {
            AuditPage page = await audit.ReadAsync(wanted, ct);
            return new Answer<AuditResponse>(
                new AuditResponse([.. page.Rows.Select(Entry)], page.Next is { } next ? Cursor(next) : null), ApiJson.Default.AuditResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    private static AuditEntryResponse Entry(JournalRow row) =>
        new(row.Grain.Key, row.Seq, new Moment(row.AtNanos), row.Type, row.Actor, row.RequestId, new StoredData(row.Data));

    private static string Cursor(OutboxPosition at) => string.Create(CultureInfo.InvariantCulture, $"{at.Tx}.{at.Seq}.{at.Grain}");

    private static bool TryCursor(string text, out OutboxPosition? before)
    {
        before = null;
        string[] parts = text.Split('.', 3);
        if (parts.Length != 3 || !ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong tx) || !Bounds.TryNumber(parts[1], out long seq))
        {
            return false;
        }

        before = new OutboxPosition(tx, parts[2], seq);
        return true;
    }
}
