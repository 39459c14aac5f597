using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>All accounts, by id; what was acknowledged before the request is in it but for what the database still holds back.</summary>
/// <param name="directory">The directory.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class DirectoryRoutes(AccountDirectory directory, TimeProvider time)
{
    private const int UsualLimit = 50;

    /// <summary>Maps the route.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/accounts", this.ListAsync).Needs(VendorScopes.Read);

    private async Task<Results<Answer<AccountsResponse>, Problem>> ListAsync(HttpContext http, CancellationToken ct)
    {
        Query query = new(http);
        AccountQuery wanted = new()
        {
            Prefix = query.Text("prefix", Bounds.Account) ?? "",
            After = query.Text("cursor", Bounds.Account),
            Status = query.Word("status", "active", "suspended", "closed"),
            Tier = query.Text("tier", Bounds.Name),
            Limit = (int)query.Number("limit", AccountDirectory.MaxLimit, UsualLimit),
        };
        if (wanted.Prefix.Length > 0 && !Bounds.IsAccount(wanted.Prefix))
        {
            query.Fail("prefix", "'prefix' must be the start of an account's id: letters, digits and . _ - : @");
        }

        if (wanted.After is { } after && !Bounds.IsAccount(after))
        {
            query.Fail("cursor", "'cursor' must be the 'nextCursor' of the page before.");
        }

        if (query.End() is { } wrong)
        {
            return wrong;
        }

        try
        {
            // What was done a moment ago is to be seen; a long way behind, the host's own loop catches up.
            await directory.ProjectAsync(ct);
            IReadOnlyList<ListedAccount> page = await directory.ListAsync(wanted, ct);
            return new Answer<AccountsResponse>(
                new AccountsResponse([.. page.Select(ListedAccountResponse.From)], page.Count == wanted.Limit ? page[^1].Account : null),
                ApiJson.Default.AccountsResponse);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }
}
