using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansBilling.ApiHost.Tests.OpenApi;

/// <summary>A request made wrong on purpose.</summary>
/// <param name="What">What was done to it.</param>
/// <param name="Body">Its body as text, which need not be JSON any more; null for none.</param>
internal sealed record Mutation(string What, string? Body)
{
    /// <summary>What follows the address.</summary>
    public string Query { get; init; } = "";

    /// <summary>The part of the address that is replaced, as the document has it.</summary>
    public string? PathPart { get; init; }

    /// <summary>What stands there instead.</summary>
    public string? PathValue { get; init; }

    /// <summary>The content type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>An id in the header Idempotency-Key.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whether no host may accept it.</summary>
    public bool IsWrong { get; init; } = true;

    /// <summary>What the refusal must name: a member, a parameter or a header; null for none.</summary>
    public string? Field { get; init; }
}

/// <summary>Makes requests wrong, from the examples and schemas of the document, by a seed.</summary>
/// <param name="seed">Gives the same requests again.</param>
internal sealed class Mutator(int seed)
{
    private const string Surrogate = "\"\\ud800x\"";
    private const string Nul = "\"a\\u0000b\"";

    private static readonly string[] Moneylike = ["\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "0.0123456789", "\"0.0000000001\"", "1e3", "\"1e3\"", "1e400", "99999999999999999999999999", "\"\"", "\" 1\"", "\"0x10\"", "\"1,5\""];
    private static readonly string[] ContentTypes = ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16"];
    private static readonly string[] RequestIds = ["~system", new string('x', 129), "", "a\tb"];

    private readonly Random random = new(seed);

    /// <summary>Makes a request to a route with a body wrong.</summary>
    /// <param name="operation">The route, as the document has it.</param>
    public Mutation OfBody(JsonNode operation)
    {
        JsonNode media = operation["requestBody"]!["content"]!["application/json"]!;
        JsonObject schema = media["schema"]!.AsObject();
        Dictionary<string, string> members = media["example"]!.AsObject().ToDictionary(m => m.Key, m => m.Value!.ToJsonString(), StringComparer.Ordinal);
        JsonObject properties = schema["properties"]!.AsObject();
        string name = properties.ElementAt(this.random.Next(properties.Count)).Key;
        string whole = Join(members);
        switch (this.random.Next(12))
        {
            case 0:
                return new Mutation("an unknown member", Join(members, ("zz-unknown", "1"))) { Field = "zz-unknown" };
            case 1 when members.ContainsKey(name):
                return new Mutation($"{name} twice", Join(members, (name, members[name]))) { Field = name };
            case 2 when schema["required"]?.AsArray() is { Count: > 0 } required:
                string missing = required[this.random.Next(required.Count)]!.GetValue<string>();
                bool isNull = this.random.Next(2) == 0;
                return new Mutation($"{missing} missing", Join(members.Where(m => m.Key != missing).ToDictionary(StringComparer.Ordinal), isNull ? (missing, "null") : null)) { Field = missing };
            case 3:
                return new Mutation("cut off", whole[..this.random.Next(1, whole.Length)]) { IsWrong = true };
            case 4:
                return new Mutation("more after it", whole + this.Pick("x", "{}", ",", "]", "\0"));
            case 5:
                return new Mutation("another content type", whole) { ContentType = this.Pick(ContentTypes) };
            case 6:
                return new Mutation("not an object", this.Pick("[" + whole + "]", "null", "1", "\"x\"", "[]", "{" + whole + "}", new string('[', 10_000)));
            case 7 when properties.ContainsKey("requestId") && !members.ContainsKey("requestId"):
                return new Mutation("a bad Idempotency-Key", whole) { RequestId = this.Pick(RequestIds), Field = "Idempotency-Key" };
            case 7:
                return new Mutation("larger than a body may be", whole + new string(' ', 70_000));
            case 8:
                return new Mutation("one byte changed", this.Flip(whole)) { IsWrong = false };
            default:
                (string value, string field) = this.Wrong(properties[name]!.AsObject(), name);
                members[name] = value;
                return new Mutation($"{name} = {(value.Length > 80 ? value[..80] + "…" : value)}", Join(members)) { Field = field };
        }
    }

    /// <summary>Makes a part of an address wrong, or returns null.</summary>
    /// <param name="path">The address, as the document has it.</param>
    /// <param name="isRare">Whether there is something else to be made wrong.</param>
    public Mutation? OfPath(string path, bool isRare)
    {
        string[] parts = [.. path.Split('/').Where(p => p.StartsWith('{'))];
        if (parts.Length == 0 || (isRare && this.random.Next(8) > 0))
        {
            return null;
        }

        string part = parts[this.random.Next(parts.Length)];
        // A NUL in an address is refused by the web server itself.
        string value = part is "{charge}" or "{hold}" ? this.Pick("x", "0", "-1", "1.5", "99999999999999999999") : this.Pick("%00", "a%0Ab", new string('x', 300), "%C3%A4%00");
        return new Mutation($"{part} = {value}", null) { PathPart = part, PathValue = value, Field = part == "{kind}" || value.Contains("%00", StringComparison.Ordinal) ? null : part[1..^1] };
    }

