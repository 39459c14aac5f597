using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>A key's policy and what it has spent.</summary>
internal sealed class KeyState
{
    public string Id = "";
    public string Prefix = "";
    public string? Name;
    public string? Workspace;
    public string[]? Scopes;

    /// <summary>When it ends; <see cref="long.MaxValue"/> is never.</summary>
    public long Expires = long.MaxValue;
    public KeyType Type;
    public bool Revoked;

    /// <summary>The key that took its place: caps, rates and what is used of them are that one's.</summary>
    public KeyState? Successor;

    /// <summary>Of a key without a successor.</summary>
    public Budget Budget = new();

    /// <summary>When it was last used, to the minute; 0 is never.</summary>
    public long LastUsed;

    /// <summary>How many charges and holds were made with it.</summary>
    public long Requests;

    /// <summary>What few keys have; null is none of it.</summary>
    public KeyExtras? Extras;

    /// <summary>The key that counts for this one: itself, or the last that took its place.</summary>
    public KeyState Counter
    {
        get
        {
            KeyState key = this;
            while (key.Successor is { } next)
            {
                key = next;
            }

            return key;
        }
    }
}

/// <summary>What few keys have.</summary>
internal sealed class KeyExtras
{
    /// <summary>The addresses it may be used from, canonical and as ranges, in one order; null is anywhere.</summary>
    public string[]? Addresses;
    public AddressRange[]? Ranges;

    /// <summary>By name; null is none.</summary>
    public MetadataItem[]? Metadata;

    /// <summary>Limits of requests; null is none.</summary>
    public Rates? Rates;

    /// <summary>What is counted for the limit per minute; null where there is none.</summary>
    public SlidingMinute? Minute;

    /// <summary>Requests of the account's day, while there is a limit.</summary>
    public long Day;
}
