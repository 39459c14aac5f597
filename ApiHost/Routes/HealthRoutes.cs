using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>Whether the process lives, and whether it decides.</summary>
/// <param name="probe">What keeps this process from doing its part, or null.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class HealthRoutes(Func<CancellationToken, ValueTask<Denied?>> probe, TimeProvider time)
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

    private async Task<Results<Answer<HealthResponse>, Problem>> ReadyAsync(CancellationToken ct) =>
        await probe(ct) is { } denied ? Problem.From(denied, time) : Ready;
}
