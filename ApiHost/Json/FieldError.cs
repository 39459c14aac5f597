namespace OrleansBilling.ApiHost.Json;

/// <summary>The first thing that was wrong with a request.</summary>
/// <param name="Code">A stable code.</param>
/// <param name="Field">The field, or null where no one field is to blame.</param>
/// <param name="Detail">What was wrong with the value, and what to send instead.</param>
internal sealed record FieldError(string Code, string? Field, string Detail)
{
    /// <summary>A value out of its range or of another type.</summary>
    public const string Invalid = "invalid";

    /// <summary>Not JSON.</summary>
    public const string Malformed = "malformed_json";

    /// <summary>A member that this route does not have.</summary>
    public const string Unknown = "unknown_field";

    /// <summary>A member given twice.</summary>
    public const string Duplicate = "duplicate_field";

    /// <summary>A member that has to be there.</summary>
    public const string Missing = "missing_field";
}
