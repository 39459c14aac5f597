using System.Text;

namespace OrleansBilling.Grains.Snapshots;

/// <summary>Reads what <see cref="SnapshotWriter"/> wrote. Bytes of another form never throw: <see cref="IsWhole"/> says so at the end.</summary>
internal ref struct SnapshotReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int at;
    private bool broken;

    /// <summary>True when every read found what it wanted and nothing is left.</summary>
    public readonly bool IsWhole => !this.broken && this.at == this.bytes.Length;

    public byte Byte()
    {
        if (this.at >= this.bytes.Length)
        {
            this.broken = true;
            return 0;
        }

        return this.bytes[this.at++];
    }

    public bool Flag() => this.Byte() != 0;

    public long Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = this.Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return unchecked((long)(value >> 1) ^ -(long)(value & 1));
            }
        }

        this.broken = true;
        return 0;
    }

    /// <summary>The number of things that follow; 0 when there cannot be that many.</summary>
    public int Count()
    {
        long count = this.Number();
        if (count < 0 || count > this.bytes.Length - this.at)
        {
            this.broken = true;
            return 0;
        }

        return (int)count;
    }

    public string? OptionalText()
    {
        long length = this.Number();
        if (length == -1)
        {
            return null;
        }

        if (length < 0 || length > this.bytes.Length - this.at)
        {
            this.broken = true;
            return null;
        }

        string text = Encoding.UTF8.GetString(this.bytes.Slice(this.at, (int)length));
        this.at += (int)length;
        return text;
    }

    public string Text()
    {
        string? text = this.OptionalText();
        this.broken |= text is null;
        return text ?? "";
    }
}
