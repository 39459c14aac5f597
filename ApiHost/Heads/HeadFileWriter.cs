using System.Security.Cryptography;
using System.Text.Json;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Heads;

/// <summary>Writes one file of heads as they come, signing as it goes.</summary>
internal sealed class HeadFileWriter : IDisposable
{
    private readonly FileStream file;
    private readonly HMACSHA256 hmac;
    private readonly CryptoStream signed;
    private readonly StreamWriter text;

    /// <summary>Starts a file, over whatever is there, that only its owner may read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">Its first line.</param>
    /// <param name="pepper">Signs it.</param>
    public HeadFileWriter(string path, HeadFileHeader header, Pepper pepper)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        this.file = new FileStream(path, options);
        this.hmac = new HMACSHA256(pepper.HeadsKey);
        this.signed = new CryptoStream(this.file, this.hmac, CryptoStreamMode.Write, leaveOpen: true);
        this.text = new StreamWriter(this.signed, leaveOpen: true);
        this.text.Write(JsonSerializer.Serialize(header, HeadFileJson.Default.HeadFileHeader) + "\n");
    }

    /// <summary>Heads written so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes one head.</summary>
    /// <param name="head">The head.</param>
    public void Add(GrainHead head)
    {
        // No host makes such a grain; a row that somebody put there must not write lines of its own.
        if (!head.Grain.Path.AsSpan().ContainsAny('\r', '\n'))
        {
            this.text.Write(HeadFile.Line(head));
            this.Count++;
        }
    }

    /// <summary>Signs the file and makes sure that the disk has it.</summary>
    public void Finish()
    {
        this.text.Flush();
        this.signed.FlushFinalBlock();
        this.file.Write(HeadFile.MacLine(Convert.ToHexStringLower(this.hmac.Hash!)));
        this.file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            this.text.Dispose();
            this.signed.Dispose();
        }
        finally
        {
            this.file.Dispose();
            this.hmac.Dispose();
        }
    }
}
