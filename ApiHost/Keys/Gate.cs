using Microsoft.Extensions.Primitives;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>Who makes a request.</summary>
/// <param name="Account">The account of the caller's key.</param>
/// <param name="Key">The key, as its account sees it now.</param>
internal sealed record Caller(string Account, KeyView Key)
{
    /// <summary>The one workspace that the key reaches of its account; null is all of it.</summary>
    public string? Workspace => this.Key.Workspace;
}

/// <summary>What a caller must be to use a route.</summary>
internal enum Audience
{
    /// <summary>Any customer, for its own account.</summary>
    Customer,

    /// <summary>The vendor: a key of the account 'system'.</summary>
    Vendor,
}

/// <summary>
/// Admits callers by their key. The proof may come from memory; status and scopes are asked of the key's account every time, so
/// that a revoked key is refused at once (invariant 7).
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="prover">Proves keys.</param>
/// <param name="uses">Is told of keys that are let through.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class Gate(IGrains grains, KeyProver prover, KeyUseLog uses, TimeProvider time)
{
    private readonly KeyChecks checks = new(grains);

    /// <summary>The account whose keys are the vendor's own.</summary>
    public const string SystemAccount = "system";

    private static readonly Func<Reply, bool> AllowsService = static reply => reply is KeyView key && VendorScopes.Allow(key.Scopes, VendorScopes.Service);

    private static readonly GrainId SystemGrain = GrainId.Account(SystemAccount);

    /// <summary>The check of a service's key as a guard, so that one wait serves the check and what it is made for.</summary>
    /// <param name="http">The request.</param>
    /// <returns>The guard and the key's id, or the problem where the key is not proven, or not the vendor's own.</returns>
    public async ValueTask<(Guard? Guard, string? KeyId, Problem? Problem)> GuardServiceAsync(HttpContext http)
    {
        (KnownKey? known, Problem? problem) = await this.IdentifyAsync(http, Audience.Vendor);
        return known is null
            ? (null, null, problem)
            : (new Guard(SystemGrain, new CheckKey(known.KeyId, null) { Address = ClientAddress.Of(http) }, AllowsService), known.KeyId, null);
    }

    /// <summary>Admits the caller, or says why not.</summary>
    /// <param name="http">The request.</param>
    /// <param name="audience">Whom the route is for.</param>
    /// <param name="scope">The scope that it needs; null is none, and of a key of the account 'system' <see cref="VendorScopes.Read"/>.</param>
    public async ValueTask<(Caller? Caller, Problem? Problem)> AdmitAsync(HttpContext http, Audience audience, string? scope)
    {
        (KnownKey? known, Problem? problem) = await this.IdentifyAsync(http, audience);
        if (known is null)
        {
            return (null, problem);
        }

        // A customer's route tells any key of its own account; the vendor's own is looked at with the scope for that, by that way too.
        scope ??= known.Account == SystemAccount ? VendorScopes.Read : null;
        Reply reply = await this.checks.CheckAsync(known, ClientAddress.Of(http));
        if (reply is KeyView view && (scope is null || VendorScopes.Allow(view.Scopes, scope)))
        {
            uses.Mark(known.Account, known.KeyId);
            return (new Caller(known.Account, view), null);
        }

        return reply switch
        {
            KeyView => (null, Problem.ScopeMissing(scope!)),
            { Outcome: Outcome.KeyNotFound or Outcome.AccountNotFound } => (null, BadKey()),
            _ => (null, Problem.From(reply, time)),
        };
    }

    // Whose key it is, by its proof alone.
    private async ValueTask<(KnownKey? Known, Problem? Problem)> IdentifyAsync(HttpContext http, Audience audience)
    {
        string? presented = Presented(http.Request.Headers);
        if (presented is null)
        {
            return (null, Problem.Of(ProblemKind.KeyMissing, "Send a key as 'Authorization: Bearer …' or 'X-API-Key: …'."));
        }

        Proof proof = await prover.ProveAsync(presented, http.RequestAborted);
        if (proof.Key is not { } known)
        {
            return (null, proof.Failure is { } failure ? Problem.From(failure, time) : BadKey());
        }

        return audience == Audience.Vendor && known.Account != SystemAccount
            ? (null, Problem.Forbidden("This route takes keys of the account 'system' only; a customer's key was sent."))
            : (known, null);
    }

    private static Problem BadKey() => Problem.Of(ProblemKind.KeyInvalid, "The key is not one of this host's: check that it was copied whole.");

    /// <summary>The key that a request presents, or null.</summary>
    /// <param name="headers">The request's headers.</param>
    public static string? Presented(IHeaderDictionary headers)
    {
        const string scheme = "Bearer ";
        StringValues authorization = headers.Authorization;
        if (authorization.Count == 1 && authorization[0] is { } value && value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            return value[scheme.Length..].Trim();
        }

        StringValues key = headers["X-API-Key"];
        return key.Count == 1 ? key[0] : null;
    }
}

/// <summary>
/// Keeps a group of routes for one audience; what it admits is the request's <see cref="Caller"/>. Each route says which scope it needs
/// (<see cref="NeededScope"/>). One of the vendor's that does not is for keys that may do everything.
/// </summary>
/// <param name="gate">Admits callers.</param>
/// <param name="audience">Whom the routes are for.</param>
internal sealed class GateFilter(Gate gate, Audience audience) : IEndpointFilter
{
    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        string? scope = http.GetEndpoint()?.Metadata.GetMetadata<NeededScope>()?.Scope ?? (audience == Audience.Vendor ? VendorScopes.Any : null);
        (Caller? caller, Problem? problem) = await gate.AdmitAsync(http, audience, scope);
        if (caller is null)
        {
            return problem;
        }

        http.Features.Set(caller);
        http.Response.Headers[RateHeaders.Account] = caller.Account;
        return await next(context);
    }
}
