using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBilling.ApiHost.Json;

/// <summary>A sum of money on its way out, which may be more than one account can have: nanos, written as a JSON number of units with at most 9 places.</summary>
/// <param name="Nanos">The sum; whole.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct UnitsSum(decimal Nanos)
{
    // All nine places that there may be, and no more than there are.
    private const string Form = "0.#########";

    /// <inheritdoc/>
    public override string ToString() => (this.Nanos / Money.NanosPerUnit).ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Writes it.</summary>
    internal sealed class Converter : JsonConverter<UnitsSum>
    {
        public override UnitsSum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Sums are never read.");

        public override void Write(Utf8JsonWriter writer, UnitsSum value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToString(), skipInputValidation: true);
    }
}

/// <summary>A sum of tokens or of a meter on its way out: a whole number.</summary>
/// <param name="Value">The sum; whole.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct CountSum(decimal Value)
{
    /// <inheritdoc/>
    public override string ToString() => this.Value.ToString("0", CultureInfo.InvariantCulture);

    /// <summary>Writes it.</summary>
    internal sealed class Converter : JsonConverter<CountSum>
    {
        public override CountSum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Sums are never read.");

        public override void Write(Utf8JsonWriter writer, CountSum value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToString(), skipInputValidation: true);
    }
}
