using System.Text;
using System.Text.Json;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The members that one JSON object may have, at most 64. A member is known by its place in the list.</summary>
internal sealed class FieldSet
{
    private readonly byte[][] utf8;

    /// <summary>Names the members.</summary>
    /// <param name="names">The names, as they stand in JSON.</param>
    public FieldSet(params string[] names)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(names.Length, 64, nameof(names));
        this.Names = names;
        this.utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The names, in order.</summary>
    public string[] Names { get; }

    /// <summary>The place of the member name that the reader stands on, or −1.</summary>
    /// <param name="json">A reader on a property name in one piece.</param>
    public int Find(ref Utf8JsonReader json)
    {
        if (json.ValueIsEscaped)
        {
            return this.FindEscaped(ref json);
        }

        ReadOnlySpan<byte> name = json.ValueSpan;
        for (int i = 0; i < this.utf8.Length; i++)
        {
            if (name.SequenceEqual(this.utf8[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private int FindEscaped(ref Utf8JsonReader json)
    {
        try
        {
            return Array.IndexOf(this.Names, json.GetString());
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: no member is called that.
            return -1;
        }
    }
}
