using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Keys of any account, for operators. Those of the account 'system' are the operators' own: none makes one that may do more than itself.</summary>
/// <param name="desk">Does it.</param>
internal sealed class KeyRoutes(KeyDesk desk)
{
    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/accounts/{account}/keys", this.CreateAsync).Needs(VendorScopes.Keys);
        routes.MapGet("/accounts/{account}/keys", this.ListAsync).Needs(VendorScopes.Read);
        routes.MapGet("/accounts/{account}/keys/{keyId}", this.GetAsync).Needs(VendorScopes.Read);
        routes.MapPatch("/accounts/{account}/keys/{keyId}", this.ChangeAsync).Needs(VendorScopes.Keys);
        routes.MapPost("/accounts/{account}/keys/{keyId}/rotate", this.RotateAsync).Needs(VendorScopes.Keys);
        routes.MapDelete("/accounts/{account}/keys/{keyId}", this.RevokeAsync).Needs(VendorScopes.Keys);
    }

    /// <summary>What is wrong with a key's public id, or null.</summary>
    /// <param name="keyId">From the path.</param>
    public static Problem? Wrong(string keyId) =>
        Bounds.IsName(keyId) ? null : Problem.Invalid("keyId", "'keyId' must be the public id of a key.");

    private async Task<Results<Answer<NewKeyResponse>, Problem>> CreateAsync(HttpContext http, string account) =>
        Bounds.IsAccount(account) ? await desk.CreateAsync(http, account, Maker(http, account)) : Bounds.BadAccount();

    private async Task<Results<Answer<KeysResponse>, Problem>> ListAsync(HttpContext http, string account) =>
        Bounds.IsAccount(account) ? await desk.ListAsync(http, account) : Bounds.BadAccount();

    private async Task<Results<Answer<KeyResponse>, Problem>> GetAsync(HttpContext http, string account, string keyId) =>
        Wrong(account, keyId) is { } wrong ? wrong : await desk.GetAsync(http, account, keyId);

    private async Task<Results<Answer<ChangedKeyResponse>, Problem>> ChangeAsync(HttpContext http, string account, string keyId) =>
        Wrong(account, keyId) is { } wrong ? wrong : await desk.ChangeAsync(http, account, keyId, Maker(http, account));

    private async Task<Results<Answer<NewKeyResponse>, Problem>> RotateAsync(HttpContext http, string account, string keyId) =>
        Wrong(account, keyId) is { } wrong ? wrong : await desk.RotateAsync(http, account, keyId, Maker(http, account));

    private async Task<Results<Answer<ChangeResponse>, Problem>> RevokeAsync(HttpContext http, string account, string keyId) =>
        Wrong(account, keyId) is { } wrong ? wrong : await desk.RevokeAsync(http, account, keyId, Maker(http, account));

    private static string? Maker(HttpContext http, string account) => account == Gate.SystemAccount ? http.Caller().Key.Key : null;

    private static Problem? Wrong(string account, string keyId) => Bounds.IsAccount(account) ? Wrong(keyId) : Bounds.BadAccount();
}
