using System.Globalization;
using System.Text.Json;

namespace OrleansBilling.ApiHost.Json;

/// <summary>
/// Reads one JSON object strictly: unknown and repeated members, wrong types, numbers that are not exact and text that cannot
/// be stored are refused with the field's name. The first mistake stays in <see cref="Error"/> and ends the reading, so that
/// callers need to look at it once, at the end.
/// </summary>
internal ref partial struct BodyReader
{
    private const int MaxDepth = 4;

    private Utf8JsonReader json;
    private ulong seen;
    private string parent = "";
    private string field = "";
    private string list = "";

    /// <summary>Starts on a whole body.</summary>
    /// <param name="body">UTF-8 JSON, one object.</param>
    public BodyReader(ReadOnlySpan<byte> body)
    {
        this.json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (this.Advance() && this.json.TokenType != JsonTokenType.StartObject)
        {
            this.Error = new FieldError(FieldError.Invalid, null, "The body must be a JSON object.");
        }
    }

    /// <summary>The first mistake, or null.</summary>
    public FieldError? Error { get; private set; }

    /// <summary>Whether the current member is null.</summary>
    public readonly bool IsAtNull => this.Error is null && this.json.TokenType == JsonTokenType.Null;

    /// <summary>Steps to the object's next member and returns its place in <paramref name="fields"/>, or −1 at the object's end or after a mistake.</summary>
    /// <param name="fields">The members this object may have.</param>
    public int Next(FieldSet fields)
    {
        if (!this.NextName())
        {
            return -1;
        }

        int index = fields.Find(ref this.json);
        if (index < 0)
        {
            string name = this.TextOrNull() ?? "?";
            this.field = this.parent + Shorten(name);
            this.Error = new FieldError(FieldError.Unknown, this.field, $"'{this.field}' is not known here; known are {string.Join(", ", fields.Names)}.");
            return -1;
        }

        this.field = this.parent.Length == 0 ? fields.Names[index] : this.parent + fields.Names[index];
        if ((this.seen & (1UL << index)) != 0)
        {
            this.Error = new FieldError(FieldError.Duplicate, this.field, $"'{this.field}' stands twice in the body; send it once.");
            return -1;
        }

        this.seen |= 1UL << index;
        return this.Advance() ? index : -1;
    }

    /// <summary>Steps to the next member of an object whose names are data, for example meters; null at its end or after a mistake.</summary>
    /// <param name="maxBytes">Bytes of UTF-8 that a name may have.</param>
    public string? NextKey(int maxBytes)
    {
        if (!this.NextName())
        {
            return null;
        }

        string? name = this.CheckedText(maxBytes);
        if (name is null)
        {
            return null;
        }

        this.field = this.parent + name;
        return this.Advance() ? name : null;
    }

    /// <summary>Enters the object that is the current member's value; false when it is null or something else.</summary>
    /// <param name="outer">What <see cref="Leave"/> needs.</param>
    public bool Enter(out (ulong Seen, string Parent) outer)
    {
        outer = (this.seen, this.parent);
        if (this.IsNull())
        {
            return false;
        }

        if (this.json.TokenType != JsonTokenType.StartObject)
        {
            return this.Fail("must be an object");
        }

        this.parent = this.field + ".";
        this.seen = 0;
        return true;
    }

    /// <summary>Leaves the object that was entered, after its last member.</summary>
    /// <param name="outer">From <see cref="Enter"/>.</param>
    public void Leave((ulong Seen, string Parent) outer) => (this.seen, this.parent) = outer;

    /// <summary>Enters the list of objects that is the current member's value; false when it is null or something else.</summary>
    /// <param name="outer">What <see cref="Leave"/> needs.</param>
    public bool EnterList(out (ulong Seen, string Parent) outer)
    {
        outer = (this.seen, this.parent);
        if (this.IsNull())
        {
            return false;
        }

        this.list = this.field;
        return this.json.TokenType == JsonTokenType.StartArray || this.Fail("must be an array of objects");
    }

    /// <summary>Steps into the next object of the list that was entered; false at its end or after a mistake.</summary>
    /// <param name="index">Its place, from 0.</param>
    public bool NextObject(int index)
    {
        if (!this.Advance() || this.json.TokenType == JsonTokenType.EndArray)
        {
            return false;
        }

        this.field = string.Create(CultureInfo.InvariantCulture, $"{this.list}[{index}]");
        this.parent = this.field + ".";
        this.seen = 0;
        return this.json.TokenType == JsonTokenType.StartObject || this.Fail("must be an object");
    }

    /// <summary>Refuses the current member.</summary>
    /// <param name="what">What the value must be; follows the field's name.</param>
    public bool Fail(string what) => this.FailAt(FieldError.Invalid, this.field, $"'{this.field}' {what}.");

    /// <summary>Refuses a member, there or not.</summary>
    /// <param name="code">A code of <see cref="FieldError"/>.</param>
    /// <param name="name">The member's name.</param>
    /// <param name="detail">What was wrong, and what to send instead.</param>
    public bool FailAt(string code, string? name, string detail)
    {
        this.Error ??= new FieldError(code, name, detail);
        return false;
    }

    /// <summary>Makes sure that a member was there.</summary>
    /// <param name="value">What was read of it.</param>
    /// <param name="name">The member's name.</param>
    public void Require(object? value, string name)
    {
        if (value is null)
        {
            string path = this.parent + name;
            this.FailAt(FieldError.Missing, path, $"'{path}' is missing.");
        }
    }

    /// <summary>Makes sure that nothing follows the object.</summary>
    public void End()
    {
        if (this.Error is null)
        {
            this.Advance(atEnd: true);
        }
    }

    private bool IsNull() => this.Error is not null || this.json.TokenType == JsonTokenType.Null;

    private bool NextName() => this.Error is null && this.Advance() && this.json.TokenType != JsonTokenType.EndObject;

    private bool Advance(bool atEnd = false)
    {
        if (this.Error is not null)
        {
            return false;
        }

        try
        {
            if (this.json.Read() || atEnd)
            {
                return true;
            }
        }
        catch (JsonException e)
        {
            this.Error = new FieldError(
                FieldError.Malformed,
                this.field.Length == 0 ? null : this.field,
                string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
            return false;
        }

        this.Error = new FieldError(FieldError.Malformed, null, "The body ends in the middle of its JSON.");
        return false;
    }

    private readonly string? TextOrNull()
    {
        try
        {
            return this.json.GetString();
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates and bytes that are not UTF-8.
            return null;
        }
    }

    private static string Shorten(string name)
    {
        Span<char> text = stackalloc char[Math.Min(name.Length, 40)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = char.IsControl(name[i]) ? '?' : name[i];
        }

        return new string(text);
    }
}
