using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBilling.ApiHost.Json;

/// <summary>A limit's number on its way out: money for caps and credit, a plain count for quotas and rates.</summary>
/// <param name="Value">Nanos, or a count.</param>
/// <param name="IsMoney">Which of them.</param>
[JsonConverter(typeof(Converter))]
internal readonly record struct Count(long Value, bool IsMoney)
{
    /// <summary>Writes it.</summary>
    internal sealed class Converter : JsonConverter<Count>
    {
        public override Count Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Limits are never read.");

        public override void Write(Utf8JsonWriter writer, Count value, JsonSerializerOptions options)
        {
            if (value.IsMoney)
            {
                new Units(value.Value).WriteTo(writer);
            }
            else
            {
                writer.WriteNumberValue(value.Value);
            }
        }
    }
}

/// <summary>One limit, and where the account, key or workspace stands against it.</summary>
/// <param name="Name">For example <c>daily_cap</c>, <c>quota:api_request</c>, <c>available_credit</c>.</param>
/// <param name="Max">The limit; null where there is none.</param>
/// <param name="Used">What is used of it.</param>
/// <param name="Requested">What the request wanted; null where nothing was asked for.</param>
/// <param name="ResetsAt">When the window ends; null where it never does.</param>
internal sealed record LimitResponse(string Name, Count? Max, Count Used, Count? Requested, Moment? ResetsAt)
{
    private const string QuotaStart = "quota:";
    private const string RateStart = "key_rate_";

    /// <summary>A limit as the grain gave it.</summary>
    /// <param name="limit">The limit, or null.</param>
    public static LimitResponse? From(Limit? limit)
    {
        if (limit is null)
        {
            return null;
        }

        bool money = IsMoney(limit);
        return new LimitResponse(
            limit.Name,
            limit.Max < 0 && limit.Requested == 0 ? null : new Count(limit.Max, money),
            new Count(limit.Used, money),
            limit.Requested == 0 ? null : new Count(limit.Requested, money),
            Moment.From(limit.ResetsAtNanos));
    }

    /// <summary>Limits as the grain gave them.</summary>
    /// <param name="limits">The limits, or null.</param>
    public static LimitResponse[]? From(Limit[]? limits) => limits is null ? null : Array.ConvertAll(limits, l => From(l)!);

    /// <summary>Whether the limit's numbers are nanos.</summary>
    /// <param name="limit">The limit.</param>
    public static bool IsMoney(Limit limit) =>
        !limit.Name.StartsWith(QuotaStart, StringComparison.Ordinal) && !limit.Name.StartsWith(RateStart, StringComparison.Ordinal);
}
