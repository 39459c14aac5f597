using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// What can be done with the keys of an account, whoever asks. A <c>maker</c> is the account's key that asks: the account itself
/// holds what it makes and changes against what it may do; null is an operator's word.
/// </summary>
/// <param name="grains">The grains.</param>
/// <param name="issuer">Makes keys.</param>
/// <param name="uses">Knows when keys were last used.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class KeyDesk(IGrains grains, KeyIssuer issuer, KeyUseLog uses, TimeProvider time)
{
    private static readonly BodyParser<CreateKey> ParseKey = KeyBody.Create;
    private static readonly BodyParser<UpdateKey> ParseChange = KeyBody.Change;
    private static readonly BodyParser<RotateKey> ParseRotation = KeyBody.Rotation;
    private static readonly BodyParser<(string? RequestId, string? Reason)> ParseReason = AmountBody.Reason;

    /// <summary>Lists the keys, oldest first.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account.</param>
    /// <param name="workspace">The workspace that is reached; null is the whole account.</param>
    public async Task<Results<Answer<KeysResponse>, Problem>> ListAsync(HttpContext http, string account, string? workspace = null)
    {
        (KeyView[]? keys, Problem? problem) = await this.ReadAsync(account, k => workspace is null || k.Workspace == workspace, http.RequestAborted);
        return keys is null
            ? problem!
            : new Answer<KeysResponse>(new KeysResponse(account, Array.ConvertAll(keys, KeyResponse.From)), ApiJson.Default.KeysResponse).Tagged();
    }

    /// <summary>Shows one key.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account.</param>
    /// <param name="keyId">The key's public id.</param>
    /// <param name="workspace">The workspace that is reached; null is the whole account.</param>
    public async Task<Results<Answer<KeyResponse>, Problem>> GetAsync(HttpContext http, string account, string keyId, string? workspace = null)
    {
        (KeyView[]? keys, Problem? problem) = await this.ReadAsync(
            account, k => k.Key == keyId && (workspace is null || k.Workspace == workspace), http.RequestAborted);
        return keys is null ? problem!
            : keys is [KeyView key] ? new Answer<KeyResponse>(KeyResponse.From(key), ApiJson.Default.KeyResponse).Tagged()
            : Problem.From(new Denied(Outcome.KeyNotFound), time);
    }

    /// <summary>Makes a key.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account.</param>
    /// <param name="maker">The key that asks, or null.</param>
    public async Task<Results<Answer<NewKeyResponse>, Problem>> CreateAsync(HttpContext http, string account, string? maker)
    {
        (CreateKey? body, Problem? problem) = await Body.ReadAsync(http, ParseKey);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        CreateKey command = body! with { RequestId = requestId, Actor = http.Caller().Key.Key, Maker = maker };
        return this.Show(http, account, await issuer.CreateAsync(account, command, http.RequestAborted));
    }

    /// <summary>Changes a key.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account.</param>
    /// <param name="keyId">The key's public id.</param>
    /// <param name="maker">The key that asks, or null.</param>
    public async Task<Results<Answer<ChangedKeyResponse>, Problem>> ChangeAsync(HttpContext http, string account, string keyId, string? maker)
    {
        (UpdateKey? body, Problem? problem) = await Body.ReadAsync(http, ParseChange);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        UpdateKey command = body! with { Key = keyId, RequestId = requestId, Actor = http.Caller().Key.Key, Maker = maker, Keeps = Kept(account) };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted { Event: KeyUpdated updated } accepted
            ? new Answer<ChangedKeyResponse>(ChangedKeyResponse.From(account, accepted, updated), ApiJson.Default.ChangedKeyResponse)
            : Problem.From(reply, time);
    }

    /// <summary>Makes a key that takes another's place.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account.</param>
    /// <param name="keyId">The old key's public id.</param>
    /// <param name="maker">The key that asks, or null.</param>
    public async Task<Results<Answer<NewKeyResponse>, Problem>> RotateAsync(HttpContext http, string account, string keyId, string? maker)
    {
        (RotateKey? body, Problem? problem) = await Body.ReadAsync(http, ParseRotation);
        if (RequestIds.Take(http, problem, body?.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        // Its prefix never changes.
        (KeyView? old, Reply? refusal) = await this.FindAsync(account, keyId, http.RequestAborted);
        if (old is null)
        {
            return Problem.From(refusal!, time);
        }

        RotateKey command = body! with { Key = keyId, RequestId = requestId, Actor = http.Caller().Key.Key, Maker = maker, Keeps = Kept(account) };
        return this.Show(http, account, await issuer.RotateAsync(account, old.Prefix, command, http.RequestAborted));
    }

    /// <summary>Revokes a key.</summary>
    /// <param name="http">The request.</param>
    /// <param name="account">The account.</param>
    /// <param name="keyId">The key's public id.</param>
    /// <param name="maker">The key that asks, or null.</param>
    public async Task<Results<Answer<ChangeResponse>, Problem>> RevokeAsync(HttpContext http, string account, string keyId, string? maker)
    {
        ((string? RequestId, string? Reason) body, Problem? problem) = await Body.ReadAsync(http, ParseReason);
        if (RequestIds.Take(http, problem, body.RequestId, out string? requestId) is { } wrong)
        {
            return wrong;
        }

        RevokeKey command = new(keyId, body.Reason) { RequestId = requestId, Actor = http.Caller().Key.Key, Maker = maker, Keeps = Kept(account) };
        Reply reply = await grains.AskAsync(GrainId.Account(account), command, http.RequestAborted);
        return reply is Accepted accepted
            ? new Answer<ChangeResponse>(
                new ChangeResponse(account, accepted.Seq, new Moment(accepted.AtNanos), accepted.Replayed ? true : null), ApiJson.Default.ChangeResponse)
            : Problem.From(reply, time);
    }

    // Keys as they are shown.
    private async ValueTask<(KeyView[]? Keys, Problem? Problem)> ReadAsync(string account, Predicate<KeyView> which, CancellationToken ct)
    {
        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), ct);
        if (reply is not AccountView view)
        {
            return (null, Problem.From(reply, time));
        }

        (KeyView[]? keys, Denied? refusal) = await uses.CompleteAsync(account, Array.FindAll(view.Keys, which), ct);
        return (keys, refusal is null ? null : Problem.From(refusal, time));
    }

    private async ValueTask<(KeyView? Key, Reply? Refusal)> FindAsync(string account, string keyId, CancellationToken ct)
    {
        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), ct);
        return reply is AccountView view
            ? Array.Find(view.Keys, k => k.Key == keyId) is { } key ? (key, null) : (null, new Denied(Outcome.KeyNotFound))
            : (null, reply);
    }

    // Who takes away the vendor's last key for everything shuts every operator out.
    private static string? Kept(string account) => account == Gate.SystemAccount ? VendorScopes.Any : null;

    private Results<Answer<NewKeyResponse>, Problem> Show(HttpContext http, string account, NewKey made)
    {
        if (made.Created is not { } created)
        {
            return Problem.From(made.Refusal!, time);
        }

        http.Response.Headers.CacheControl = "no-store";
        return new Answer<NewKeyResponse>(
            NewKeyResponse.From(account, made.Accepted!, created, made.Whole), ApiJson.Default.NewKeyResponse, StatusCodes.Status201Created);
    }
}
