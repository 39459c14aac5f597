using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>What an account had, now, at a moment or after an entry, from the journal.</summary>
/// <param name="grains">The grains.</param>
/// <param name="history">Reads the past.</param>
/// <param name="time">The clock.</param>
internal sealed class BalanceRoutes(IGrains grains, AccountHistory history, TimeProvider time)
{
    /// <summary>Maps a customer's own balance.</summary>
    /// <param name="routes">Where; customers.</param>
    public void MapOwn(IEndpointRouteBuilder routes) =>
        routes.MapGet("/balance", Task<Results<Answer<BalanceResponse>, Problem>> (HttpContext http, CancellationToken ct) =>
            this.BalanceAsync(http, http.Caller().Account, ct));

    /// <summary>Maps any account's balance.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void MapAny(IEndpointRouteBuilder routes) => routes.MapGet("/accounts/{account}/balance", this.BalanceAsync).Needs(VendorScopes.Read);

    private async Task<Results<Answer<BalanceResponse>, Problem>> BalanceAsync(HttpContext http, string account, CancellationToken ct)
    {
        Query query = new(http);
        long? at = query.Moment("at");
        long? entry = query.Number("entry", long.MaxValue);
        if (at is not null && entry is not null)
        {
            query.Fail("entry", "Send either 'at' or 'entry'.");
        }

        if (at > (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick)
        {
            query.Fail("at", "'at' lies in the future; what will have expired by then is not known yet.");
        }

        if ((Bounds.IsAccount(account) ? query.End() : Bounds.BadAccount()) is { } wrong)
        {
            return wrong;
        }

        // Also has what is due written, which then counts.
        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), ct);
        if (reply is not AccountView view)
        {
            return Problem.From(reply, time);
        }

        try
        {
            PastBalance? past = at is { } moment ? await history.ReadBalanceAtAsync(account, moment, ct)
                : await history.ReadBalanceAsync(account, entry ?? view.Seq, ct);
            return past is not null
                ? new Answer<BalanceResponse>(BalanceResponse.From(account, view.Currency, past), ApiJson.Default.BalanceResponse)
                : at is not null
                ? Problem.Of(ProblemKind.NotOpenYet, $"It was opened after '{http.Request.Query["at"]}'.")
                : Problem.Of(ProblemKind.EntryNotFound, $"The account's last entry is {view.Seq}.");
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }
}
