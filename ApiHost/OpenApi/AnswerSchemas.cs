using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Json;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>
/// What answers are in JSON: what writes itself, what may be left out, what members say where their types do not. Types that
/// several answers share become components.
/// </summary>
internal sealed class AnswerSchemas : IOpenApiSchemaTransformer
{
    private const string ComponentKey = "component";

    /// <inheritdoc/>
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        Type type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        JsonSchemaType? known = type == typeof(Units) || type == typeof(UnitsSum) || type == typeof(Count) ? JsonSchemaType.Number
            : type == typeof(CountSum) ? JsonSchemaType.Integer
            : type == typeof(Moment) ? JsonSchemaType.String
            : type == typeof(StoredData) ? JsonSchemaType.Object
            : null;
        if (known is { } json)
        {
            schema.Type = json;
            schema.Format = type == typeof(Moment) ? "date-time" : null;
            schema.Properties = null;
            schema.Required = null;
            schema.Description = context.JsonPropertyInfo is { } property ? AnswerMembers.Describe(property.Name) : null;
        }
        else if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            Describe(schema, context.JsonTypeInfo);
            schema.Metadata ??= new Dictionary<string, object>(StringComparer.Ordinal);
            schema.Metadata[ComponentKey] = NameOf(type);
        }

        return Task.CompletedTask;
    }

    /// <summary>What a type is called in the document.</summary>
    /// <param name="type">The type.</param>
    public static string NameOf(Type type) => type == typeof(ProblemBody) ? "Problem" : type.Name.Replace("Response", "", StringComparison.Ordinal);

    /// <summary>Makes components of what stands inside a schema.</summary>
    /// <param name="document">Gets the components.</param>
    /// <param name="schema">The schema.</param>
    public static void Hoist(OpenApiDocument document, OpenApiSchema schema)
    {
        foreach ((string name, IOpenApiSchema member) in schema.Properties?.ToArray() ?? [])
        {
            schema.Properties![name] = Component(document, member);
        }

        if (schema.Items is { } items)
        {
            schema.Items = Component(document, items);
        }

        if (schema.AdditionalProperties is { } each)
        {
            schema.AdditionalProperties = Component(document, each);
        }
    }

    private static IOpenApiSchema Component(OpenApiDocument document, IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema inner)
        {
            return schema;
        }

        Hoist(document, inner);
        if (inner.Metadata?.TryGetValue(ComponentKey, out object? value) != true || value is not string name)
        {
            return schema;
        }

        if (document.Components?.Schemas?.ContainsKey(name) != true)
        {
            inner.Type &= ~JsonSchemaType.Null;
            document.AddComponent(name, inner);
        }

        return new OpenApiSchemaReference(name, document) { Description = inner.Description };
    }

    // Members without a value are left out: they are not required, and never null.
    private static void Describe(OpenApiSchema schema, JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (schema.Properties?.TryGetValue(property.Name, out IOpenApiSchema? found) != true || found is not OpenApiSchema member)
            {
                continue;
            }

            if (property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null)
            {
                schema.Required?.Remove(property.Name);
                member.Type &= ~JsonSchemaType.Null;
            }

            member.Description ??= AnswerMembers.Describe(property.Name);
        }
    }
}
