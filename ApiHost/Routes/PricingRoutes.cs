using Microsoft.AspNetCore.Http.HttpResults;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.ApiHost.Routes;

/// <summary>The prices: those that this host is configured with, and every version that a host of this database ever was. To look at only: another version comes by another configuration.</summary>
/// <param name="prices">The prices.</param>
/// <param name="time">For Retry-After.</param>
internal sealed class PricingRoutes(PriceBook prices, TimeProvider time)
{
    /// <summary>Maps the routes.</summary>
    /// <param name="routes">Where; operators only.</param>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/pricing", Task<Results<Answer<PricingResponse>, Problem>> (HttpContext _, CancellationToken ct) => this.ShowAsync(null, ct)).Needs(VendorScopes.Read);
        routes.MapGet("/pricing/{version}", Task<Results<Answer<PricingResponse>, Problem>> (string version, CancellationToken ct) => this.ShowAsync(version, ct)).Needs(VendorScopes.Read);
    }

    private async Task<Results<Answer<PricingResponse>, Problem>> ShowAsync(string? version, CancellationToken ct)
    {
        if (version is not null && !Bounds.IsName(version))
        {
            return Problem.Invalid("version", "'version' must be the number of a version of the prices.");
        }

        try
        {
            // Another host may have been started with other prices since.
            await prices.LearnAsync(ct);
        }
        catch (JournalUnavailableException)
        {
            return Problem.From(new Denied(Outcome.Unavailable), time);
        }

        return prices.Find(version ?? prices.CurrentVersion) is { } found
            ? new Answer<PricingResponse>(PricingResponse.From(found, prices), ApiJson.Default.PricingResponse).Tagged()
            : Problem.Of(ProblemKind.PriceVersionNotFound, $"The versions are {string.Join(", ", prices.Versions.Select(static v => v.Version))}.");
    }
}
