using System.Globalization;
using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>The account's keys: what each may do, and what it has spent. Credits belong to the account; keys carry limits only.</summary>
internal static class KeyPolicies
{
    private const int MaxPrefixChars = 16;
    private const int MaxProofChars = 256;

    // Up to here a look at each key is quicker than an index, and smaller.
    private const int KeysWithoutIndex = 8;

    // The key's own grain is addressed by its id, behind "key/".
    private const int MaxKeyBytes = GrainId.MaxBytes - 4;

    public static Decision Decide(AccountState s, CreateKey c, long now)
    {
        if (Problem(c, now) is { } invalid)
        {
            return invalid;
        }

        if (Lifecycle.NotChangeable(s) is { } denied)
        {
            return denied;
        }

        if (Find(s, c.Key) is not null)
        {
            return Decision.Deny(Outcome.KeyExists);
        }

        return s.Keys.Count >= Ceilings.Keys
            ? Decision.Deny(Outcome.TooMany)
            : Decision.Accept(new KeyCreated
            {
                Key = c.Key,
                Prefix = c.Prefix,
                Name = c.Name,
                Type = c.Type,
                Scopes = c.Scopes.Length == 0 ? null : c.Scopes,
                ExpiresAtNanos = c.ExpiresAtNanos,
                Workspace = c.Workspace,
                Caps = c.Caps == NoCaps ? null : c.Caps,
                Tag = c.Tag,
                Pepper = c.Pepper,
            });
    }

    public static Decision Decide(AccountState s, RevokeKey c)
    {
        if (Text.IdProblem(c.Key) is { } problem)
        {
            return Decision.Invalid("key", problem);
        }

        if ((Lifecycle.OptionalReasonProblem(c.Reason) ?? Lifecycle.NotChangeable(s)) is { } denied)
        {
            return denied;
        }

        return Find(s, c.Key) switch
        {
            null => Decision.Deny(Outcome.KeyNotFound),
            { Revoked: true } => Decision.Deny(Outcome.KeyRevoked),
            _ => Decision.Accept(new KeyRevoked(c.Key, c.Reason)),
        };
    }

    public static Decision Decide(AccountState s, CheckKey c, long now)
    {
        if (Text.IdProblem(c.Key) is { } problem)
        {
            return Decision.Invalid("key", problem);
        }

        KeyState? key = Find(s, c.Key);
        if ((Lifecycle.NotSpendable(s) ?? Unusable(key, now)) is { } denied)
        {
            return denied;
        }

        return c.Scope is not null && !HasScope(key!, c.Scope)
            ? Decision.Deny(Outcome.ScopeMissing)
            : Decision.Reply(Views.Of(key!, s, now));
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
            Name = e.Name,
            Type = e.Type,
            Scopes = Shared(e.Scopes),
            Expires = e.ExpiresAtNanos ?? long.MaxValue,
            Workspace = e.Workspace is null ? null : SharedNames.Of(e.Workspace),
        };
        key.Budget.SetCaps(e.Caps);
        Add(s, key);
    }

    public static void Apply(AccountState s, KeyRevoked e) => Find(s, e.Key)!.Revoked = true;

    private static readonly Caps NoCaps = new();

    private static string[]? Shared(string[]? names)
    {
        if (names is null)
        {
            return null;
        }

        string[] shared = new string[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            shared[i] = SharedNames.Of(names[i]);
        }

        return shared;
    }

    private static bool HasScope(KeyState key, string scope)
    {
        foreach (string has in key.Scopes ?? [])
        {
            if (string.Equals(has, scope, StringComparison.Ordinal) || string.Equals(has, "*", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static Decision? Problem(CreateKey c, long now)
    {
        if (Text.OptionalProblem(c.Name, Text.MaxNameChars) is { } nameProblem)
        {
            return Decision.Invalid("name", nameProblem);
        }

        if (!Enum.IsDefined(c.Type))
        {
            return Decision.Invalid("type", $"{(int)c.Type} is not a type of key.");
        }

        if (c.Scopes is null || c.Scopes.Length > Ceilings.Scopes)
        {
            return Decision.Invalid("scopes", $"Give a list of at most {Ceilings.Scopes} scopes, empty for none.");
        }

        for (int i = 0; i < c.Scopes.Length; i++)
        {
            if (Text.NameProblem(c.Scopes[i]) is { } scopeProblem)
            {
                return Decision.Invalid(string.Create(CultureInfo.InvariantCulture, $"scopes[{i}]"), scopeProblem);
            }
        }

        if (c.ExpiresAtNanos is { } expires && (expires <= now || expires == long.MaxValue))
        {
            return Decision.Invalid("expiresAtNanos", $"It is {expires}, which is not a time to come (now is {now}); give a later one, or null for never.");
        }

        if (Text.OptionalIdProblem(c.Workspace) is { } workspaceProblem)
        {
            return Decision.Invalid("workspace", workspaceProblem);
        }

        if (Limits.CapsProblem(c.Caps) is { } capsProblem)
        {
            return capsProblem;
        }

        if (c.Prefix is null || c.Prefix.Length > MaxPrefixChars || c.Prefix.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Decision.Invalid("prefix", $"Give at most {MaxPrefixChars} printable ASCII characters without blanks.");
        }

        if ((Text.IdProblem(c.Key) ?? (c.Key.Length > MaxKeyBytes ? $"It is longer than {MaxKeyBytes} characters." : null)) is { } keyProblem)
        {
            return Decision.Invalid("key", keyProblem);
        }

        return ProofProblem("tag", c.Tag) ?? ProofProblem("pepper", c.Pepper);
    }

    private static Decision? ProofProblem(string field, string value) =>
        string.IsNullOrEmpty(value) || value.Length > MaxProofChars || value.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? Decision.Invalid(field, $"Give 1 to {MaxProofChars} printable ASCII characters.")
            : null;
}
