using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>What a customer sees of its own account; which one is said by the key alone.</summary>
/// <param name="grains">The grains.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class WalletRoutes(IGrains grains, TimeProvider time)
{
    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; customers.</param>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/wallet", this.WalletAsync);

    private async Task<Results<Answer<WalletResponse>, Problem>> WalletAsync(HttpContext http, CancellationToken ct)
    {
        (string account, string? workspace) = (http.Caller().Account, http.Caller().Workspace);
        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), ct);
        if (reply is not AccountView view)
        {
            return Problem.From(reply, time);
        }

        // The money is the account's; what it is set aside for is told of the caller's workspace alone.
        WalletResponse wallet = WalletResponse.From(
            account, workspace is null ? view : view with { Holds = Array.FindAll(view.Holds, h => h.Workspace == workspace) });
        return new Answer<WalletResponse>(wallet, ApiJson.Default.WalletResponse).Tagged(wallet with { At = default });
    }
}
