using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace OrleansBilling.ApiHost.Keys.Hashing;

/// <summary>
/// The Argon2id hash of a key in PHC form, <c>$argon2id$v=19$m=…,t=…,p=…$salt$hash</c>. It proves a key without the pepper, at the
/// price of one hash; what it was made with stands in it, so that later releases may make others.
/// </summary>
internal sealed partial class SecretHash
{
    // OWASP's second choice of 2023 for Argon2id; a secret of 190 random bits would stand less.
    private const uint MemoryKiB = 19_456;
    private const uint Passes = 2;
    private const uint Lanes = 1;

    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    // What is read back was written here or by a later release: more than this is damage.
    private const uint MaxMemoryKiB = 1 << 18;
    private const uint MaxPasses = 16;
    private const uint MaxLanes = 4;

    private readonly uint memoryKiB;
    private readonly uint passes;
    private readonly uint lanes;
    private readonly byte[] salt;
    private readonly byte[] hash;

    private SecretHash(uint memoryKiB, uint passes, uint lanes, byte[] salt, byte[] hash)
    {
        this.memoryKiB = memoryKiB;
        this.passes = passes;
        this.lanes = lanes;
        this.salt = salt;
        this.hash = hash;
    }

    /// <summary>Hashes a key with a new salt.</summary>
    /// <param name="prefix">Its prefix.</param>
    /// <param name="keyId">Its public id.</param>
    /// <param name="secret">Its secret.</param>
    public static SecretHash Make(string prefix, string keyId, string secret)
    {
        SecretHash made = new(MemoryKiB, Passes, Lanes, RandomNumberGenerator.GetBytes(SaltBytes), new byte[HashBytes]);
        made.Hash(prefix, keyId, secret, made.hash);
        return made;
    }

    /// <summary>Reads a hash; null when it is none that this release can check.</summary>
    /// <param name="phc">As stored.</param>
    public static SecretHash? Parse(string phc)
    {
        Match match = Form().Match(phc);
        if (!match.Success
            || !TryNumber(match, "m", MaxMemoryKiB, out uint memoryKiB)
            || !TryNumber(match, "t", MaxPasses, out uint passes)
            || !TryNumber(match, "p", MaxLanes, out uint lanes)
            || memoryKiB < 8 * lanes
            || TryBytes(match, "salt") is not { Length: >= 8 } salt
            || TryBytes(match, "hash") is not { Length: >= 16 } hash)
        {
            return null;
        }

        return new SecretHash(memoryKiB, passes, lanes, salt, hash);
    }

    /// <summary>Whether a key is the one that was hashed. Takes milliseconds and megabytes.</summary>
    /// <param name="prefix">Its prefix.</param>
    /// <param name="keyId">Its public id.</param>
    /// <param name="secret">Its secret.</param>
    public bool Proves(string prefix, string keyId, string secret)
    {
        byte[] presented = new byte[this.hash.Length];
        this.Hash(prefix, keyId, secret, presented);
        return CryptographicOperations.FixedTimeEquals(presented, this.hash);
    }

    /// <summary>The PHC form.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"$argon2id$v=19$m={this.memoryKiB},t={this.passes},p={this.lanes}${Base64(this.salt)}${Base64(this.hash)}");

    // Of the same parts as the tag: id and secret have fixed lengths, so no two keys give the same bytes.
    private void Hash(string prefix, string keyId, string secret, Span<byte> result) =>
        Argon2.Hash(this.passes, this.memoryKiB, this.lanes, Encoding.ASCII.GetBytes(prefix + keyId + secret), this.salt, result);

    private static bool TryNumber(Match match, string name, uint max, out uint number) =>
        uint.TryParse(match.Groups[name].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0 && number <= max;

    // The PHC form has standard base64 without padding.
    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[]? TryBytes(Match match, string name)
    {
        string text = match.Groups[name].Value;
        string padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        return System.Buffers.Text.Base64.IsValid(padded) ? Convert.FromBase64String(padded) : null;
    }

    [GeneratedRegex(@"\A\$argon2id\$v=19\$m=(?<m>[0-9]{1,7}),t=(?<t>[0-9]{1,2}),p=(?<p>[0-9])\$(?<salt>[A-Za-z0-9+/]{11,64})\$(?<hash>[A-Za-z0-9+/]{22,128})\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
