using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>A member of a body, or a parameter of an address.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What it is in JSON.</param>
/// <param name="Description">What it says, with units.</param>
internal sealed record Member(string Name, JsonSchemaType Type, string Description)
{
    /// <summary>The most bytes of UTF-8 of a text; 0 where there is no bound.</summary>
    public int MaxLength { get; init; }

    /// <summary>The smallest number.</summary>
    public string? Min { get; init; }

    /// <summary>The largest number.</summary>
    public string? Max { get; init; }

    /// <summary>The words it may be.</summary>
    public string[]? Words { get; init; }

    /// <summary>A format of JSON Schema, such as <c>date-time</c>.</summary>
    public string? Format { get; init; }

    /// <summary>A regular expression of JSON Schema.</summary>
    public string? Pattern { get; init; }

    /// <summary>The members of an object that has fixed ones.</summary>
    public Member[]? Members { get; init; }

    /// <summary>What every member of an object with names of the caller's choice holds.</summary>
    public Member? Each { get; init; }

    /// <summary>The most members of such an object, or items of a list.</summary>
    public int MaxItems { get; init; }

    /// <summary>What it is where it is not sent.</summary>
    public string? Default { get; init; }

    /// <summary>Money in units: a number, or a string that holds one.</summary>
    /// <param name="name">The member.</param>
    /// <param name="description">What it says.</param>
    /// <param name="min">The smallest amount.</param>
    public static Member Money(string name, string description, string min = "0") =>
        new(name, JsonSchemaType.Number | JsonSchemaType.String, description + " A decimal number of units with at most 9 places, or a string holding one.")
        {
            Min = min,
            Max = "1000000000",
        };

    /// <summary>A text.</summary>
    /// <param name="name">The member.</param>
    /// <param name="maxLength">Bytes of UTF-8 that it may have.</param>
    /// <param name="description">What it says.</param>
    public static Member Text(string name, int maxLength, string description) => new(name, JsonSchemaType.String, description) { MaxLength = maxLength };

    /// <summary>A whole number.</summary>
    /// <param name="name">The member.</param>
    /// <param name="min">The smallest.</param>
    /// <param name="max">The largest.</param>
    /// <param name="description">What it says.</param>
    public static Member Integer(string name, long min, long max, string description) => new(name, JsonSchemaType.Integer, description)
    {
        Min = min.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Max = max.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>A moment in UTC.</summary>
    /// <param name="name">The member.</param>
    /// <param name="description">What it says.</param>
    public static Member Moment(string name, string description) => new(name, JsonSchemaType.String, description) { Format = "date-time" };

    /// <summary>One of several words.</summary>
    /// <param name="name">The member.</param>
    /// <param name="description">What it says.</param>
    /// <param name="words">The words.</param>
    public static Member Word(string name, string description, params string[] words) => new(name, JsonSchemaType.String, description) { Words = words };

    /// <summary>True or false.</summary>
    /// <param name="name">The member.</param>
    /// <param name="description">What it says.</param>
    public static Member Flag(string name, string description) => new(name, JsonSchemaType.Boolean, description);

    /// <summary>A list of texts.</summary>
    /// <param name="name">The member.</param>
    /// <param name="maxItems">How many there may be.</param>
    /// <param name="maxLength">Bytes of UTF-8 that each may have.</param>
    /// <param name="description">What it says.</param>
    public static Member Texts(string name, int maxItems, int maxLength, string description) =>
        new(name, JsonSchemaType.Array, description) { MaxItems = maxItems, Each = Text("", maxLength, "") };

    /// <summary>The member as a schema.</summary>
    /// <param name="nullable">Whether null takes its value away.</param>
    public OpenApiSchema ToSchema(bool nullable = false)
    {
        OpenApiSchema schema = new()
        {
            Type = nullable ? this.Type | JsonSchemaType.Null : this.Type,
            Description = this.Description.Length == 0 ? null : this.Description,
            Format = this.Format,
            Pattern = this.Pattern,
            Minimum = this.Min,
            Maximum = this.Max,
            MinLength = this.MaxLength > 0 ? 1 : null,
            MaxLength = this.MaxLength > 0 ? this.MaxLength : null,
            Enum = this.Words is null ? null : [.. this.Words.Select(static w => (JsonNode)JsonValue.Create(w)!)],
            Default = this.Default is null ? null : JsonNode.Parse(this.Default),
        };
        if (this.Members is not null)
        {
            schema.Properties = this.Members.ToDictionary(static m => m.Name, m => (IOpenApiSchema)m.ToSchema(nullable), StringComparer.Ordinal);
            schema.AdditionalPropertiesAllowed = false;
        }
        else if (this.Type == JsonSchemaType.Array)
        {
            schema.Items = this.Each!.ToSchema();
            schema.MaxItems = this.MaxItems;
        }
        else if (this.Each is not null)
        {
            schema.AdditionalProperties = this.Each.ToSchema(nullable);
            schema.MaxProperties = this.MaxItems;
        }

        return schema;
    }
}
