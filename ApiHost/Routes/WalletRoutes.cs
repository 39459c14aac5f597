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
        string account = http.Caller().Account;
        Reply reply = await grains.AskAsync(GrainId.Account(account), new GetAccount(), ct);
        return reply is AccountView view
            ? new Answer<WalletResponse>(WalletResponse.From(account, view), ApiJson.Default.WalletResponse)
            : Problem.From(reply, time);
    }
}
