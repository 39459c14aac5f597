using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Whether the process lives, and whether it decides.</summary>
/// <param name="grains">The grains.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class HealthRoutes(IGrains grains, TimeProvider time)
{
    private static readonly Answer<HealthResponse> Live = new(new HealthResponse("live"), ApiJson.Default.HealthResponse);
    private static readonly Answer<HealthResponse> Ready = new(new HealthResponse("ready"), ApiJson.Default.HealthResponse);

    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; open to all.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", static () => Live);
        routes.MapGet("/health/ready", this.ReadyAsync);
    }

    // A confirmed read of a grain that is always there: it takes the journal, its writer session and the clock.
    private async Task<Results<Answer<HealthResponse>, Problem>> ReadyAsync(CancellationToken ct)
    {
        Reply reply = await grains.AskAsync(GrainId.Account(Gate.SystemAccount), new GetAccount(), ct);
        return reply.Outcome == Outcome.Accepted ? Ready : Problem.From(reply, time);
    }
}
