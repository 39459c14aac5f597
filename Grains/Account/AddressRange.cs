using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// A range of IP addresses in CIDR form (RFC 4632, RFC 4291); one address is a range of one. An IPv4 address that stands in an
/// IPv6 one is an IPv4 address.
/// </summary>
internal readonly record struct AddressRange
{
    private const int V4Bits = 32;
    private const int V6Bits = 128;

    // At the top, so that both kinds are masked the same way.
    private readonly UInt128 network;
    private readonly byte bits;
    private readonly bool isV4;

    private AddressRange(UInt128 network, int bits, bool isV4)
    {
        this.network = network;
        this.bits = (byte)bits;
        this.isV4 = isV4;
    }

    /// <summary>Reads an address.</summary>
    public static bool TryParseAddress(string? text, out AddressRange address)
    {
        address = default;
        if (!TryParse(text, out IPAddress? ip))
        {
            return false;
        }

        address = Of(ip);
        return true;
    }

    /// <summary>What is wrong with an address, or null.</summary>
    public static string? AddressProblem(string? text) =>
        TryParseAddress(text, out _) ? null : "It is not an IP address; give one such as 203.0.113.9 or 2001:db8::1.";

    /// <summary>Reads an address or a range; says what is wrong with it, or null.</summary>
    public static string? Problem(string? text, out AddressRange range)
    {
        range = default;
        int slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (!TryParse(slash < 0 ? text : text![..slash], out IPAddress? ip))
        {
            return "It is not an IP address or range; give one such as 203.0.113.0/24 or 2001:db8::/32.";
        }

        range = Of(ip);
        if (slash < 0)
        {
            return null;
        }

        int written = ip.AddressFamily == AddressFamily.InterNetwork ? V4Bits : V6Bits;
        int outside = range.isV4 ? written - V4Bits : 0;
        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int bits) || bits > written || bits < outside)
        {
            return $"'{text}' has no length of {outside} to {written} bits after its slash.";
        }

        AddressRange asked = new(range.network & Mask(bits - outside), bits - outside, range.isV4);
        if (asked.network != range.network)
        {
            return $"'{text}' has bits set beyond its length; give {asked} for the range.";
        }

        range = asked;
        return null;
    }

    /// <summary>Whether all of another range is in this one.</summary>
    public bool Covers(in AddressRange other) =>
        this.isV4 == other.isV4 && this.bits <= other.bits && (other.network & Mask(this.bits)) == this.network;

    /// <summary>The one way in which it is stored.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[V6Bits / 8];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, this.network);
        IPAddress ip = new(this.isV4 ? bytes[..(V4Bits / 8)] : bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{ip}/{this.bits}");
    }

    // No zones, and no IPv4 address in less than four decimal parts: what one reader takes for another address is refused.
    private static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? ip) =>
        IPAddress.TryParse(text, out ip)
        && (ip.AddressFamily == AddressFamily.InterNetwork ? string.Equals(ip.ToString(), text, StringComparison.Ordinal) : text!.AsSpan().IndexOfAny("%[]") < 0);

    private static AddressRange Of(IPAddress ip)
    {
        IPAddress own = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        bool four = own.AddressFamily == AddressFamily.InterNetwork;
        Span<byte> bytes = stackalloc byte[V6Bits / 8];
        bytes.Clear();
        own.TryWriteBytes(bytes, out _);
        return new AddressRange(BinaryPrimitives.ReadUInt128BigEndian(bytes), four ? V4Bits : V6Bits, four);
    }

    private static UInt128 Mask(int bits) => bits == 0 ? UInt128.Zero : UInt128.MaxValue << (V6Bits - bits);
}
