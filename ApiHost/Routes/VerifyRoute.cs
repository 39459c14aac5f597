using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// <c>POST /v1/verify</c>, and many of them in one: proves the customer's key, checks every limit and charges, in one call. 200 with <c>allowed</c> and a
/// <c>code</c> for whatever the key and its account decided; problem details where the request itself is wrong or the host
/// cannot decide.
/// </summary>
/// <param name="desk">Takes the requests.</param>
/// <param name="prover">Proves the customer's key.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class VerifyRoute(ServiceDesk desk, KeyProver prover, TimeProvider time)
{
    private static readonly BodyParser<SpendBody> Parse = SpendBody.Verify;
    private static readonly BodyParser<BatchBody> ParseBatch = BatchBody.Verify;

    private static readonly VerifyResponse NotProven = new() { Allowed = false, Code = OutcomeMap.Answer(Outcome.KeyNotFound).Code };

    /// <summary>Maps the route. It is not bound like the others: this is the one that every request of every customer goes through.</summary>
    /// <param name="routes">Where.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/verify", this.HandleAsync).Needs(VendorScopes.Service);
        routes.MapPost("/v1/verify/batch", this.BatchAsync).Needs(VendorScopes.Service);
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (await this.AnswerAsync(http) is { } problem)
        {
            await problem.ExecuteAsync(http);
        }
    }

    // Answers, or returns the problem.
    private async ValueTask<Problem?> AnswerAsync(HttpContext http)
    {
        (ServiceRequest<SpendBody> request, Problem? problem) = await desk.ReadAsync(http, null, Parse, static b => b.RequestId);
        if (problem is not null)
        {
            return problem;
        }

        Proof proof = await prover.ProveAsync(request.Body.Key, http.RequestAborted);
        if (proof.Key is not { } key)
        {
            return await desk.FindFaultAsync(http, proof.Failure is { } failure ? Problem.From(failure, time) : null)
                ?? await WriteAsync(http, NotProven);
        }

        (Reply? reply, problem) = await desk.AskAsync(http, request.Guard, key.Account, ChargeRoutes.ToCharge(in request, key.KeyId));
        if (reply is null)
        {
            return problem;
        }

        RateHeaders.Write(http, key.Account, reply, time);
        if (OutcomeMap.IsHostFailure(reply.Outcome) || OutcomeMap.IsRequestMistake(reply.Outcome))
        {
            return Problem.From(reply, time);
        }

        return await WriteAsync(http, reply is Accepted { Event: Charged charged } accepted ? Allowed(key, accepted, charged) : Refused(key, reply));
    }

    private async Task<Results<Answer<BatchResponse>, Problem>> BatchAsync(HttpContext http, CancellationToken ct)
    {
        (ServiceRequest<BatchBody> request, Problem? problem) = await desk.ReadAsync(http, null, ParseBatch, static b => b.RequestId, Body.MaxBatchBytes);
        if ((problem ?? await desk.FindFaultAsync(http, request.Body.Wrong(request.RequestId))) is { } wrong)
        {
            return wrong;
        }

        BatchBody body = request.Body;
        Proof[] proofs = await Task.WhenAll(body.Items.Select(item => prover.ProveAsync(item.Key, ct).AsTask()));
        BatchItemResponse[] results = new BatchItemResponse[body.Items.Length];

        // Accounts beside each other; of one account in their order, so that each item finds what those before it did.
        IEnumerable<IGrouping<string, int>> byAccount = Enumerable.Range(0, results.Length).GroupBy(i => proofs[i].Key?.Account ?? "", StringComparer.Ordinal);
        await Task.WhenAll(byAccount.Select(async items =>
        {
            int[] places = [.. items];
            string?[] ids = Array.ConvertAll(places, i => body.ItemId(request.RequestId, i));
            Reply[]? replies = items.Key.Length == 0 ? null : await desk.AskInOrderAsync(
                items.Key, [.. places.Select((i, n) => ChargeRoutes.ToCharge(new ServiceRequest<SpendBody>(request.Guard, request.Actor, body.Items[i], ids[n]), proofs[i].Key!.KeyId))], ct);
            for (int n = 0; n < places.Length; n++)
            {
                (VerifyResponse? answer, Problem? refused) = this.Told(proofs[places[n]], replies?[n]);
                results[places[n]] = new BatchItemResponse(ids[n], refused?.StatusCode ?? StatusCodes.Status200OK, answer, refused?.Body);
            }
        }));
        return new Answer<BatchResponse>(new BatchResponse(results), ApiJson.Default.BatchResponse);
    }

    // What an item is told; its reply is null where nobody was asked, for want of a proven key.
    private (VerifyResponse? Answer, Problem? Problem) Told(Proof proof, Reply? reply) => (proof.Key, reply) switch
    {
        ({ } key, Accepted { Event: Charged charged } accepted) => (Allowed(key, accepted, charged), null),
        ({ } key, { } refused) when !OutcomeMap.IsHostFailure(refused.Outcome) && !OutcomeMap.IsRequestMistake(refused.Outcome) => (Refused(key, refused), null),
        ({ }, { } failed) => (null, Problem.From(failed, time)),
        _ => proof.Failure is { } failure ? (null, Problem.From(failure, time)) : (NotProven, null),
    };

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
