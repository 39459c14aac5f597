using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>
/// A customer's own keys; the account is said by the key that is sent. Any key may look, one that always spends in one
/// workspace at the keys of that one. To make, change, rotate or revoke one, a key needs the scope 'keys', and never goes beyond what it
/// may do itself.
/// </summary>
/// <param name="desk">Does it.</param>
internal sealed class OwnKeyRoutes(KeyDesk desk)
{
    /// <summary>The scope of keys that manage keys.</summary>
    public const string Scope = "keys";

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; customers.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        // With the request alone they would be taken for plain request delegates, and their results for nothing.
        routes.MapGet("/keys", (HttpContext http, CancellationToken _) => desk.ListAsync(http, http.Caller().Account, http.Caller().Workspace));
        routes.MapPost("/keys", (HttpContext http, CancellationToken _) => desk.CreateAsync(http, http.Caller().Account, http.Caller().Key.Key)).Needs(Scope);
        routes.MapGet("/keys/{keyId}", this.GetAsync);
        routes.MapPatch("/keys/{keyId}", this.ChangeAsync).Needs(Scope);
        routes.MapPost("/keys/{keyId}/rotate", this.RotateAsync).Needs(Scope);
        routes.MapDelete("/keys/{keyId}", this.RevokeAsync).Needs(Scope);
    }

    private async Task<Results<Answer<KeyResponse>, Problem>> GetAsync(HttpContext http, string keyId) =>
        KeyRoutes.Wrong(keyId) is { } wrong ? wrong : await desk.GetAsync(http, http.Caller().Account, keyId, http.Caller().Workspace);

    private async Task<Results<Answer<ChangedKeyResponse>, Problem>> ChangeAsync(HttpContext http, string keyId) =>
        KeyRoutes.Wrong(keyId) is { } wrong ? wrong : await desk.ChangeAsync(http, http.Caller().Account, keyId, http.Caller().Key.Key);

    private async Task<Results<Answer<NewKeyResponse>, Problem>> RotateAsync(HttpContext http, string keyId) =>
        KeyRoutes.Wrong(keyId) is { } wrong ? wrong : await desk.RotateAsync(http, http.Caller().Account, keyId, http.Caller().Key.Key);

    private async Task<Results<Answer<ChangeResponse>, Problem>> RevokeAsync(HttpContext http, string keyId) =>
        KeyRoutes.Wrong(keyId) is { } wrong ? wrong : await desk.RevokeAsync(http, http.Caller().Account, keyId, http.Caller().Key.Key);
}
