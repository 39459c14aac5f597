using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>The account's keys: what each may do, and what it has spent. Credits belong to the account; keys carry limits only.</summary>
internal static class KeyPolicies
{
    // Up to here a look at each key is quicker than an index, and smaller.
    private const int KeysWithoutIndex = 8;

    public static Decision Decide(AccountState s, CheckKey c, long now)
    {
        if (Text.IdProblem(c.Key) is { } problem)
        {
            return Decision.Invalid("key", problem);
        }

        KeyState? key = Find(s, c.Key);
        return Lifecycle.NotSpendable(s)
            ?? Unusable(key, now)
            ?? NotAllowed(key!, c.Address, c.Scope)
            ?? Decision.Reply(Views.Of(key!, s, now));
    }

    /// <summary>A key, revoked or not, or null.</summary>
    public static KeyState? Find(AccountState s, string? id)
    {
        if (id is null)
        {
            return null;
        }

        if (s.KeyIndex is not null)
        {
            return s.KeyIndex.GetValueOrDefault(id);
        }

        foreach (KeyState key in s.Keys.AsSpan())
        {
            if (string.Equals(key.Id, id, StringComparison.Ordinal))
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>Why a key cannot be used now, or null.</summary>
    public static Decision? Unusable(KeyState? key, long now) => key switch
    {
        null => Decision.Deny(Outcome.KeyNotFound),
        { Revoked: true } => Decision.Deny(Outcome.KeyRevoked),
        _ => key.Expires <= now ? Decision.Deny(Outcome.KeyExpired) : null,
    };

    /// <summary>Why a key cannot be used from there or for that, or null.</summary>
    public static Decision? NotAllowed(KeyState key, string? address, string? scope)
    {
        if (key.Extras?.Ranges is { } ranges
            && !(AddressRange.TryParseAddress(address, out AddressRange from) && Array.Exists(ranges, range => range.Covers(in from))))
        {
            return Decision.Deny(
                Outcome.AddressNotAllowed,
                "address",
                address is null ? "The key may be used from some addresses only; send the one that it is used from." : "The key may not be used from this address.");
        }

        return scope is not null && !Scopes.Cover(key.Scopes, scope) ? Decision.Deny(Outcome.ScopeMissing) : null;
    }

    public static void Add(AccountState s, KeyState key)
    {
        s.Keys.Add(key);
        if (s.Keys.Count > KeysWithoutIndex && s.KeyIndex is null)
        {
            s.KeyIndex = new Dictionary<string, KeyState>(StringComparer.Ordinal);
            foreach (KeyState known in s.Keys.AsSpan())
            {
                s.KeyIndex.Add(known.Id, known);
            }
        }
        else
        {
            s.KeyIndex?.Add(key.Id, key);
        }
    }

    public static void Apply(AccountState s, KeyCreated e)
    {
        KeyState key = new()
        {
            Id = e.Key,
            Prefix = SharedNames.Of(e.Prefix),
            Type = e.Type,
        };
        if (e.Replaces is not null)
        {
            Replace(Find(s, e.Replaces)!, key, e.ReplacedEndsAtNanos!.Value);
        }

        Set(key, e.Name, e.Scopes, e.ExpiresAtNanos, e.Workspace, e.Caps, e.Rates, e.Addresses, e.Metadata);
        Add(s, key);
    }

    public static void Apply(AccountState s, KeyUpdated e) =>
        Set(Find(s, e.Key)!, e.Name, e.Scopes, e.ExpiresAtNanos, e.Workspace, e.Caps, e.Rates, e.Addresses, e.Metadata);

    public static void Apply(AccountState s, KeyRevoked e) => Find(s, e.Key)!.Revoked = true;

    /// <summary>Canonical texts as ranges.</summary>
    public static AddressRange[] Ranges(string[] addresses) => Array.ConvertAll(addresses, static text =>
    {
        _ = AddressRange.Problem(text, out AddressRange range);
        return range;
    });

    /// <summary>One copy of names that many keys have.</summary>
    public static string[]? Shared(string[]? names) => names is null ? null : Array.ConvertAll(names, SharedNames.Of);

    // What was spent and counted goes on at the key that takes the other's place.
    private static void Replace(KeyState old, KeyState key, long endsAtNanos)
    {
        key.Budget = old.Budget;
        if (old.Extras is { } extras)
        {
            key.Extras = new KeyExtras { Minute = extras.Minute, Day = extras.Day };
            extras.Minute = null;
            extras.Rates = null;
            extras.Day = 0;
        }

        old.Budget = new Budget();
        old.Successor = key;
        old.Expires = endsAtNanos;
    }

    private static void Set(
        KeyState key, string? name, string[]? scopes, long? expires, string? workspace, Caps? caps, Rates? rates, string[]? addresses, MetadataItem[]? metadata)
    {
        key.Name = name;
        key.Scopes = Shared(scopes);
        key.Expires = expires ?? long.MaxValue;
        key.Workspace = workspace is null ? null : SharedNames.Of(workspace);
        key.Budget.SetCaps(caps);
        if (rates is null && addresses is null && metadata is null)
        {
            key.Extras = null;
            return;
        }

        key.Extras ??= new KeyExtras();
        key.Extras.Addresses = addresses;
        key.Extras.Ranges = addresses is null ? null : Ranges(addresses);
        key.Extras.Metadata = metadata;
        KeyRates.Set(key.Extras, rates);
    }
}
