using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Workload;

/// <summary>What nobody has registered: texts of any characters and length, numbers of any size, and those next to a bound.</summary>
internal sealed class Garbage(SimRandom random)
{
    private const long Second = 1_000_000_000;

    private static readonly string[] Pieces =
    [
        "a", "Z9", "-", "_", ".", "/", " ", "\"", "\\", "{", "'", "<", "~", "é", "漢字", "😀", "\u2028", "İ", "ß", "\u007f", "\u0085", "\0", "\n", "\t",
        "\ud800", "\udc00", "\ufffd",
    ];

    private static readonly long[] Bounds =
    [
        0, 1, 1_000_000_000_000, Money.MaxAmountNanos, Money.MaxTotalNanos, long.MaxValue, long.MinValue, int.MaxValue, Second, 30 * 86_400 * Second,
        16, 64, 100, 999,
    ];

    /// <summary>Any text: mostly plain, often of just the length that a field may have.</summary>
    public string Text()
    {
        if (random.OneIn(12))
        {
            return "";
        }

        bool plain = !random.OneIn(4);
        int length = random.Below(6) switch
        {
            0 => random.Pick<int>([16, 17, 64, 65, 124, 125, 128, 129, 256, 257]),
            1 => random.Below(300),
            _ => 1 + random.Below(12),
        };
        System.Text.StringBuilder text = new(length);
        while (text.Length < length)
        {
            text.Append(plain ? ((char)('a' + random.Below(26))).ToString() : random.Pick(Pieces));
        }

        return text.ToString(0, length);
    }

    /// <summary>A name that can be had: letters, digits and others that may be printed.</summary>
    public string Name()
    {
        int length = 1 + random.Below(random.OneIn(8) ? 128 : 12);
        System.Text.StringBuilder text = new(length);
        while (text.Length < length)
        {
            text.Append(random.Pick<string>(["a", "B", "7", "-", ".", "é", "漢", "x", "q"]));
        }

        return text.ToString();
    }

    /// <summary>Any number of 64 bits.</summary>
    public long Number() => random.Below(4) switch
    {
        0 => unchecked((long)random.NextBits()),
        1 => unchecked((long)(random.NextBits() >> random.Below(64))),
        2 => -(long)(random.NextBits() >> (1 + random.Below(63))),
        _ => unchecked(random.Pick(Bounds) + random.Between(-1, 1)),
    };
}
