namespace OrleansBilling.ApiHost.Http;

/// <summary>Names of contract properties as callers know them.</summary>
internal static class FieldNames
{
    private const string NanosEnd = "Nanos";
    private const string UsageStart = "usage.";

    /// <summary>The JSON name of a property: <c>amountNanos</c> is <c>amount</c>, <c>usage.model</c> is <c>model</c>.</summary>
    /// <param name="property">The property's name in the contract, or null.</param>
    public static string? ToJson(string? property)
    {
        if (string.IsNullOrEmpty(property))
        {
            return null;
        }

        string name = property.EndsWith(NanosEnd, StringComparison.Ordinal) ? property[..^NanosEnd.Length] : property;
        name = name.StartsWith(UsageStart, StringComparison.Ordinal) ? name[UsageStart.Length..] : name;
        name = char.ToLowerInvariant(name[0]) + name[1..];
        return name is "ttl" or "grace" ? name + "Seconds" : name;
    }
}
