using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>What commands about keys may say. Addresses are read by the framework's own networks, which the core does not use.</summary>
internal sealed partial class Ledger
{
    private const int RangesMax = 4_096;

    [ThreadStatic]
    private static Dictionary<(string Text, bool IsAddress), IPNetwork?>? rangesKnown;

    private static void MustKey(CreateKey c, long now, Action<bool, string> must)
    {
        must(Enum.IsDefined(c.Type), "type");
        MustPolicy(c.Name, c.Scopes, c.ExpiresAtNanos, c.Workspace, c.Caps, c.Rates, c.Addresses, now, must);
        must(WrongMetadata(c.Metadata) is null, WrongMetadata(c.Metadata) ?? "");
        MustProof(c.Prefix, c.Key, "key", c.Tag, c.Pepper, c.Hash, must);
    }

    private static void MustPolicy(
        string? name, string[]? scopes, long? expires, string? workspace, Caps? caps, Rates? rates, string[]? addresses, long now, Action<bool, string> must)
    {
        must(IsFree(name, 128), "name");
        must(scopes is not null && scopes.Length <= ScopesMax, "scopes");
        for (int i = 0; i < scopes?.Length; i++)
        {
            must(IsName(scopes[i]) && Stars().IsMatch(scopes[i]), string.Create(CultureInfo.InvariantCulture, $"scopes[{i}]"));
        }

        must(expires is null || (expires > now && expires < long.MaxValue), "expiresAtNanos");
        must(workspace is null || IsId(workspace), "workspace");
        MustCaps(caps, must);
        must(rates?.PerMinute is null or (>= 1 and <= 1_000_000_000), "rates.perMinute");
        must(rates?.PerDay is null or (>= 1 and <= 1_000_000_000), "rates.perDay");
        must(addresses is null || addresses.Length <= 32, "addresses");
        for (int i = 0; i < addresses?.Length; i++)
        {
            must(RangeOf(addresses[i]) is not null, string.Create(CultureInfo.InvariantCulture, $"addresses[{i}]"));
        }
    }

    private static void MustProof(string? prefix, string key, string keyField, string tag, string pepper, string? hash, Action<bool, string> must)
    {
        must(prefix is not null && prefix.Length <= 16 && prefix.All(x => x is > ' ' and <= '~'), "prefix");
        must(IsId(key) && key.Length <= GrainId.MaxBytes - "key/".Length, keyField);
        must(IsProof(tag), "tag");
        must(IsProof(pepper), "pepper");
        must(hash is null || IsProof(hash), "hash");
    }

    // The first wrong member, or that there are too many of them.
    private static string? WrongMetadata(MetadataItem[]? items)
    {
        if (items is null)
        {
            return null;
        }

        for (int i = 0; i < items.Length && items.Length <= 16; i++)
        {
            if (items[i] is not { Name: { } name, Value: { } value } || !IsName(name) || name.Length > 64 || !IsFree(value) || items.Take(i).Any(m => m.Name == name))
            {
                return string.Create(CultureInfo.InvariantCulture, $"metadata[{i}]");
            }
        }

        return items.Length > 16 ? "metadata" : null;
    }

    private static IPNetwork? RangeOf(string? text, bool isAddress = false)
    {
        if (text is null)
        {
            return null;
        }

        // Worlds have the same few again and again.
        Dictionary<(string, bool), IPNetwork?> ranges = rangesKnown ??= [];
        if (!ranges.TryGetValue((text, isAddress), out IPNetwork? range))
        {
            if (ranges.Count == RangesMax)
            {
                ranges.Clear();
            }

            ranges.Add((text, isAddress), range = Parse(text, isAddress));
        }

        return range;
    }

    // An address is a range of one; one of IPv4 inside one of IPv6 is one of IPv4.
    private static IPNetwork? Parse(string text, bool isAddress)
    {
        string[] parts = text.Split('/');
        if (parts.Length > 2 || (isAddress && parts.Length > 1) || parts[0].Contains('%') || parts[0].Contains('[') || !IPAddress.TryParse(parts[0], out IPAddress? ip)
            || (ip.AddressFamily == AddressFamily.InterNetwork && parts[0].Count(c => c == '.') != 3))
        {
            return null;
        }

        int bits = ip.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int asked) || asked > bits))
        {
            return null;
        }

        int length = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : bits;
        if (ip.IsIPv4MappedToIPv6)
        {
            (ip, length) = (ip.MapToIPv4(), length - 96);
        }

        return length >= 0 && IPNetwork.TryParse(string.Create(CultureInfo.InvariantCulture, $"{ip}/{length}"), out IPNetwork range) && range.BaseAddress.Equals(ip)
            ? range
            : null;
    }

    // No star, one alone, or one after the last colon of something.
    [GeneratedRegex(@"\A([^*]*|\*|[^*]+:\*)\z", RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Stars();
}
