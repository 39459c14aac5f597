using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Charges by account or key, and their reversals.</summary>
/// <param name="desk">Takes the requests.</param>
/// <param name="prover">Proves the customer's key.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class ChargeRoutes(ServiceDesk desk, KeyProver prover, TimeProvider time)
{
    private static readonly BodyParser<SpendBody> ParseCharge = SpendBody.Charge;
    private static readonly BodyParser<ReverseCharge> ParseReversal = AmountBody.Reversal;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/charges", this.ChargeAsync).Needs(VendorScopes.Service);
        routes.MapPost("/v1/charges/{account}/{charge}/reversals", this.ReverseAsync).Needs(VendorScopes.Service);
    }

    /// <summary>The command of a charge.</summary>
    /// <param name="request">What was sent, and by whom.</param>
    /// <param name="keyId">The key that spends, or null.</param>
    public static Charge ToCharge(in ServiceRequest<SpendBody> request, string? keyId) => new()
    {
        RequestId = request.RequestId,
        Actor = request.Actor,
        AmountNanos = request.Body.AmountNanos,
        Meter = request.Body.Meter,
        Quantity = request.Body.Quantity,
        Key = keyId,
        Workspace = request.Body.Workspace,
        Usage = request.Body.Usage,
        Address = request.Body.Address,
        Scope = request.Body.Scope,
    };

    /// <summary>What is wrong with a charge's number in a path.</summary>
    public static Problem BadCharge() => Problem.Invalid("charge", "'charge' must be the number of a charge.");

    private async Task<Results<Answer<ChargeResponse>, Problem>> ChargeAsync(HttpContext http, CancellationToken ct)
    {
        (ServiceRequest<SpendBody> request, Problem? problem) = await desk.ReadAsync(http, null, ParseCharge, static b => b.RequestId);
        if (problem is not null)
        {
            return problem;
        }

        (string? account, string? keyId, problem) = await prover.SpenderAsync(request.Body, time, ct);
        if (problem is not null)
        {
            return await desk.RefuseAsync(http, problem);
        }

        (Reply? reply, problem) = await desk.AskAsync(http, request.Guard, account!, ToCharge(in request, keyId));
        RateHeaders.Write(http, account!, reply, time);
        return reply is Accepted { Event: Charged charged } accepted
            ? new Answer<ChargeResponse>(ChargeResponse.From(account!, accepted, charged), ApiJson.Default.ChargeResponse)
            : problem ?? Problem.From(reply!, time);
    }

    private async Task<Results<Answer<ReversalResponse>, Problem>> ReverseAsync(HttpContext http, string account, string charge)
    {
        Problem? wrongPath = Bounds.TryNumber(charge, out long number) ? null : BadCharge();
        (ServiceRequest<ReverseCharge> request, Problem? problem) = await desk.ReadAsync(
            http, Bounds.IsAccount(account) ? wrongPath : Bounds.BadAccount(), ParseReversal, static b => b.RequestId);
        if (problem is not null)
        {
            return problem;
        }

        ReverseCharge command = request.Body with { Charge = number, RequestId = request.RequestId, Actor = request.Actor };
        (Reply? reply, problem) = await desk.AskAsync(http, request.Guard, account, command);
        return reply is Accepted { Event: ChargeReversed reversed } accepted
            ? new Answer<ReversalResponse>(ReversalResponse.From(account, accepted, reversed), ApiJson.Default.ReversalResponse)
            : problem ?? Problem.From(reply!, time);
    }
}
