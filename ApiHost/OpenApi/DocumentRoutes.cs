using System.Security.Cryptography;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>The API's document, and a page to read and try it.</summary>
internal sealed class DocumentRoutes
{
    /// <summary>Where the document is.</summary>
    public const string DocumentPath = "/openapi.json";

    private const string Page = "docs";

    private readonly Lock gate = new();
    private Task<(byte[] Json, EntityTagHeaderValue Tag)>? made;

    /// <summary>Readies what makes the document.</summary>
    /// <param name="services">The host's services.</param>
    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        });
        services.AddOpenApi(ApiDocument.Name, static options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer<ApiDocument>();
            options.AddSchemaTransformer<AnswerSchemas>();
        });
    }

    /// <summary>Maps the document and the page.</summary>
    /// <param name="app">The server.</param>
    public void Map(WebApplication app)
    {
        app.MapGet(DocumentPath, this.DocumentAsync).ExcludeFromDescription();
        app.UseSwaggerUI(static page =>
        {
            page.RoutePrefix = Page;
            page.DocumentTitle = "OrleansBilling API";
            page.SwaggerEndpoint(DocumentPath, ApiDocument.Name);
        });
    }

    private async Task<IResult> DocumentAsync(IServiceScopeFactory scopes)
    {
        // Made when it is first asked for: most hosts never are.
        Task<(byte[] Json, EntityTagHeaderValue Tag)> making;
        lock (this.gate)
        {
            making = this.made is null or { IsFaulted: true } ? this.made = MakeAsync(scopes) : this.made;
        }

        (byte[] json, EntityTagHeaderValue tag) = await making;
        return Results.Bytes(json, "application/json", entityTag: tag);
    }

    private static async Task<(byte[] Json, EntityTagHeaderValue Tag)> MakeAsync(IServiceScopeFactory scopes)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        IOpenApiDocumentProvider provider = scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiDocument.Name);
        OpenApiDocument document = await provider.GetOpenApiDocumentAsync();
        using MemoryStream json = new();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
        byte[] bytes = json.ToArray();
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\""));
    }
}
