using System.Globalization;
using System.Text.Json;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>Units and nanos by the framework's decimals: on purpose not the product's own conversion.</summary>
public static class Money
{
    private const decimal NanosPerUnit = 1_000_000_000m;

    /// <summary>A JSON number of units in nanos.</summary>
    public static long FromUnits(JsonElement units) => FromUnits(decimal.Parse(units.GetRawText(), NumberStyles.Number, CultureInfo.InvariantCulture));

    /// <summary>Units in nanos; throws where that is not a whole number.</summary>
    public static long FromUnits(decimal units)
    {
        decimal nanos = units * NanosPerUnit;
        return nanos == decimal.Truncate(nanos) ? (long)nanos : throw new FormatException($"{units} units are not a whole number of nanos.");
    }

    /// <summary>Nanos as units, for a request's body.</summary>
    public static string Units(long nanos) => (nanos / NanosPerUnit).ToString("0.#########", CultureInfo.InvariantCulture);
}
