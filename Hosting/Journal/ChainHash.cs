using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansBilling.Hosting.Journal;

/// <summary>
/// A SHA-256 that ties a row to all rows of its grain before it: SHA-256(previous hash ‖ the row's columns but the commit-order
/// one, each with its length ‖ SHA-256(data)). The data stands in as its digest, so that an archived row can keep only that.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct ChainHash : IEquatable<ChainHash>
{
    /// <summary>Bytes of a hash.</summary>
    public const int Bytes = Sha256.HashBytes;

    private readonly ulong a;
    private readonly ulong b;
    private readonly ulong c;
    private readonly ulong d;

    /// <summary>Reads a hash as stored.</summary>
    /// <param name="bytes">Exactly <see cref="Bytes"/> bytes.</param>
    public ChainHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes)
        {
            throw new ArgumentException($"A chain hash has {Bytes} bytes, not {bytes.Length}.", nameof(bytes));
        }

        this = MemoryMarshal.Read<ChainHash>(bytes);
    }

    /// <summary>The hash that row <paramref name="row"/> must have after a row with hash <paramref name="previous"/> (default before the first).</summary>
    /// <param name="previous">The hash of the row before.</param>
    /// <param name="row">The row; its own hash is not looked at.</param>
    public static ChainHash Next(in ChainHash previous, JournalRow row)
    {
        Span<byte> text = stackalloc byte[1024];
        int length = Bytes;
        previous.CopyTo(text);
        length += Append(text[length..], row.Grain.Path);
        BinaryPrimitives.WriteInt64BigEndian(text[length..], row.Seq);
        BinaryPrimitives.WriteInt64BigEndian(text[(length + 8)..], row.AtNanos / 1000);
        length += 16;
        length += Append(text[length..], row.Type);
        length += Append(text[length..], row.Actor);
        length += Append(text[length..], row.RequestId);
        byte[] requestHash = row.RequestHash ?? [];
        text[length++] = (byte)requestHash.Length;
        requestHash.CopyTo(text[length..]);
        length += requestHash.Length;
        Sha256.Hash(row.Data, text[length..]);
        length += Bytes;
        Span<byte> hash = stackalloc byte[Bytes];
        Sha256.Hash(text[..length], hash);
        return new ChainHash(hash);
    }

    /// <summary>Writes the hash as stored.</summary>
    /// <param name="target">At least <see cref="Bytes"/> bytes.</param>
    public void CopyTo(Span<byte> target) => MemoryMarshal.Write(target, in this);

    /// <summary>The hash as stored.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Bytes];
        this.CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(ChainHash other) => this.a == other.a && this.b == other.b && this.c == other.c && this.d == other.d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChainHash other && this.Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(this.a, this.b);

    /// <inheritdoc/>
    public override string ToString() => Convert.ToHexStringLower(this.ToArray());

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(ChainHash left, ChainHash right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ChainHash left, ChainHash right) => !left.Equals(right);

    // Null and empty differ: 0xFFFF is null's length.
    private static int Append(Span<byte> target, string? text)
    {
        if (text is null)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target, ushort.MaxValue);
            return 2;
        }

        int written = Encoding.UTF8.GetBytes(text, target[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)written);
        return written + 2;
    }
}
