using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansBilling.ApiHost.Tests.OpenApi;

/// <summary>Holds JSON against a schema of the API's document, as strictly as answers are written: no member that is not told of.</summary>
internal static class SchemaCheck
{
    /// <summary>What does not fit.</summary>
    /// <param name="document">The document, for references.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="value">What was answered.</param>
    /// <param name="at">Where it stands.</param>
    public static IEnumerable<string> Mistakes(JsonNode document, JsonNode schema, JsonNode? value, string at)
    {
        if (schema["$ref"] is { } reference)
        {
            JsonNode target = reference.GetValue<string>().Split('/').Skip(1).Aggregate(document, (node, part) => node[part]!);
            return Mistakes(document, target, value, at);
        }

        string[] types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(t => t!.GetValue<string>())],
            JsonNode one => [one.GetValue<string>()],
            null => [],
        };
        if (!types.Any(t => Fits(t, value)))
        {
            return [$"{at}: {value?.ToJsonString() ?? "null"} is not {string.Join(" or ", types)}"];
        }

        return value switch
        {
            JsonObject o => OfObject(document, schema, o, at),
            JsonArray a => a.SelectMany((item, i) => Mistakes(document, schema["items"]!, item, $"{at}[{i}]")),
            _ => [],
        };
    }

    private static IEnumerable<string> OfObject(JsonNode document, JsonNode schema, JsonObject value, string at)
    {
        foreach (JsonNode? required in schema["required"]?.AsArray() ?? [])
        {
            if (!value.ContainsKey(required!.GetValue<string>()))
            {
                yield return $"{at}: {required} is missing";
            }
        }

        // What the journal has is told as it stands there.
        if (schema["properties"] is null && schema["additionalProperties"] is null)
        {
            yield break;
        }

        foreach ((string name, JsonNode? member) in value)
        {
            JsonNode? told = schema["properties"]?[name] ?? (schema["additionalProperties"] as JsonObject);
            foreach (string mistake in told is null ? [$"{at}: nothing is said of {name}"] : Mistakes(document, told, member, $"{at}.{name}"))
            {
                yield return mistake;
            }
        }
    }

    private static bool Fits(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => !value!.ToJsonString().Contains('.', StringComparison.Ordinal),
        _ => false,
    };
}
