using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>
/// Writes the API's document, OpenAPI 3.1. Routes read their bodies themselves, so that what they take stands in
/// <see cref="Operations"/>; what they answer is worked out from the types.
/// </summary>
internal sealed class ApiDocument : IOpenApiDocumentTransformer
{
    /// <summary>The document's name within the host.</summary>
    public const string Name = "v1";

    private const string Scheme = "key";
    private const string KeyHeader = "apiKeyHeader";

    private const string Description = """
        Prepaid credit for API vendors: accounts with credit, API keys, and every request verified, limited and charged in one atomic, durable step.

        Amounts are decimal numbers of the account's currency with at most 9 places. Moments are ISO 8601 in UTC. Members that have no value are left out.
        A request with an Idempotency-Key (or 'requestId') may be repeated for ever: the first answer comes again, with 'replayed'.
        Refusals are problem details (RFC 9457) with a stable 'code'; docs/errors.md lists them.
        """;

    /// <inheritdoc/>
    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "OrleansBilling", Version = Name, Description = Description };

        // Wherever the document was fetched from.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Paths = [];
        document.Tags = new HashSet<OpenApiTag>();
        foreach ((string name, string description) in Operations.Tags)
        {
            document.Tags.Add(new OpenApiTag { Name = name, Description = description });
        }

        document.AddComponent(Scheme, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Authorization: Bearer, and the whole key." });
        document.AddComponent(
            KeyHeader, new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key", Description = "The whole key." });
        await ComponentAsync(document, context, typeof(ProblemBody), cancellationToken);
        foreach (Operation operation in Operations.All)
        {
            if (!document.Paths.TryGetValue(operation.Path, out IOpenApiPathItem? path))
            {
                path = new OpenApiPathItem { Operations = [] };
                document.Paths.Add(operation.Path, path);
            }

            path.Operations!.Add(HttpMethod.Parse(operation.Method), await DescribeAsync(document, context, operation, cancellationToken));
        }
    }

    private static async Task<OpenApiOperation> DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, Operation operation, CancellationToken ct)
    {
        OpenApiOperation described = new()
        {
            OperationId = operation.Id,
            Summary = operation.Summary,
            Description = string.Join(
                "\n\n", new[] { operation.Description, operation.Needs is null ? null : $"Takes {operation.Needs}{(operation.Scope is { } scope ? $" with the scope '{scope}'" : "")}." }.Where(static s => s is not null)),
            Tags = new HashSet<OpenApiTagReference> { new(operation.Tag, document) },
            Parameters = [.. Parameters.Of(operation)],
            Responses = [],
            RequestBody = operation.Body is null ? null : Body(operation.Body),
            Security = operation.Needs is null
                ? []
                :
                [
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = Scopes(operation) },
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyHeader, document)] = Scopes(operation) },
                ],
        };

        IOpenApiSchema answer = await ComponentAsync(document, context, operation.Answer, ct);
        OpenApiResponse success = new() { Description = "Done.", Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) };
        success.Content.Add("application/json", new OpenApiMediaType { Schema = answer, Example = AnswerExamples.Find(operation.Id) });
        if (operation.Csv)
        {
            success.Content.Add("text/csv", new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }

        described.Responses.Add(operation.Status.ToString(CultureInfo.InvariantCulture), success);
        if (operation.Tagged)
        {
            success.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
            {
                ["ETag"] = new OpenApiHeader { Description = "Tells this answer from others, for If-None-Match.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
            described.Responses.Add(StatusCodes.Status304NotModified.ToString(CultureInfo.InvariantCulture), new OpenApiResponse { Description = "It is as it was in the answer with this ETag." });
        }

        int[] always = operation.Needs is null ? [] : [401, 403, 503];
        foreach (int status in operation.Refusals.Concat(always).Distinct().Order())
        {
            described.Responses.Add(status.ToString(CultureInfo.InvariantCulture), Refusal(document, status));
        }

        return described;
    }

    private static List<string> Scopes(Operation operation) => operation.Scope is { } scope ? [scope] : [];

    private static OpenApiRequestBody Body(Form form)
    {
        OpenApiSchema schema = new()
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string>(form.Required, StringComparer.Ordinal),
            AdditionalPropertiesAllowed = false,
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
        };
        foreach (string name in form.Members)
        {
            Member member = Array.Find(form.Instead, m => m.Name == name) ?? Members.Of(name);
            schema.Properties.Add(name, member.ToSchema(form.Merge && name != RequestIds.Member));
        }

        return new OpenApiRequestBody
        {
            Required = form.Required.Length > 0,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new OpenApiMediaType { Schema = schema, Example = JsonNode.Parse(form.Example) } },
        };
    }

    private static OpenApiResponseReference Refusal(OpenApiDocument document, int status)
    {
        string name = status.ToString(CultureInfo.InvariantCulture);
        if (document.Components?.Responses?.ContainsKey(name) != true)
        {
            OpenApiMediaType body = new() { Schema = new OpenApiSchemaReference(AnswerSchemas.NameOf(typeof(ProblemBody)), document), Example = Refusals.Example(status) };
            document.AddComponent(
                name, new OpenApiResponse { Description = Refusals.Describe(status), Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = body } });
        }

        return new OpenApiResponseReference(name, document);
    }

    private static async Task<IOpenApiSchema> ComponentAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, Type type, CancellationToken ct)
    {
        string name = AnswerSchemas.NameOf(type);
        if (document.Components?.Schemas?.ContainsKey(name) != true)
        {
            OpenApiSchema schema = await context.GetOrCreateSchemaAsync(type, null, ct);
            AnswerSchemas.Hoist(document, schema);
            document.AddComponent(name, schema);
        }

        return new OpenApiSchemaReference(name, document);
    }
}
