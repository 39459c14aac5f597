using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansBilling.Hosting.Orleans.Wire;

/// <summary>
/// Messages as bytes: a number for the kind, a head of plain fields, JSON. One array per message is allocated; what is written
/// into on the way there is kept per thread.
/// </summary>
internal static class Message
{
    /// <summary>The first byte of every message; another form gets another number.</summary>
    public const byte Version = 1;

    private const int LargestKept = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>An empty buffer, until the next call on this thread.</summary>
    public static ArrayBufferWriter<byte> Begin(byte kind)
    {
        if (buffer is null || buffer.Capacity > LargestKept)
        {
            buffer = new ArrayBufferWriter<byte>(1024);
        }

        buffer.ResetWrittenCount();
        Span<byte> head = buffer.GetSpan(2);
        head[0] = Version;
        head[1] = kind;
        buffer.Advance(2);
        return buffer;
    }

    /// <summary>Adds a text or null: its length in bytes and one more, 0 for null, then UTF-8.</summary>
    public static void Write(ArrayBufferWriter<byte> output, string? text)
    {
        int length = text is null ? 0 : Encoding.UTF8.GetByteCount(text) + 1;
        Write(output, length);
        if (length > 1)
        {
            output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(length - 1)));
        }
    }

    /// <summary>Adds a number that is not negative, seven bits a byte.</summary>
    public static void Write(ArrayBufferWriter<byte> output, long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        Span<byte> bytes = output.GetSpan(10);
        int count = 0;
        for (; number >= 0x80; number >>= 7)
        {
            bytes[count++] = (byte)(0x80 | (number & 0x7f));
        }

        bytes[count++] = (byte)number;
        output.Advance(count);
    }

    /// <summary>Adds JSON.</summary>
    public static void Write(ArrayBufferWriter<byte> output, object body, JsonTypeInfo form)
    {
        Utf8JsonWriter json = writer ??= new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.Reset(output);
        JsonSerializer.Serialize(json, body, form);
        json.Flush();
    }

    /// <summary>Takes version and kind off a message.</summary>
    /// <exception cref="FormatException">It is none, or of a release that this one does not know.</exception>
    public static byte ReadKind(ref ReadOnlySpan<byte> message)
    {
        if (message.Length < 2 || message[0] != Version)
        {
            throw new FormatException("A message has a form that this release does not know; run one release on all hosts, or the newest on the silos first.");
        }

        byte kind = message[1];
        message = message[2..];
        return kind;
    }

    /// <summary>Takes a text or null off a message.</summary>
    public static string? ReadText(ref ReadOnlySpan<byte> message)
    {
        int length = checked((int)ReadNumber(ref message));
        if (length == 0)
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(message[..(length - 1)]);
        message = message[(length - 1)..];
        return text;
    }

    /// <summary>Takes a number off a message.</summary>
    public static long ReadNumber(ref ReadOnlySpan<byte> message)
    {
        long number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[0];
            message = message[1..];
            number |= (next & 0x7fL) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }

    /// <summary>Reads JSON.</summary>
    public static object ReadBody(ReadOnlySpan<byte> message, JsonTypeInfo form) =>
        JsonSerializer.Deserialize(message, form) ?? throw new FormatException("A message holds null.");
}
