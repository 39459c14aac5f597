using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Keys of an account, made and revoked by an operator.</summary>
/// <param name="grains">The grains.</param>
/// <param name="issuer">Makes keys.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class KeyRoutes(IGrains grains, KeyIssuer issuer, TimeProvider time)
{
    private static readonly BodyParser<CreateKey> ParseKey = KeyBody.Create;
    private static readonly BodyParser<(string? RequestId, string? Reason)> ParseReason = AmountBody.Reason;

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/accounts/{account}/keys", this.CreateAsync);
        routes.MapGet("/accounts/{account}/keys", this.ListAsync);
        routes.MapDelete("/accounts/{account}/keys/{keyId}", this.RevokeAsync);
    }

    private async Task<Results<Answer<NewKeyResponse>, Problem>> CreateAsync(HttpContext http, string account)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        (CreateKey? body, Problem? problem) = await Body.ReadAsync(http, ParseKey);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        Caller caller = http.Caller();
        if (account == Gate.SystemAccount && Exceeds(body!, caller.Key) is { } more)
        {
            return more;
        }

        CreateKey command = body! with { RequestId = requestId, Actor = caller.Key.Key };
        NewKey made = await issuer.CreateAsync(account, command, http.RequestAborted);
        if (made.Created is not { } e)
        {
            return Problem.From(made.Refusal!, time);
        }

        NewKeyResponse response = new(
            account, e.Key, made.Whole, e.Name, KeyBody.Name(e.Type), e.Scopes ?? [], Moment.From(e.ExpiresAtNanos), e.Workspace,
            new Moment(made.Accepted!.AtNanos), made.Accepted.Replayed ? true : null);
        http.Response.Headers.CacheControl = "no-store";
        return new Answer<NewKeyResponse>(response, ApiJson.Default.NewKeyResponse, StatusCodes.Status201Created);
    }

    private async Task<Results<Answer<KeysResponse>, Problem>> ListAsync(HttpContext http, string account)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), http.RequestAborted);
        return reply is AccountView view
            ? new Answer<KeysResponse>(new KeysResponse(account, Array.ConvertAll(view.Keys, KeyResponse.From)), ApiJson.Default.KeysResponse)
            : Problem.From(reply, time);
    }

    private async Task<Results<Answer<ChangeResponse>, Problem>> RevokeAsync(HttpContext http, string account, string keyId)
    {
        if (!Bounds.IsAccount(account))
        {
            return Bounds.BadAccount();
        }

        if (!Bounds.IsName(keyId))
        {
            return Problem.Invalid("keyId", "'keyId' must be the public id of a key.");
        }

        ((string? RequestId, string? Reason) body, Problem? problem) = await Body.ReadAsync(http, ParseReason);
        if (RequestIds.Take(http, problem, body.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        RevokeKey command = new(keyId, body.Reason) { RequestId = requestId, Actor = http.Caller().Key.Key };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted accepted
            ? new Answer<ChangeResponse>(
                new ChangeResponse(account, accepted.Seq, new Moment(accepted.AtNanos), accepted.Replayed ? true : null), ApiJson.Default.ChangeResponse)
            : Problem.From(reply, time);
    }

    // A key made with a key never exceeds its maker's scopes or expiry.
    private static Problem? Exceeds(CreateKey wanted, KeyView maker)
    {
        if (!maker.Scopes.Contains(Gate.AnyScope) && wanted.Scopes.Except(maker.Scopes, StringComparer.Ordinal).FirstOrDefault() is { } scope)
        {
            return Problem.Forbidden($"A key cannot give the scope '{scope}' that it does not have itself.");
        }

        return maker.ExpiresAtNanos is { } end && (wanted.ExpiresAtNanos ?? long.MaxValue) > end
            ? Problem.Invalid("expiresAt", $"A key cannot make one that outlives it: at most {new Moment(end)}.")
            : null;
    }
}
