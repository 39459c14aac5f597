using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansBilling.ApiHost.Json;

/// <content>The values that members may have.</content>
internal ref partial struct BodyReader
{
    /// <summary>Text without control characters, or null.</summary>
    /// <param name="maxBytes">Bytes of UTF-8 it may have; at least one.</param>
    public string? Text(int maxBytes)
    {
        if (this.IsNull())
        {
            return null;
        }

        if (this.json.TokenType != JsonTokenType.String)
        {
            this.Fail("must be a string");
            return null;
        }

        return this.CheckedText(maxBytes);
    }

    /// <summary>A list of texts, or null.</summary>
    /// <param name="maxCount">How many there may be.</param>
    /// <param name="maxBytes">Bytes of UTF-8 that each may have.</param>
    public string[]? Texts(int maxCount, int maxBytes)
    {
        if (this.IsNull())
        {
            return null;
        }

        if (this.json.TokenType != JsonTokenType.StartArray)
        {
            this.Fail("must be an array of strings");
            return null;
        }

        List<string> texts = [];
        while (this.Advance() && this.json.TokenType != JsonTokenType.EndArray)
        {
            if (this.json.TokenType != JsonTokenType.String || texts.Count == maxCount)
            {
                this.Fail($"must be an array of at most {maxCount} strings");
                return null;
            }

            string? text = this.CheckedText(maxBytes);
            if (text is null)
            {
                return null;
            }

            texts.Add(text);
        }

        return [.. texts];
    }

    /// <summary>
    /// Money in units as nanos, or null: a JSON number or a string holding one. Read from the digits themselves, never through
    /// a floating-point or decimal number.
    /// </summary>
    public long? Nanos()
    {
        if (this.IsNull())
        {
            return null;
        }

        if (this.json.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
        {
            this.Fail("must be a decimal number");
            return null;
        }

        ReadOnlySpan<byte> raw = this.json.ValueSpan;
        Span<char> text = stackalloc char[24];
        if (raw.Length is 0 or > 24 || this.json.ValueIsEscaped || Ascii.ToUtf16(raw, text, out int length) != OperationStatus.Done
            || !Money.TryParse(text[..length], out long nanos))
        {
            this.Fail("must be a plain decimal number of units with at most 9 places and no exponent, within ±8,000,000,000");
            return null;
        }

        return nanos;
    }

    /// <summary>A whole number, or null.</summary>
    /// <param name="min">The smallest.</param>
    /// <param name="max">The largest.</param>
    public long? Integer(long min, long max)
    {
        if (this.IsNull())
        {
            return null;
        }

        if (this.json.TokenType != JsonTokenType.Number || !this.json.TryGetInt64(out long value) || value < min || value > max)
        {
            this.Fail(string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"));
            return null;
        }

        return value;
    }

    /// <summary>True or false, or null.</summary>
    public bool? Flag()
    {
        switch (this.json.TokenType)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.Null:
                return null;
            default:
                this.Fail("must be true or false");
                return null;
        }
    }

    /// <summary>A moment in nanos since the Unix epoch, or null: ISO 8601 in UTC, ending in Z.</summary>
    public long? Moment()
    {
        if (this.IsNull())
        {
            return null;
        }

        if (this.json.TokenType != JsonTokenType.String || this.json.ValueIsEscaped || !this.json.ValueSpan.EndsWith("Z"u8)
            || !this.json.TryGetDateTime(out DateTime moment) || moment.Year is < 1970 or > 2200)
        {
            this.Fail("must be a moment in UTC such as 2030-01-31T00:00:00Z");
            return null;
        }

        return (moment - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <summary>One of the given words, as its place among them, or null.</summary>
    /// <param name="words">The words.</param>
    public int? Word(params ReadOnlySpan<string> words)
    {
        if (this.IsNull())
        {
            return null;
        }

        // Null, too, for a text that is not valid Unicode.
        if (this.json.TokenType == JsonTokenType.String && this.TextOrNull() is { } text && words.IndexOf(text) is >= 0 and int index)
        {
            return index;
        }

        this.Fail($"must be one of {string.Join(", ", words!)}");
        return null;
    }

    private string? CheckedText(int maxBytes)
    {
        string? text = this.TextOrNull();
        if (text is null)
        {
            this.Fail("holds text that is not valid Unicode");
            return null;
        }

        if (text.Length == 0 || text.Length > maxBytes || Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            this.Fail(string.Create(CultureInfo.InvariantCulture, $"must have 1 to {maxBytes} bytes of UTF-8"));
            return null;
        }

        foreach (char c in text)
        {
            if (char.IsControl(c))
            {
                this.Fail("must not hold control characters");
                return null;
            }
        }

        return text;
    }
}
