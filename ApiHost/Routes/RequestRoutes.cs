using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.ApiHost.Requests;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Explains past requests: accepted ones from the journal, for ever; refusals of the last hours from this host's memory.</summary>
/// <param name="journal">What was accepted.</param>
/// <param name="prices">The prices, and those of before.</param>
/// <param name="denials">What this host refused.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class RequestRoutes(IJournal journal, PriceBook? prices, RecentDenials denials, TimeProvider time)
{
    /// <summary>Maps a customer's own requests.</summary>
    /// <param name="routes">Where; customers.</param>
    public void MapOwn(IEndpointRouteBuilder routes) =>
        routes.MapGet("/requests/{**requestId}", Task<Results<Answer<RequestResponse>, Problem>> (HttpContext http, string requestId, CancellationToken ct) =>
            this.ExplainAsync(http.Caller().Account, requestId, http.Caller(), ct));

    /// <summary>Maps any account's requests.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void MapAny(IEndpointRouteBuilder routes) => routes.MapGet(
        "/accounts/{account}/requests/{**requestId}", Task<Results<Answer<RequestResponse>, Problem>> (string account, string requestId, CancellationToken ct) =>
            this.ExplainAsync(account, requestId, null, ct)).Needs(VendorScopes.Read);

    private async Task<Results<Answer<RequestResponse>, Problem>> ExplainAsync(string account, string requestId, Caller? caller, CancellationToken ct)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        // An id may hold a slash, which stays escaped in an address.
        requestId = requestId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (!Bounds.IsRequestId(requestId))
        {
            return Problem.Invalid("requestId", $"'requestId' must be a request id: 1 to {Command.MaxRequestIdBytes} printable ASCII characters.");
        }

        try
        {
            IReadOnlyList<JournalRow?> found = await journal.FindRequestsAsync([new RequestKey(GrainId.Account(account), requestId)], ct);
            RequestResponse? answer = found[0] is { } row ? Reaches(caller, row) ? RequestResponse.From(account, row, v => prices?.Find(v)) : null
                : denials.Find(account, requestId) is { } denial && Reaches(caller, denial.Command) ? RequestResponse.From(denial)
                : null;
            return answer is not null
                ? new Answer<RequestResponse>(answer, ApiJson.Default.RequestResponse)
                : Problem.Of(
                    ProblemKind.RequestNotFound,
                    $"No request '{requestId}' was accepted, and this host has refused none in the last {RecentDenials.MaxAge.TotalHours} hours. Refusals are told only by the host that gave them.");
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }
    }

    // A key that always spends in one workspace is told what was done there, and nothing of the account's other business.
    private static bool Reaches(Caller? caller, JournalRow row) => caller?.Workspace is not { } workspace || workspace == EventJson.Read(row.Type, row.Data) switch
    {
        Charged e => e.Workspace,
        HoldPlaced e => e.Workspace,
        HoldCaptured e => e.Workspace,
        ChargeReversed e => e.Workspace,
        _ => null,
    };

    private static bool Reaches(Caller? caller, Command command) =>
        caller?.Workspace is not { } workspace || (command is SpendCommand spend && (spend.Workspace == workspace || spend.Key == caller.Key.Key));
}
