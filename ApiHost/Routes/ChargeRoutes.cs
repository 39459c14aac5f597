using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Charges by account or key, and their reversals.</summary>
/// <param name="grains">The grains.</param>
/// <param name="prover">Proves the customer's key.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class ChargeRoutes(IGrains grains, KeyProver prover, TimeProvider time)
{
    private static readonly BodyParser<SpendBody> ParseCharge = SpendBody.Charge;
    private static readonly BodyParser<ReverseCharge> ParseReversal = AmountBody.Reversal;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; services only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/charges", this.ChargeAsync);
        routes.MapPost("/charges/{account}/{charge}/reversals", this.ReverseAsync);
    }

    /// <summary>The command of a charge.</summary>
    /// <param name="body">What was sent.</param>
    /// <param name="keyId">The key that spends, or null.</param>
    /// <param name="requestId">The caller's id, checked.</param>
    /// <param name="actor">The key of who asks.</param>
    public static Charge ToCharge(SpendBody body, string? keyId, string? requestId, string actor) => new()
    {
        RequestId = requestId,
        Actor = actor,
        AmountNanos = body.AmountNanos,
        Meter = body.Meter,
        Quantity = body.Quantity,
        Key = keyId,
        Workspace = body.Workspace,
        Usage = body.Usage,
    };

    private async Task<Results<Answer<ChargeResponse>, Problem>> ChargeAsync(HttpContext http, CancellationToken ct)
    {
        (SpendBody? body, Problem? problem) = await Body.ReadAsync(http, ParseCharge);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        (string? account, string? keyId, problem) = await prover.SpenderAsync(body!, time, ct);
        if (problem is not null)
        {
            return problem;
        }

        Reply reply = await grains.AskAsync(GrainId.Account(account!), ToCharge(body!, keyId, requestId, http.Caller().Key.Key), ct);
        return reply is Accepted { Event: Charged charged } accepted
            ? new Answer<ChargeResponse>(ChargeResponse.From(account!, accepted, charged), ApiJson.Default.ChargeResponse)
            : Problem.From(reply, time);
    }

    private async Task<Results<Answer<ReversalResponse>, Problem>> ReverseAsync(HttpContext http, string account, string charge)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        if (!Bounds.TryNumber(charge, out long number))
        {
            return Problem.Invalid("charge", "'charge' must be the number of a charge.");
        }

        (ReverseCharge? body, Problem? problem) = await Body.ReadAsync(http, ParseReversal);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        ReverseCharge command = body! with { Charge = number, RequestId = requestId, Actor = http.Caller().Key.Key };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted { Event: ChargeReversed reversed } accepted
            ? new Answer<ReversalResponse>(ReversalResponse.From(account, accepted, reversed), ApiJson.Default.ReversalResponse)
            : Problem.From(reply, time);
    }
}
