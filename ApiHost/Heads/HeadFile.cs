using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Heads;

/// <summary>
/// One exported file of heads, text that a person can read: a line of JSON, a line "row hash grain" per grain that changed, and
/// a last line with the HMAC-SHA256 of all bytes before it.
/// </summary>
/// <param name="Header">The first line.</param>
/// <param name="Mac">The HMAC of the last line, in hex.</param>
internal sealed record HeadFile(HeadFileHeader Header, string Mac)
{
    /// <summary>The form that this release writes and reads.</summary>
    public const int Version = 1;

    private const string MacStart = "hmac-sha256 ";
    private const int MacLineBytes = 12 + (2 * HMACSHA256.HashSizeInBytes) + 1;

    /// <summary>Reads a file's first and last line, and proves that it is as one who knows the pepper wrote it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pepper">Signed it.</param>
    /// <exception cref="HeadFileException">It is not; the message says what it is instead.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static HeadFile Read(string path, Pepper pepper)
    {
        using FileStream file = File.OpenRead(path);
        using IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, pepper.HeadsKey);
        byte[] buffer = new byte[64 * 1024];
        for (long left = file.Length - MacLineBytes; left > 0;)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            file.ReadExactly(part);
            hmac.AppendData(part);
            left -= part.Length;
        }

        string mac = Convert.ToHexStringLower(hmac.GetHashAndReset());
        int rest = file.ReadAtLeast(buffer.AsSpan(0, MacLineBytes), MacLineBytes, throwOnEndOfStream: false);
        bool signed = CryptographicOperations.FixedTimeEquals(buffer.AsSpan(0, rest), MacLine(mac));
        HeadFileHeader? header = ReadHeader(path);
        return header is { Version: > Version } ? throw new HeadFileException("a newer release wrote it: verify with that one.")
            : header is not null && header.Pepper != pepper.Fingerprint ? throw new HeadFileException(
                $"it was signed with the pepper {header.Pepper}, and this host's is {pepper.Fingerprint}: verify with that one.")
            : signed && header is not null ? new HeadFile(header, mac)
            : throw new HeadFileException("it was forged or damaged: its signature is wrong.");
    }

    /// <summary>The heads in a file that was found to be good.</summary>
    /// <param name="path">The file.</param>
    public static IEnumerable<GrainHead> ReadHeads(string path)
    {
        foreach (string line in File.ReadLines(path).Skip(1).TakeWhile(static l => !l.StartsWith(MacStart, StringComparison.Ordinal)))
        {
            string[] parts = line.Split(' ', 3);
            yield return new GrainHead(
                new GrainId(parts[2]), new Head(long.Parse(parts[0], CultureInfo.InvariantCulture), new ChainHash(Convert.FromHexString(parts[1]))));
        }
    }

    /// <summary>The line of one head.</summary>
    /// <param name="head">The head.</param>
    public static string Line(GrainHead head) => string.Create(CultureInfo.InvariantCulture, $"{head.Head.Seq} {head.Head.Hash} {head.Grain.Path}\n");

    /// <summary>The last line.</summary>
    /// <param name="mac">The HMAC in hex.</param>
    public static byte[] MacLine(string mac) => Encoding.ASCII.GetBytes($"{MacStart}{mac}\n");

    // Not believed before the signature is.
    private static HeadFileHeader? ReadHeader(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadLines(path).FirstOrDefault() ?? "", HeadFileJson.Default.HeadFileHeader);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The first line of a file of heads.</summary>
/// <param name="Version">The file's form.</param>
/// <param name="Number">Its place in the series, from 1.</param>
/// <param name="Previous">The HMAC of the file before, in hex; empty in the first.</param>
/// <param name="Pepper">The fingerprint of the pepper that signed it.</param>
/// <param name="At">When it was written, by the host's clock.</param>
/// <param name="Database">The database and timeline that it was read from.</param>
/// <param name="NextTx">Where the next one begins, in that database's commit order.</param>
internal sealed record HeadFileHeader(int Version, long Number, string Previous, string Pepper, DateTimeOffset At, string Database, ulong NextTx);

/// <summary>How the first line is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HeadFileHeader))]
internal sealed partial class HeadFileJson : JsonSerializerContext;

/// <summary>A file of heads is not what it should be; the message is the end of a sentence that begins with the file.</summary>
internal sealed class HeadFileException(string message) : Exception(message);
