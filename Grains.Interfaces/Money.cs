using System.Globalization;

namespace OrleansBilling;

/// <summary>
/// Money is an <see cref="long"/> number of nanos of the account's currency: 1 unit = 1,000,000,000 nanos.
/// In JSON and in print it is a decimal number of units with at most nine places.
/// </summary>
public static class Money
{
    /// <summary>Nanos in one unit of any currency.</summary>
    public const long NanosPerUnit = 1_000_000_000;

    /// <summary>The largest amount one command may name: one billion units.</summary>
    public const long MaxAmountNanos = 1_000_000_000 * NanosPerUnit;

    /// <summary>The largest magnitude a balance or a counter may reach; beyond it the outcome is <see cref="Outcome.Overflow"/>.</summary>
    public const long MaxTotalNanos = 8_000_000_000 * NanosPerUnit;

    /// <summary>Writes nanos as units without trailing zeros, for example <c>9.89692</c>.</summary>
    /// <param name="nanos">Any amount.</param>
    public static string Format(long nanos)
    {
        Span<char> buffer = stackalloc char[32];
        return new string(buffer[..Format(nanos, buffer)]);
    }

    /// <summary>Writes nanos as units into <paramref name="target"/> (at least 21 characters) and returns the length.</summary>
    /// <param name="nanos">Any amount.</param>
    /// <param name="target">Receives the text.</param>
    public static int Format(long nanos, Span<char> target)
    {
        UInt128 magnitude = (UInt128)Int128.Abs(nanos);
        ulong units = (ulong)(magnitude / NanosPerUnit);
        ulong fraction = (ulong)(magnitude % NanosPerUnit);
        int length = 0;
        if (nanos < 0)
        {
            target[length++] = '-';
        }

        units.TryFormat(target[length..], out int written, provider: CultureInfo.InvariantCulture);
        length += written;
        if (fraction == 0)
        {
            return length;
        }

        target[length++] = '.';
        fraction.TryFormat(target[length..], out written, "D9", CultureInfo.InvariantCulture);
        length += written;
        while (target[length - 1] == '0')
        {
            length--;
        }

        return length;
    }

    /// <summary>Reads a decimal number of units; false when it is not one, has more than nine places or is out of range.</summary>
    /// <param name="text">For example <c>10.00</c> or <c>-0.5</c>; no exponent, no sign but a leading minus, no blanks.</param>
    /// <param name="nanos">The amount in nanos.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out long nanos)
    {
        nanos = 0;
        bool negative = text.StartsWith('-');
        ReadOnlySpan<char> digits = negative ? text[1..] : text;
        int point = digits.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? digits : digits[..point];
        ReadOnlySpan<char> places = point < 0 ? [] : digits[(point + 1)..];
        if (whole.Length is 0 or > 10 || places.Length > 9 || (point >= 0 && places.IsEmpty)
            || !ulong.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out ulong units))
        {
            return false;
        }

        ulong fraction = 0;
        if (!places.IsEmpty && !ulong.TryParse(places, NumberStyles.None, CultureInfo.InvariantCulture, out fraction))
        {
            return false;
        }

        for (int i = places.Length; i < 9; i++)
        {
            fraction *= 10;
        }

        UInt128 total = ((UInt128)units * NanosPerUnit) + fraction;
        if (total > (UInt128)MaxTotalNanos)
        {
            return false;
        }

        nanos = negative ? -(long)total : (long)total;
        return true;
    }
}
