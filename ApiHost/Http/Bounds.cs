using System.Globalization;
using System.Text;

namespace OrleansBilling.ApiHost.Http;

/// <summary>What fields may hold. All is checked before a grain is asked, so that no row of the journal can be poison.</summary>
internal static partial class Bounds
{
    /// <summary>Characters of an account's id.</summary>
    public const int Account = 64;

    /// <summary>Bytes of names: keys, tiers, meters, workspaces, scopes, sources, outcomes.</summary>
    public const int Name = 64;

    /// <summary>Characters of an IP address, one of IPv4 inside one of IPv6 included; a range has four more.</summary>
    public const int IpAddress = 45;

    /// <summary>Bytes of models, sessions and references.</summary>
    public const int Reference = 128;

    /// <summary>Bytes of endpoints and reasons.</summary>
    public const int Sentence = 256;

    /// <summary>Bytes of an HTTP method.</summary>
    public const int Method = 16;

    /// <summary>The most tokens, or units of a meter, that one request may name.</summary>
    public const long Quantity = 1_000_000_000_000;

    /// <summary>The most meters of a tier.</summary>
    public const int Meters = 32;

    /// <summary>The most scopes of a key.</summary>
    public const int Scopes = 32;

    /// <summary>The most addresses and ranges in a key's allow list.</summary>
    public const int Addresses = 32;

    /// <summary>The most members of a key's metadata.</summary>
    public const int Metadata = 16;

    /// <summary>The most requests in a batch.</summary>
    public const int BatchItems = 1_000;

    /// <summary>The highest limit of requests.</summary>
    public const long Rate = 1_000_000_000;

    /// <summary>The longest time that a rotated key goes on, in seconds: 30 days.</summary>
    public const long MaxGraceSeconds = 30 * 24 * 60 * 60;

    /// <summary>How long it goes on where nothing is said, in seconds: a day.</summary>
    public const long GraceSeconds = 24 * 60 * 60;

    /// <summary>The shortest and longest life of a hold, in seconds.</summary>
    public const long MinTtlSeconds = 1;

    /// <summary>The longest life of a hold, in seconds: 30 days.</summary>
    public const long MaxTtlSeconds = 30 * 24 * 60 * 60;

    /// <summary>Whether a text may be an account's id: letters, digits and <c>. _ - : @</c>.</summary>
    /// <param name="id">The text.</param>
    public static bool IsAccount(string? id)
    {
        if (id is null || id.Length is 0 or > Account)
        {
            return false;
        }

        foreach (char c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-' or ':' or '@'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a text from the path may be a name.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= Name } && Encoding.UTF8.GetByteCount(name) <= Name && !name.Any(c => char.IsControl(c) || char.IsSurrogate(c));

    /// <summary>Reads a row's number from the path.</summary>
    /// <param name="text">Digits.</param>
    /// <param name="number">The number, at least 1.</param>
    public static bool TryNumber(string? text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;

    /// <summary>Whether a text may be a caller's request id: 1 to 128 printable ASCII characters, not the system's.</summary>
    /// <param name="id">The text.</param>
    public static bool IsRequestId(string id)
    {
        if (id.Length is 0 or > Command.MaxRequestIdBytes || id[0] is Command.SystemRequestIdStart or ' ' || id[^1] == ' ')
        {
            return false;
        }

        foreach (char c in id)
        {
            if (c is < ' ' or > '~')
            {
                return false;
            }
        }

        return true;
    }
}
