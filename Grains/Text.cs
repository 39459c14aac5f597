using System.Globalization;
using System.Text;

namespace OrleansBilling.Grains;

/// <summary>What a text must be so that any row holding it can be stored, read aloud in a log and printed on a statement.</summary>
internal static class Text
{
    /// <summary>The longest id, in bytes of UTF-8.</summary>
    public const int MaxIdBytes = 128;

    /// <summary>The longest name, in UTF-16 characters.</summary>
    public const int MaxNameChars = 128;

    /// <summary>The longest reason or reference, in UTF-16 characters.</summary>
    public const int MaxReasonChars = 256;

    /// <summary>What is wrong with an id, or null.</summary>
    public static string? IdProblem(string? value)
    {
        if (IsPlain(value, MaxIdBytes))
        {
            return null;
        }

        return Problem(value, MaxIdBytes)
            ?? (Encoding.UTF8.GetByteCount(value!) > MaxIdBytes ? $"It is longer than {MaxIdBytes} bytes of UTF-8; shorten it." : null);
    }

    /// <summary>What is wrong with an id that may be left out, or null.</summary>
    public static string? OptionalIdProblem(string? value) => value is null ? null : IdProblem(value);

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? NameProblem(string? value) => IsPlain(value, MaxNameChars) ? null : Problem(value, MaxNameChars);

    /// <summary>What is wrong with a text that may be left out, or null.</summary>
    public static string? OptionalProblem(string? value, int maxChars) =>
        string.IsNullOrEmpty(value) || IsPlain(value, maxChars) ? null : Problem(value, maxChars);

    // Nearly all that comes is this, and it is checked with vector instructions.
    private static bool IsPlain(string? value, int max) =>
        value is { Length: > 0 } && value.Length <= max && !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static string? Problem(string? value, int maxChars)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "It is missing or empty; give it a value.";
        }

        if (value.Length > maxChars)
        {
            return string.Create(CultureInfo.InvariantCulture, $"It has {value.Length} characters, at most {maxChars} are allowed; shorten it.");
        }

        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (char.IsControl(c))
            {
                return string.Create(CultureInfo.InvariantCulture, $"It has a control character (U+{(int)c:X4}) at position {i}; remove it.");
            }

            if (char.IsSurrogate(c))
            {
                if (!char.IsHighSurrogate(c) || i + 1 == value.Length || !char.IsLowSurrogate(value[i + 1]))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"It has half of a surrogate pair (U+{(int)c:X4}) at position {i}; send valid Unicode.");
                }

                i++;
            }
        }

        return null;
    }
}
