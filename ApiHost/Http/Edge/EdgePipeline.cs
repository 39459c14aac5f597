using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.HttpsPolicy;
using Microsoft.Extensions.Options;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Http.Edge;

/// <summary>What every request goes through before its route: where it really came from, whether it may, how long it took.</summary>
internal static class EdgePipeline
{
    private const string Health = "/health";

    private static readonly string[] Headers = ["Authorization", "X-API-Key", "Content-Type", RequestIds.Header, "X-Account-Route", "If-None-Match"];

    private static readonly string[] Shown =
    [
        "Retry-After", "Location", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Used", "X-RateLimit-Remaining", "X-RateLimit-Reset",
        "X-User-Id", "ETag", ResponseTime.Header,
    ];

    /// <summary>Readies what the pipeline needs.</summary>
    /// <param name="services">The host's services.</param>
    public static void Add(IServiceCollection services) => services.AddCors();

    /// <summary>Puts it before the routes.</summary>
    /// <param name="app">The server.</param>
    /// <param name="options">The section Billing:Web.</param>
    /// <param name="prover">Knows good keys.</param>
    /// <param name="time">The clock.</param>
    public static void Use(WebApplication app, WebOptions options, KeyProver prover, TimeProvider time)
    {
        app.Use(ResponseTime.Wrap);
        app.Use(new ErrorGuard(app.Services.GetRequiredService<ILogger<ErrorGuard>>()).Wrap);
        if (options.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders(Forwarded(options));
        }

        if (options.HstsDays > 0)
        {
            HstsOptions hsts = new() { MaxAge = TimeSpan.FromDays(options.HstsDays) };
            hsts.ExcludedHosts.Clear();
            app.UseMiddleware<HstsMiddleware>(Options.Create(hsts));
        }

        if (options.RequireHttps)
        {
            app.Use(RefusePlain);
        }

        if (options.CorsOrigins.Count > 0)
        {
            app.UseCors(policy => policy.WithOrigins([.. options.CorsOrigins]).WithHeaders(Headers).WithMethods("GET", "POST", "PUT", "PATCH", "DELETE").WithExposedHeaders(Shown));
        }

        if (options.UnprovenPerMinute > 0)
        {
            app.Use(new UnprovenGuard(new UnprovenLimit(options.UnprovenPerMinute, time), prover).Wrap);
        }
    }

    /// <summary>Whether it is a load balancer's question, which is answered whatever else is configured.</summary>
    /// <param name="http">The request.</param>
    public static bool IsHealth(HttpContext http) => http.Request.Path.StartsWithSegments(Health, StringComparison.Ordinal);

    private static ForwardedHeadersOptions Forwarded(WebOptions options)
    {
        // As many proxies as are configured may stand in a row.
        ForwardedHeadersOptions forwarded = new() { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (System.Net.IPNetwork network in options.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        return forwarded;
    }

    private static RequestDelegate RefusePlain(RequestDelegate next) => http => http.Request.IsHttps || IsHealth(http)
        ? next(http)
        : Problem.Of(ProblemKind.HttpsRequired, "Send the request to the address that begins with https://, and replace the key that was just sent in the clear.").ExecuteAsync(http);
}
