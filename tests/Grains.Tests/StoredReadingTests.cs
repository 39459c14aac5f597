using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansBilling.Json;

namespace OrleansBilling.Grains.Tests;

/// <summary>Stored events are read by hand where they have the usual form: never otherwise than the serializer reads them.</summary>
public class StoredReadingTests
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly string[] Pieces =
        ["null", "0", "00", "-0", "-1", "1.0", "1e2", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999999999999", "true", "false", "\"\"", "\"\\u0041\"", "\"é\"", "[]", "{}", " ", ",", "\"x\":1,"];

    [Fact]
    public void Every_event_is_read_as_the_serializer_reads_it() =>
        Assert.All(Events.OfEveryKind, e => HoldsFor(e, Stored(e)));

    // One byte changed, one left out, cut short, something put in: the same event, or refused by both.
    [Fact]
    public void Damaged_events_are_read_as_the_serializer_reads_them_or_refused_as_it_refuses_them()
    {
        int read = 0;
        foreach (Event e in Events.OfEveryKind)
        {
            byte[] data = Stored(e);
            for (int at = 0; at < data.Length; at++)
            {
                foreach (byte other in "0\"}],:-\\ aé{["u8)
                {
                    byte[] changed = [.. data];
                    changed[at] = other;
                    read += HoldsFor(e, changed) ? 1 : 0;
                }

                HoldsFor(e, [.. data[..at], .. data[(at + 1)..]]);
                HoldsFor(e, data[..at]);
                HoldsFor(e, [.. data[..at], data[at], .. data[at..]]);
                if (at > 0 && data[at - 1] is (byte)':' or (byte)',' or (byte)'{' or (byte)'[')
                {
                    int end = at + data.AsSpan(at).IndexOfAny(",}]"u8);
                    foreach (string piece in Pieces)
                    {
                        HoldsFor(e, [.. data[..at], .. Encoding.UTF8.GetBytes(piece), .. data[at..]]);
                        HoldsFor(e, [.. data[..at], .. Encoding.UTF8.GetBytes(piece), .. data[Math.Max(at, end)..]]);
                    }
                }
            }
        }

        // Changed digits and letters still are events.
        Assert.InRange(read, 1_000, int.MaxValue);
    }

    // True when both read it.
    private static bool HoldsFor(Event e, byte[] data)
    {
        byte[]? expected = Try(() => (Event)JsonSerializer.Deserialize(data, e.GetType(), Plain)!);
        byte[]? actual = Try(() => EventJson.Read(EventJson.TypeName(e), data));
        Assert.True(
            expected is null == actual is null && expected.AsSpan().SequenceEqual(actual),
            $"{EventJson.TypeName(e)} {Encoding.UTF8.GetString(data)}\nis read as {Text(actual)}\nand had to be {Text(expected)}");
        return actual is not null;
    }

    private static byte[]? Try(Func<Event> read)
    {
        try
        {
            return Stored(read());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(byte[]? data) => data is null ? "an error" : Encoding.UTF8.GetString(data);

    private static byte[] Stored(Event e)
    {
        ArrayBufferWriter<byte> bytes = new();
        EventJson.Write(e, bytes);
        return bytes.WrittenSpan.ToArray();
    }
}
