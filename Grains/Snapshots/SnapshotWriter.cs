using System.Buffers;
using System.Text;

namespace OrleansBilling.Grains.Snapshots;

/// <summary>Writes a state's fields one after the other: numbers as variable-length zigzag, texts as length and UTF-8.</summary>
internal ref struct SnapshotWriter(IBufferWriter<byte> output)
{
    private readonly IBufferWriter<byte> output = output;

    public readonly void Byte(byte value)
    {
        this.output.GetSpan(1)[0] = value;
        this.output.Advance(1);
    }

    public readonly void Flag(bool value) => this.Byte(value ? (byte)1 : (byte)0);

    public readonly void Number(long value)
    {
        ulong rest = unchecked((ulong)((value << 1) ^ (value >> 63)));
        Span<byte> span = this.output.GetSpan(10);
        int length = 0;
        while (rest >= 0x80)
        {
            span[length++] = unchecked((byte)(rest | 0x80));
            rest >>= 7;
        }

        span[length++] = (byte)rest;
        this.output.Advance(length);
    }

    /// <summary>Null and empty differ.</summary>
    public readonly void Text(string? value)
    {
        if (value is null)
        {
            this.Number(-1);
            return;
        }

        int bytes = Encoding.UTF8.GetByteCount(value);
        this.Number(bytes);
        this.output.Advance(Encoding.UTF8.GetBytes(value, this.output.GetSpan(bytes)));
    }
}
