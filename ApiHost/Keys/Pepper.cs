using System.Security.Cryptography;
using System.Text;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>The server secret that keys' tags are made with. Without it the stored tags prove nothing, so a stolen database opens no door.</summary>
internal sealed class Pepper
{
    /// <summary>The fewest bytes a pepper may have.</summary>
    public const int MinBytes = 32;

    /// <summary>Bytes of a tag (HMAC-SHA256).</summary>
    public const int TagBytes = HMACSHA256.HashSizeInBytes;

    /// <summary>Its name in a data folder.</summary>
    public const string FileName = "pepper";

    private static readonly byte[] FingerprintLabel = "orleans-billing pepper fingerprint v1\n"u8.ToArray();
    private static readonly byte[] HeadsLabel = "orleans-billing heads v1"u8.ToArray();
    private static readonly byte[] ProfilesLabel = "orleans-billing profiles v1"u8.ToArray();

    // Of SHA-256.
    private const int BlockBytes = 64;

    private readonly byte[] innerPad;
    private readonly byte[] outerPad;
    private readonly byte[] profilesKey;

    /// <summary>Takes a secret.</summary>
    /// <param name="secret">At least <see cref="MinBytes"/> random bytes.</param>
    public Pepper(byte[] secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinBytes, nameof(secret));
        this.innerPad = Pad(secret, 0x36);
        this.outerPad = Pad(secret, 0x5c);
        this.HeadsKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, HMACSHA256.HashSizeInBytes, info: HeadsLabel);
        this.profilesKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, HMACSHA256.HashSizeInBytes, info: ProfilesLabel);
        this.Fingerprint = Convert.ToHexStringLower(SHA256.HashData([.. FingerprintLabel, .. secret]).AsSpan(0, 8));
    }

    /// <summary>Tells peppers apart and says nothing about the secret: 64 bits of a labelled SHA-256.</summary>
    public string Fingerprint { get; }

    /// <summary>What exported heads are signed with: HKDF-SHA256 (RFC 5869) of the secret, which says nothing about keys' tags.</summary>
    public byte[] HeadsKey { get; }

    /// <summary>
    /// The tag that proves a key as it was shown: its secret, and that id and prefix are the ones it was made with. Id and secret
    /// have fixed lengths, so that no two keys give the same bytes.
    /// </summary>
    /// <param name="prefix">The key's prefix.</param>
    /// <param name="keyId">The key's public id.</param>
    /// <param name="secretPart">The key's secret.</param>
    /// <param name="tag">Receives <see cref="TagBytes"/> bytes.</param>
    public void Tag(ReadOnlySpan<char> prefix, ReadOnlySpan<char> keyId, ReadOnlySpan<char> secretPart, Span<byte> tag)
    {
        // HMAC (RFC 2104) by its definition: the framework's sets up a context in OpenSSL for every call, at ten times the cost.
        Span<byte> inner = stackalloc byte[BlockBytes + ApiKey.MaxPrefixLength + ApiKey.KeyIdLength + ApiKey.SecretLength];
        this.innerPad.CopyTo(inner);
        int length = BlockBytes;
        length += Encoding.ASCII.GetBytes(prefix, inner[length..]);
        length += Encoding.ASCII.GetBytes(keyId, inner[length..]);
        length += Encoding.ASCII.GetBytes(secretPart, inner[length..]);
        Span<byte> outer = stackalloc byte[BlockBytes + TagBytes];
        this.outerPad.CopyTo(outer);
        Sha256.Hash(inner[..length], outer[BlockBytes..]);
        Sha256.Hash(outer, tag);
    }

    /// <summary>Tells what is personal from other such texts; without the pepper nobody finds out from it what a text was.</summary>
    /// <param name="text">The text.</param>
    /// <returns>HMAC-SHA256 in hexadecimal.</returns>
    public string DigestOf(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(this.profilesKey, Encoding.UTF8.GetBytes(text)));

    private static byte[] Pad(byte[] key, byte with)
    {
        byte[] pad = new byte[BlockBytes];
        (key.Length > BlockBytes ? SHA256.HashData(key) : key).CopyTo(pad, 0);
        for (int i = 0; i < pad.Length; i++)
        {
            pad[i] ^= with;
        }

        return pad;
    }

    /// <summary>Reads a pepper in base64; null when it is not base64 or too short.</summary>
    /// <param name="base64">The text; blanks around it are left out.</param>
    public static Pepper? FromBase64(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64.Trim(), bytes, out int length) && length >= MinBytes ? new Pepper(bytes[..length]) : null;
    }

    /// <summary>Reads the pepper of a data folder, made there with mode 0600 the first time.</summary>
    /// <param name="folder">The data folder; made where it is missing.</param>
    /// <exception cref="InvalidOperationException">The file is damaged, or others may read it; the message says what to do.</exception>
    public static Pepper FromFolder(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            Create(path);
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & others) != UnixFileMode.None)
        {
            throw new InvalidOperationException($"Others may read the pepper '{path}': run chmod 600 on it.");
        }

        return FromBase64(File.ReadAllText(path))
            ?? throw new InvalidOperationException($"The pepper '{path}' is not base64 of at least {MinBytes} bytes: restore it from a backup; without it no key can be proven.");
    }

    // Written beside and moved: a crash leaves either no pepper or a whole one, and of two hosts at once the first one's stays.
    private static void Create(string path)
    {
        string draft = path + "." + RandomNumberGenerator.GetHexString(8);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (FileStream file = new(draft, options))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(MinBytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
