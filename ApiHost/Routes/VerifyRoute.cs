using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// <c>POST /v1/verify</c>: proves the customer's key, checks every limit and charges, in one call. 200 with <c>allowed</c> and a
/// <c>code</c> for whatever the key and its account decided; problem details where the request itself is wrong or the host
/// cannot decide.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="gate">Admits services.</param>
/// <param name="prover">Proves the customer's key.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class VerifyRoute(IGrains grains, Gate gate, KeyProver prover, TimeProvider time)
{
    private static readonly BodyParser<SpendBody> Parse = SpendBody.Verify;

    private static readonly VerifyResponse NotProven = new() { Allowed = false, Code = OutcomeMap.Answer(Outcome.KeyNotFound).Code };

    /// <summary>Maps the route. It is not bound like the others: this is the one that every request of every customer goes through.</summary>
    /// <param name="routes">Where.</param>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/verify", this.HandleAsync);

    private async Task HandleAsync(HttpContext http)
    {
        if (await this.AnswerAsync(http) is { } problem)
        {
            await problem.ExecuteAsync(http);
        }
    }

    // Answers, or returns the problem. Who may not ask is told that, before anything about what was asked.
    private async ValueTask<Problem?> AnswerAsync(HttpContext http)
    {
        (Guard? guard, string? service) = await gate.GuardServiceAsync(http);
        if (guard is null)
        {
            return await this.RefuseAsync(http, null) ?? this.Undecided();
        }

        (SpendBody? body, Problem? problem) = await Body.ReadAsync(http, Parse);
        problem = RequestIds.Take(http, problem, body?.RequestId, out string? requestId);
        if (problem is not null)
        {
            return await this.RefuseAsync(http, problem);
        }

        Proof proof = await prover.ProveAsync(body!.Key, http.RequestAborted);
        if (proof.Key is not { } key)
        {
            return await this.RefuseAsync(http, proof.Failure is { } failure ? Problem.From(failure, time) : null)
                ?? await WriteAsync(http, NotProven);
        }

        GuardedReply guarded = await grains.AskAsync(
            guard, GrainId.Account(key.Account), ChargeRoutes.ToCharge(body, key.KeyId, requestId, service!), http.RequestAborted);
        if (guarded.Reply is not { } reply)
        {
            return await this.RefuseAsync(http, null) ?? this.Undecided();
        }

        if (OutcomeMap.IsHostFailure(reply.Outcome) || OutcomeMap.IsRequestMistake(reply.Outcome))
        {
            return Problem.From(reply, time);
        }

        return await WriteAsync(http, reply is Accepted { Event: Charged charged } accepted ? Allowed(key, accepted, charged) : Refused(key, reply));
    }

    // What is wrong with the caller comes before what is wrong with the request.
    private async ValueTask<Problem?> RefuseAsync(HttpContext http, Problem? problem) => (await gate.AdmitAsync(http, Audience.Service)).Problem ?? problem;

    // The service's key became good between two looks: asking again will do.
    private Problem Undecided() => Problem.From(new Denied(Outcome.Unavailable), time);

    private static async ValueTask<Problem?> WriteAsync(HttpContext http, VerifyResponse response)
    {
        await JsonOut.WriteAsync(http, StatusCodes.Status200OK, "application/json", response, ApiJson.Default.VerifyResponse);
        return null;
    }

    private static VerifyResponse Allowed(KnownKey key, Accepted accepted, Charged e) => new()
    {
        Allowed = true,
        Code = "accepted",
        Account = key.Account,
        KeyId = key.KeyId,
        Charge = accepted.Seq,
        Charged = new Units(e.AmountNanos),
        BalanceBefore = new Units(e.BalanceNanos + e.AmountNanos),
        Balance = new Units(e.BalanceNanos),
        Available = new Units(e.BalanceNanos - e.HeldNanos),
        TotalSpent = new Units(e.TotalSpentNanos),
        Checks = LimitResponse.From(e.Checks),
        PriceVersion = e.PriceVersion,
        Internal = e.Internal ? true : null,
        At = new Moment(accepted.AtNanos),
        Replayed = accepted.Replayed ? true : null,
    };

    private static VerifyResponse Refused(KnownKey key, Reply reply)
    {
        Denied? denied = reply as Denied;
        return new VerifyResponse
        {
            Allowed = false,
            Code = OutcomeMap.Answer(reply.Outcome).Code,
            Account = key.Account,
            KeyId = key.KeyId,
            Detail = denied?.Detail,
            Limit = LimitResponse.From(denied?.Limit),
        };
    }
}
