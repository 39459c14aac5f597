using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
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
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BareJsonContext.Default));
        await using WebApplication app = builder.Build();
        app.MapPost("/echo", (BareRequest request) => TypedResults.Ok(
            new BareReply(true, "accepted", request.RequestId, request.Amount, 9.89692m, 9.896919m, 0.10308m, 1, request.Key[..16])));
        await app.RunAsync();
    }
}

/// <summary>As long as a verify request.</summary>
internal sealed record BareRequest(string Key, decimal Amount, string RequestId);

/// <summary>As long as a verify reply.</summary>
internal sealed record BareReply(
    bool Allowed, string Code, string RequestId, decimal Amount, decimal BalanceBefore, decimal BalanceAfter, decimal TotalSpent, long Charge, string Key);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BareRequest))]
[JsonSerializable(typeof(BareReply))]
internal sealed partial class BareJsonContext : JsonSerializerContext;
