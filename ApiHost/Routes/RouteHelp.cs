using Microsoft.AspNetCore.Http.Features;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>What several routes need.</summary>
internal static class RouteHelp
{
    /// <summary>Who was admitted to this request.</summary>
    /// <param name="http">A request behind a <see cref="GateFilter"/>.</param>
    public static Caller Caller(this HttpContext http) => http.Features.GetRequiredFeature<Caller>();

    /// <summary>Who spends: the account that was named, or the one whose key was sent.</summary>
    /// <param name="prover">Proves the key.</param>
    /// <param name="body">What was sent.</param>
    /// <param name="time">For Retry-After.</param>
    /// <param name="ct">The caller gave up.</param>
    public static async ValueTask<(string? Account, string? KeyId, Problem? Problem)> SpenderAsync(
        this KeyProver prover, SpendBody body, TimeProvider time, CancellationToken ct)
    {
        if (body.Account is { } account)
        {
            return (account, body.KeyId, null);
        }

        Proof proof = await prover.ProveAsync(body.Key, ct);
        return proof.Key is { } key
            ? (key.Account, key.KeyId, null)
            : (null, null, Problem.From(proof.Failure ?? new Denied(Outcome.KeyNotFound, Field: "key", Detail: "The customer's key is not one of this host's."), time));
    }
}