    /// <summary>Makes the parameters of a route wrong.</summary>
    /// <param name="parameters">Those after the question mark, as the document has them.</param>
    public Mutation OfQuery(JsonNode[] parameters)
    {
        JsonNode parameter = parameters[this.random.Next(parameters.Length)];
        string name = parameter["name"]!.GetValue<string>();
        JsonNode schema = parameter["schema"]!;
        string value = (schema["type"]!.GetValue<string>(), schema["format"]?.GetValue<string>(), schema["enum"]) switch
        {
            ("integer", _, _) => this.Pick("0", "-1", "x", "1.5", "99999999999999999999", "", "%00", "1e3"),
            (_, "date-time", _) => this.Pick("yesterday", "2030-13-01", "2030-01-31T00:00:00", "", "%00", "99999-01-01", "2030-02-30"),
            (_, _, not null) => this.Pick("nonsense", "", "%00", "%F0%9F%98%80"),
            _ => this.Pick("%00", "", "a%0Ab", new string('x', 300)),
        };
        return this.random.Next(4) switch
        {
            0 => new Mutation("an unknown parameter", null) { Query = "?zz=1", Field = "zz" },
            1 => new Mutation($"{name} twice", null) { Query = $"?{name}=1&{name}=1", Field = name },
            _ => new Mutation($"{name} = {value}", null) { Query = $"?{name}={value}", Field = name },
        };
    }

    // A value that the schema forbids, and what the refusal must name.
    private (string Value, string Field) Wrong(JsonObject schema, string name)
    {
        string[] types = schema["type"] is JsonArray several ? [.. several.Select(t => t!.GetValue<string>())] : [schema["type"]!.GetValue<string>()];
        string deep = new string('[', 50) + new string(']', 50);
        if (types.Contains("object"))
        {
            if (schema["properties"] is JsonObject inner && this.random.Next(3) > 0)
            {
                (string member, JsonNode? of) = inner.ElementAt(this.random.Next(inner.Count));
                (string value, string field) = this.Wrong(of!.AsObject(), member);
                return ($"{{\"{member}\":{value}}}", $"{name}.{field}");
            }

            if (schema["additionalProperties"] is JsonObject each && this.random.Next(3) > 0)
            {
                (string value, _) = this.Wrong(each, "x");
                return ($"{{\"x\":{value}}}", $"{name}.x");
            }

            return (this.Pick("1", "\"x\"", "true", "[]", deep), name);
        }

        if (types.Contains("array"))
        {
            return (this.Pick("1", "\"x\"", "{}", "true", "[1]", "[null]", "[[]]", $"[{Nul}]", $"[{string.Join(",", Enumerable.Repeat("\"x\"", 200))}]", deep), name);
        }

        if (types.Contains("boolean"))
        {
            return (this.Pick("1", "\"true\"", "{}", "[]", deep), name);
        }

        if (types.Contains("number"))
        {
            return schema["minimum"]!.GetValue<decimal>() >= 0 && this.random.Next(3) == 0 ? ("-1", name) : (this.Pick([.. Moneylike, "true", "{}", "[]", deep]), name);
        }

        if (types.Contains("integer"))
        {
            string below = (schema["minimum"]!.GetValue<decimal>() - 1).ToString(CultureInfo.InvariantCulture);
            string above = (schema["maximum"]!.GetValue<decimal>() + 1).ToString(CultureInfo.InvariantCulture);
            return (this.Pick(below, above, "1.5", "1e2", "\"1\"", "true", "{}", "99999999999999999999", "1e400", deep), name);
        }

        return (this.Pick("1", "true", "{}", "[]", "\"\"", Nul, Surrogate, "\"a\\nb\"", deep, schema["format"] is null ? $"\"{new string('x', 60_000)}\"" : "\"soon\""), name);
    }

    private string Flip(string text)
    {
        char[] chars = text.ToCharArray();
        chars[this.random.Next(chars.Length)] = (char)this.random.Next(1, 256);
        return new string(chars);
    }

    private string Pick(params string[] from) => from[this.random.Next(from.Length)];

    private static string Join(Dictionary<string, string> members, (string Name, string Value)? more = null) =>
        "{" + string.Join(",", members.Select(m => $"\"{m.Key}\":{m.Value}").Concat(more is { } m ? [$"\"{m.Name}\":{m.Value}"] : [])) + "}";
}
