using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansBilling.Bench.Http;

/// <summary>
/// The least that an HTTP answer with JSON in and out can cost here: parses a body of the size of a verify request and writes
/// an answer of the size of its reply. Runs in a process of its own, as the ApiHost does.
/// </summary>
internal static class BareEndpoint
{
    /// <summary>The command line's first word that makes this program the endpoint.</summary>
    public const string Verb = "serve-bare";

    /// <summary>Serves until the process is told to end.</summary>
    /// <param name="url">Where.</param>
    public static async Task ServeAsync(string url)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);

        // As the ApiHost's front end sets them.
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.Protocols = HttpProtocols.Http1AndHttp2);
        });
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BareJsonContext.Default));
        await using WebApplication app = builder.Build();
        app.MapPost("/echo", (BareRequest request) => TypedResults.Ok(
            new BareReply(true, "accepted", "acct_123", request.Key[3..25], 1234, request.Amount, 9.896921m, 9.89692m, 9.89692m, 0.10308m, "2026-01-01T00:00:00.000000Z")));
        await app.RunAsync();
    }
}

/// <summary>As long as a verify request.</summary>
internal sealed record BareRequest(string Key, decimal Amount, string RequestId);

/// <summary>As long as a verify reply.</summary>
internal sealed record BareReply(
    bool Allowed, string Code, string Account, string KeyId, long Charge, decimal Charged, decimal BalanceBefore, decimal Balance, decimal Available, decimal TotalSpent, string At);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BareRequest))]
[JsonSerializable(typeof(BareReply))]
internal sealed partial class BareJsonContext : JsonSerializerContext;
