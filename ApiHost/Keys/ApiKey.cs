using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>
/// The form of an API key: <c>{prefix}{route}{id}_{secret}{checksum}</c>. After the prefix there are letters and digits only,
/// each part of fixed length, so that a load balancer can cut the route out and whoever scans texts for keys can tell one.
/// </summary>
/// <remarks>Route and id together are the key's public id. The checksum is a CRC-32C over all before it: it finds every burst of
/// up to 32 bits, so any wrong character and any two swapped neighbours, and all but one in 2^32 of other errors.</remarks>
internal static class ApiKey
{
    /// <summary>Characters of the account's route.</summary>
    public const int RouteLength = 6;

    /// <summary>Characters of the public id: the route, and 71 random bits.</summary>
    public const int KeyIdLength = RouteLength + 12;

    /// <summary>Characters of the secret: 190.5 random bits.</summary>
    public const int SecretLength = 32;

    /// <summary>Characters of the checksum.</summary>
    public const int ChecksumLength = 6;

    /// <summary>The most characters that the prefix may have.</summary>
    public const int MaxPrefixLength = 16;

    private const int LengthAfterPrefix = KeyIdLength + 1 + SecretLength + ChecksumLength;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Base62 = SearchValues.Create(Alphabet);

    /// <summary>The route of an account: the same for all its keys, evenly spread, and telling nothing else.</summary>
    /// <param name="account">The account's id.</param>
    public static string Route(string account)
    {
        UInt128 number = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(account)));
        return string.Create(RouteLength, number, static (text, n) => Write(text, n));
    }

    /// <summary>Makes a new key's public id.</summary>
    /// <param name="account">The account it belongs to.</param>
    public static string NewKeyId(string account) => Route(account) + RandomNumberGenerator.GetString(Alphabet, KeyIdLength - RouteLength);

    /// <summary>Makes a new secret.</summary>
    public static string NewSecret() => RandomNumberGenerator.GetString(Alphabet, SecretLength);

    /// <summary>The whole key, as it is shown once.</summary>
    /// <param name="prefix">A valid prefix.</param>
    /// <param name="keyId">The public id.</param>
    /// <param name="secret">The secret.</param>
    public static string Join(string prefix, string keyId, string secret)
    {
        string start = $"{prefix}{keyId}_{secret}";
        return start + string.Create(ChecksumLength, Checksum(start), static (text, crc) => Write(text, crc));
    }

    /// <summary>Takes a key apart; false for anything that is not of a key's form, a typing error included.</summary>
    /// <param name="text">What was presented.</param>
    /// <param name="parts">The prefix, the public id and the secret.</param>
    public static bool TryParse(string? text, out ApiKeyParts parts)
    {
        parts = default;
        int prefix = (text?.Length ?? 0) - LengthAfterPrefix;
        if (prefix is < 0 or > MaxPrefixLength)
        {
            return false;
        }

        ReadOnlySpan<char> key = text;
        ReadOnlySpan<char> keyId = key.Slice(prefix, KeyIdLength);
        ReadOnlySpan<char> rest = key[(prefix + KeyIdLength + 1)..];
        Span<char> checksum = stackalloc char[ChecksumLength];
        if (key[prefix + KeyIdLength] != '_' || keyId.ContainsAnyExcept(Base62) || rest.ContainsAnyExcept(Base62) || !IsPrefix(key[..prefix]))
        {
            return false;
        }

        Write(checksum, Checksum(key[..^ChecksumLength]));
        if (!rest[SecretLength..].SequenceEqual(checksum))
        {
            return false;
        }

        parts = new ApiKeyParts(text!, prefix);
        return true;
    }

    /// <summary>
    /// Whether a text may be a prefix: letters and digits in words that each end with an underscore or a hyphen, such as
    /// <c>sk_live_</c> or <c>pp_live-</c>; or nothing.
    /// </summary>
    /// <param name="prefix">The text.</param>
    public static bool IsPrefix(ReadOnlySpan<char> prefix)
    {
        bool inWord = false;
        foreach (char c in prefix)
        {
            bool ends = c is '_' or '-';
            if (ends ? !inWord : !char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }

            inWord = !ends;
        }

        return !inWord && prefix.Length <= MaxPrefixLength;
    }

    // Of text that is ASCII already.
    private static uint Checksum(ReadOnlySpan<char> text)
    {
        uint crc = uint.MaxValue;
        foreach (char c in text)
        {
            crc = BitOperations.Crc32C(crc, (byte)c);
        }

        return ~crc;
    }

    private static void Write(Span<char> text, UInt128 number)
    {
        for (int i = text.Length - 1; i >= 0; i--)
        {
            (number, UInt128 digit) = UInt128.DivRem(number, 62);
            text[i] = Alphabet[(int)digit];
        }
    }

    private static void Write(Span<char> text, uint number)
    {
        for (int i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(number % 62)];
            number /= 62;
        }
    }
}

/// <summary>A key taken apart.</summary>
/// <param name="text">The whole key.</param>
/// <param name="prefixLength">Characters of its prefix.</param>
internal readonly struct ApiKeyParts(string text, int prefixLength)
{
    /// <summary>The prefix.</summary>
    public ReadOnlySpan<char> Prefix => text.AsSpan(0, prefixLength);

    /// <summary>The public id.</summary>
    public ReadOnlySpan<char> KeyId => text.AsSpan(prefixLength, ApiKey.KeyIdLength);

    /// <summary>The secret.</summary>
    public ReadOnlySpan<char> Secret => text.AsSpan(prefixLength + ApiKey.KeyIdLength + 1, ApiKey.SecretLength);
}
