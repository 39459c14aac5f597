using System.Buffers;
using System.Text;
using OrleansBilling.Account;

namespace OrleansBilling.Json;

/// <summary>
/// Reads JSON of exactly the form that this release writes: the properties in their order, no blanks, no escapes. Whatever else
/// it meets, it fails and stays so, and the serializer is asked instead: it decides what is valid, this is only faster.
/// </summary>
internal ref struct StoredReader(ReadOnlySpan<byte> data)
{
    // The most digits of an Int64; so many always fit a UInt64.
    private const int DigitsMax = 19;

    // Bytes that stand for themselves in a JSON string.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    private readonly ReadOnlySpan<byte> data = data;
    private int at;
    private bool first;
    private bool failed;

    /// <summary>Whether all was read, and nothing was in another form.</summary>
    public readonly bool IsWhole => !this.failed && this.at == this.data.Length;

    /// <summary>An object begins.</summary>
    public void Begin()
    {
        this.Expect((byte)'{');
        this.first = true;
    }

    /// <summary>An object ends.</summary>
    public void End()
    {
        this.Expect((byte)'}');
        this.first = false;
    }

    /// <summary>Whether the next property is this one; if so, its value comes next.</summary>
    /// <param name="name">The name in quotes, with its colon.</param>
    public bool Has(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = this.data[this.at..];
        if (!this.first)
        {
            if (rest.IsEmpty || rest[0] != (byte)',')
            {
                return false;
            }

            rest = rest[1..];
        }

        if (!rest.StartsWith(name))
        {
            return false;
        }

        this.at += name.Length + (this.first ? 0 : 1);
        this.first = false;
        return true;
    }

    /// <summary>A number that may be left out where it is 0.</summary>
    public long Int64(ReadOnlySpan<byte> name) => this.Has(name) ? this.Number() : 0;

    /// <summary>A number that is always there.</summary>
    public long RequiredInt64(ReadOnlySpan<byte> name) => this.Requires(name) ? this.Number() : 0;

    /// <summary>A number that may be left out where it is 0.</summary>
    public int Int32(ReadOnlySpan<byte> name)
    {
        long number = this.Int64(name);
        this.failed |= number is < int.MinValue or > int.MaxValue;
        return this.failed ? 0 : (int)number;
    }

    /// <summary>A number, or null where there is none.</summary>
    public int? NullableInt32(ReadOnlySpan<byte> name)
    {
        long? number = this.NullableInt64(name);
        this.failed |= number is < int.MinValue or > int.MaxValue;
        return this.failed ? null : (int?)number;
    }

    /// <summary>A number, or null where there is none.</summary>
    public long? NullableInt64(ReadOnlySpan<byte> name) => this.Has(name) ? this.Number() : null;

    /// <summary>A text, or null where there is none.</summary>
    public string? Text(ReadOnlySpan<byte> name) => this.Has(name) ? this.Text() : null;

    /// <summary>A text that is always there.</summary>
    public string RequiredText(ReadOnlySpan<byte> name) => this.Requires(name) ? this.Text() : "";

    /// <summary>A list of texts, or null where there is none.</summary>
    public string[]? Texts(ReadOnlySpan<byte> name)
    {
        if (!this.Has(name))
        {
            return null;
        }

        this.Expect((byte)'[');
        List<string> texts = [];
        while (!this.failed && this.at < this.data.Length && this.data[this.at] != (byte)']')
        {
            this.Element(texts.Count);
            texts.Add(this.Text());
        }

        this.EndList();
        return [.. texts];
    }

    /// <summary>True, or false where it is left out.</summary>
    public bool Flag(ReadOnlySpan<byte> name)
    {
        if (!this.Has(name))
        {
            return false;
        }

        this.Expect("true"u8);
        return true;
    }

    /// <summary>A kind of credit by its name; the first where it is left out.</summary>
    public CreditKind Kind(ReadOnlySpan<byte> name) => this.Has(name) ? this.Kind() : default;

    /// <summary>A kind of credit that is always there.</summary>
    public CreditKind RequiredKind(ReadOnlySpan<byte> name) => this.Requires(name) ? this.Kind() : default;

    /// <summary>Where a list begins: how many objects are in it, none of which holds another list or object.</summary>
    public int BeginList()
    {
        this.Expect((byte)'[');
        int end = this.failed ? -1 : this.data[this.at..].IndexOf((byte)']');
        this.failed |= end < 0;
        return this.failed ? 0 : this.data.Slice(this.at, end).Count((byte)'{');
    }

    /// <summary>The comma before every element of a list but the first.</summary>
    public void Element(int index)
    {
        if (index > 0)
        {
            this.Expect((byte)',');
        }
    }

    /// <summary>A list ends.</summary>
    public void EndList() => this.Expect((byte)']');

    private bool Requires(ReadOnlySpan<byte> name)
    {
        bool has = this.Has(name);
        this.failed |= !has;
        return has;
    }

    private void Expect(byte expected)
    {
        this.failed |= this.at >= this.data.Length || this.data[this.at] != expected;
        this.at += this.failed ? 0 : 1;
    }

    private void Expect(ReadOnlySpan<byte> expected)
    {
        this.failed |= !this.data[this.at..].StartsWith(expected);
        this.at += this.failed ? 0 : expected.Length;
    }

    private long Number()
    {
        ReadOnlySpan<byte> rest = this.data[this.at..];
        int sign = !rest.IsEmpty && rest[0] == (byte)'-' ? 1 : 0;
        int end = sign;
        ulong value = 0;
        while (end < rest.Length && end < sign + DigitsMax && rest[end] is >= (byte)'0' and <= (byte)'9')
        {
            value = (value * 10) + (uint)(rest[end] - '0');
            end++;
        }

        // No digit, a zero in front, out of range: all that the serializer may judge.
        if (end == sign || value > long.MaxValue || (rest[sign] == (byte)'0' && end + sign > 1))
        {
            this.failed = true;
            return 0;
        }

        this.at += end;
        return sign == 0 ? (long)value : -(long)value;
    }

    private CreditKind Kind()
    {
        ReadOnlySpan<byte> text = this.Quoted();
        CreditKind? kind = text.SequenceEqual("Topup"u8) ? CreditKind.Topup
            : text.SequenceEqual("Bonus"u8) ? CreditKind.Bonus
            : text.SequenceEqual("Refund"u8) ? CreditKind.Refund
            : text.SequenceEqual("Adjustment"u8) ? CreditKind.Adjustment
            : text.SequenceEqual("PaymentRefund"u8) ? CreditKind.PaymentRefund
            : text.SequenceEqual("Dispute"u8) ? CreditKind.Dispute : null;
        this.failed |= kind is null;
        return kind.GetValueOrDefault();
    }

    private string Text() => Encoding.ASCII.GetString(this.Quoted());

    private ReadOnlySpan<byte> Quoted()
    {
        this.Expect((byte)'"');
        ReadOnlySpan<byte> rest = this.data[this.at..];
        int length = rest.IndexOfAnyExcept(Plain);
        if (this.failed || length < 0 || rest[length] != (byte)'"')
        {
            this.failed = true;
            return default;
        }

        this.at += length + 1;
        return rest[..length];
    }
}
