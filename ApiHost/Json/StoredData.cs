using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBilling.ApiHost.Json;

/// <summary>
/// A row's data on its way out: as stored, but money in units, moments as ISO 8601, and without what proves a key. A stored name
/// ends in <c>AtNanos</c> for a moment and in <c>Nanos</c> for money; here it stands without the unit.
/// </summary>
/// <param name="Json">The row's data.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct StoredData(ReadOnlyMemory<byte> Json)
{
    private const string MomentEnd = "AtNanos";
    private const string NanosEnd = "Nanos";

    private static void Write(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    WriteMember(json, member);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (JsonElement element in value.EnumerateArray())
                {
                    Write(json, element);
                }

                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static void WriteMember(Utf8JsonWriter json, JsonProperty member)
    {
        string name = member.Name;
        if (name is "tag" or "pepper" or "hash")
        {
            return;
        }

        if (!name.EndsWith(NanosEnd, StringComparison.Ordinal) || member.Value.ValueKind != JsonValueKind.Number)
        {
            json.WritePropertyName(name);
            Write(json, member.Value);
            return;
        }

        json.WritePropertyName(name[..^NanosEnd.Length]);
        long nanos = member.Value.GetInt64();
        if (name.EndsWith(MomentEnd, StringComparison.Ordinal))
        {
            json.WriteStringValue(new Moment(nanos).Utc);
        }
        else
        {
            new Units(nanos).WriteTo(json);
        }
    }

    /// <summary>Writes it.</summary>
    internal sealed class Converter : JsonConverter<StoredData>
    {
        public override StoredData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Rows are never read from a request.");

        public override void Write(Utf8JsonWriter writer, StoredData value, JsonSerializerOptions options)
        {
            using JsonDocument document = JsonDocument.Parse(value.Json);
            StoredData.Write(writer, document.RootElement);
        }
    }
}
