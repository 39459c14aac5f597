using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBilling.ApiHost.Json;

/// <summary>Money on its way out: nanos, written as a JSON number of units with at most 9 places.</summary>
/// <param name="Nanos">The amount.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct Units(long Nanos)
{
    /// <summary>The amount, or null where there is none.</summary>
    /// <param name="nanos">Nanos, or null.</param>
    public static Units? From(long? nanos) => nanos is { } n ? new Units(n) : null;

    /// <summary>Writes the digits as they are.</summary>
    /// <param name="json">Receives the number.</param>
    public void WriteTo(Utf8JsonWriter json)
    {
        Span<char> text = stackalloc char[32];
        json.WriteRawValue(text[..Money.Format(this.Nanos, text)], skipInputValidation: true);
    }

    /// <summary>Writes it.</summary>
    internal sealed class Converter : JsonConverter<Units>
    {
        public override Units Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Amounts are read by BodyReader.");

        public override void Write(Utf8JsonWriter writer, Units value, JsonSerializerOptions options) => value.WriteTo(writer);
    }
}

/// <summary>A moment on its way out: nanos since the Unix epoch, written as ISO 8601 in UTC.</summary>
/// <param name="Nanos">The moment.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct Moment(long Nanos)
{
    /// <summary>The moment, or null where there is none; 0 is none.</summary>
    /// <param name="nanos">Nanos, or null.</param>
    public static Moment? From(long? nanos) => nanos is { } n and not 0 ? new Moment(n) : null;

    /// <summary>The moment with the seven places that this type can hold.</summary>
    public DateTime Utc => DateTime.UnixEpoch.AddTicks(this.Nanos / TimeSpan.NanosecondsPerTick);

    /// <inheritdoc/>
    public override string ToString() => this.Utc.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Writes it.</summary>
    internal sealed class Converter : JsonConverter<Moment>
    {
        public override Moment Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Moments are read by BodyReader.");

        public override void Write(Utf8JsonWriter writer, Moment value, JsonSerializerOptions options) => writer.WriteStringValue(value.Utc);
    }
}
