using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>Making, changing, rotating and revoking keys. What a key asks for is held against what it may do itself, in the same turn.</summary>
internal static class KeyChanges
{
    private const int MaxPrefixChars = 16;
    private const int MaxProofChars = 256;

    // The key's own grain is addressed by its id, behind "key/".
    private const int MaxKeyBytes = GrainId.MaxBytes - 4;

    public static Decision Decide(AccountState s, CreateKey c, long now)
    {
        KeyPolicy policy = new()
        {
            Type = c.Type,
            Name = c.Name,
            Scopes = c.Scopes,
            Expires = c.ExpiresAtNanos,
            Workspace = c.Workspace,
            Caps = c.Caps,
            Rates = c.Rates,
            Addresses = c.Addresses,
            Metadata = c.Metadata,
        };
        if ((TypeProblem(c.Type)
            ?? KeyPolicy.Problem(ref policy)
            ?? KeyPolicy.ExpiryProblem(c.ExpiresAtNanos, now)
            ?? ProofProblem(c.Prefix, "key", c.Key, c.Tag, c.Pepper, c.Hash)
            ?? Lifecycle.OptionalReasonProblem(c.Reason)
            ?? ModeProblem(s, c.Mode)
            ?? Lifecycle.NotChangeable(s)
            ?? MakerProblem(s, c.Maker, now)) is { } denied)
        {
            return denied;
        }

        if (KeyPolicies.Find(s, c.Key) is not null)
        {
            return Decision.Deny(Outcome.KeyExists);
        }

        return Exceeds(s, c.Maker, policy)
            ?? (s.Keys.Count >= Ceilings.Keys
                ? Decision.Deny(Outcome.TooMany)
                : Decision.Accept(Created(policy, c.Key, c.Prefix, c.Tag, c.Pepper, c.Hash) with { Reason = c.Reason }));
    }

    public static Decision Decide(AccountState s, UpdateKey c, long now)
    {
        if (Text.IdProblem(c.Key) is { } problem)
        {
            return Decision.Invalid("key", problem);
        }

        KeyState? key = KeyPolicies.Find(s, c.Key);
        KeyPolicy before = key is null ? new KeyPolicy() : KeyPolicy.Of(key);
        KeyPolicy after = Changed(before, c);
        if ((KeyPolicy.Problem(ref after)
            ?? KeyPolicy.ExpiryProblem(c.ExpiresAtNanos, now)
            ?? Lifecycle.OptionalReasonProblem(c.Reason)
            ?? Lifecycle.NotChangeable(s)
            ?? MakerProblem(s, c.Maker, now)
            ?? NotChangeable(key)
            ?? Exceeds(s, c.Maker, before)
            ?? Exceeds(s, c.Maker, after)) is { } denied)
        {
            return denied;
        }

        if (key!.Successor is not null)
        {
            return Decision.Deny(Outcome.KeyRotated);
        }

        return LastAdmin.Problem(s, key, c.Keeps, before, after)
            ?? Decision.Accept(new KeyUpdated
            {
                Key = c.Key,
                Name = after.Name,
                Scopes = after.Scopes.Length == 0 ? null : after.Scopes,
                ExpiresAtNanos = after.Expires,
                Workspace = after.Workspace,
                Caps = after.Caps == KeyPolicy.NoCaps ? null : after.Caps,
                Rates = after.Rates,
                Addresses = after.Addresses,
                Metadata = after.Metadata,
                Reason = c.Reason,
            });
    }

    public static Decision Decide(AccountState s, RotateKey c, long now)
    {
        if (Text.IdProblem(c.Key) is { } problem)
        {
            return Decision.Invalid("key", problem);
        }

        if (c.GraceNanos is < 0 or > Ceilings.GraceNanos)
        {
            return Decision.Invalid("graceNanos", $"It is {c.GraceNanos}; give 0 (the old key ends at once) to {Ceilings.GraceNanos} (30 days).");
        }

        if ((ProofProblem(c.Prefix, "newKey", c.NewKey, c.Tag, c.Pepper, c.Hash) ?? Lifecycle.OptionalReasonProblem(c.Reason)) is { } invalid)
        {
            return invalid;
        }

        KeyState? old = KeyPolicies.Find(s, c.Key);
        if (old is not null && !string.Equals(old.Prefix, c.Prefix, StringComparison.Ordinal))
        {
            return Decision.Invalid("prefix", "A key that takes another's place has its prefix.");
        }

        if ((Lifecycle.NotChangeable(s) ?? MakerProblem(s, c.Maker, now)) is { } denied)
        {
            return denied;
        }

        if (old is null || KeyPolicies.Find(s, c.NewKey) is not null)
        {
            return Decision.Deny(old is null ? Outcome.KeyNotFound : Outcome.KeyExists);
        }

        KeyPolicy policy = KeyPolicy.Of(old);
        if ((KeyPolicies.Unusable(old, now) ?? Exceeds(s, c.Maker, policy)) is { } refused)
        {
            return refused;
        }

        if (old.Successor is not null)
        {
            return Decision.Deny(Outcome.KeyRotated);
        }

        if (c.GraceNanos == 0 && LastAdmin.Problem(s, old, c.Keeps) is { } last)
        {
            return last;
        }

        return s.Keys.Count >= Ceilings.Keys
            ? Decision.Deny(Outcome.TooMany)
            : Decision.Accept(Created(policy, c.NewKey, c.Prefix, c.Tag, c.Pepper, c.Hash) with
            {
                Replaces = c.Key,
                ReplacedEndsAtNanos = Math.Min(old.Expires, now + c.GraceNanos),
                Reason = c.Reason,
            });
    }

    public static Decision Decide(AccountState s, RevokeKey c, long now)
    {
        if (Text.IdProblem(c.Key) is { } problem)
        {
            return Decision.Invalid("key", problem);
        }

        if ((Lifecycle.OptionalReasonProblem(c.Reason) ?? Lifecycle.NotChangeable(s) ?? MakerProblem(s, c.Maker, now)) is { } denied)
        {
            return denied;
        }

        return KeyPolicies.Find(s, c.Key) switch
        {
            null => Decision.Deny(Outcome.KeyNotFound),
            { Revoked: true } => Decision.Deny(Outcome.KeyRevoked),
            { } key => Exceeds(s, c.Maker, KeyPolicy.Of(key)) ?? LastAdmin.Problem(s, key, c.Keeps) ?? Decision.Accept(new KeyRevoked(c.Key, c.Reason)),
        };
    }

    private static KeyCreated Created(KeyPolicy policy, string key, string prefix, string tag, string pepper, string? hash) => new()
    {
        Key = key,
        Prefix = prefix,
        Name = policy.Name,
        Type = policy.Type,
        Scopes = policy.Scopes.Length == 0 ? null : policy.Scopes,
        ExpiresAtNanos = policy.Expires,
        Workspace = policy.Workspace,
        Caps = policy.Caps == KeyPolicy.NoCaps ? null : policy.Caps,
        Rates = policy.Rates,
        Addresses = policy.Addresses,
        Metadata = policy.Metadata,
        Tag = tag,
        Pepper = pepper,
        Hash = hash,
    };

    private static KeyPolicy Changed(KeyPolicy policy, UpdateKey c) => policy with
    {
        Name = c.Name ?? Kept(c, KeyParts.Name, policy.Name),
        Scopes = c.Scopes ?? policy.Scopes,
        Expires = c.ExpiresAtNanos ?? Kept(c, KeyParts.Expiry, policy.Expires),
        Workspace = c.Workspace ?? Kept(c, KeyParts.Workspace, policy.Workspace),
        Caps = new Caps
        {
            DailyNanos = c.Caps?.DailyNanos ?? Kept(c, KeyParts.DailyCap, policy.Caps.DailyNanos),
            MonthlyNanos = c.Caps?.MonthlyNanos ?? Kept(c, KeyParts.MonthlyCap, policy.Caps.MonthlyNanos),
            TotalNanos = c.Caps?.TotalNanos ?? Kept(c, KeyParts.TotalCap, policy.Caps.TotalNanos),
        },
        Rates = new Rates
        {
            PerMinute = c.Rates?.PerMinute ?? Kept(c, KeyParts.RatePerMinute, policy.Rates?.PerMinute),
            PerDay = c.Rates?.PerDay ?? Kept(c, KeyParts.RatePerDay, policy.Rates?.PerDay),
        },
        Addresses = c.Addresses ?? Kept(c, KeyParts.Addresses, policy.Addresses),
        Metadata = Merged(Kept(c, KeyParts.Metadata, policy.Metadata), c),
    };

    private static T? Kept<T>(UpdateKey c, KeyParts part, T? value) => (c.Clear & part) == part ? default : value;

    private static MetadataItem[]? Merged(MetadataItem[]? old, UpdateKey c)
    {
        if (c.Metadata is null && c.RemoveMetadata is null)
        {
            return old;
        }

        bool Goes(MetadataItem item) =>
            Array.Exists(c.RemoveMetadata ?? [], name => name == item.Name) || Array.Exists(c.Metadata ?? [], set => set?.Name == item.Name);
        return [.. Array.FindAll(old ?? [], item => !Goes(item)), .. c.Metadata ?? []];
    }

    private static Decision? NotChangeable(KeyState? key) => key switch
    {
        null => Decision.Deny(Outcome.KeyNotFound),
        { Revoked: true } => Decision.Deny(Outcome.KeyRevoked),
        _ => null,
    };

    /// <summary>Why the key that asks may not be used itself; null where an operator asks.</summary>
    public static Decision? MakerProblem(AccountState s, string? maker, long now) =>
        maker is null ? null : KeyPolicies.Unusable(KeyPolicies.Find(s, maker), now);

    private static Decision? Exceeds(AccountState s, string? maker, KeyPolicy wanted) =>
        maker is not null && wanted.MoreThan(KeyPolicy.Of(KeyPolicies.Find(s, maker)!)) is { } more
            ? Decision.Deny(Outcome.ExceedsMaker, more.Field, more.Detail)
            : null;

    private static Decision? TypeProblem(KeyType type) =>
        Enum.IsDefined(type) ? null : Decision.Invalid("type", $"{(int)type} is not a type of key.");

    private static Decision? ModeProblem(AccountState s, AccountMode? mode) => mode is { } wanted && s.Status != AccountStatus.None && wanted != s.Mode
        ? Decision.Invalid("mode", $"The account's mode is {s.Mode}, and so is that of all its keys; live and test are separate accounts.")
        : null;

    private static Decision? ProofProblem(string? prefix, string keyField, string? key, string tag, string pepper, string? hash)
    {
        if (prefix is null || prefix.Length > MaxPrefixChars || prefix.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Decision.Invalid("prefix", $"Give at most {MaxPrefixChars} printable ASCII characters without blanks.");
        }

        if ((Text.IdProblem(key) ?? (key!.Length > MaxKeyBytes ? $"It is longer than {MaxKeyBytes} characters." : null)) is { } keyProblem)
        {
            return Decision.Invalid(keyField, keyProblem);
        }

        return ProofProblem("tag", tag) ?? ProofProblem("pepper", pepper) ?? (hash is null ? null : ProofProblem("hash", hash));
    }

    private static Decision? ProofProblem(string field, string value) =>
        string.IsNullOrEmpty(value) || value.Length > MaxProofChars || value.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? Decision.Invalid(field, $"Give 1 to {MaxProofChars} printable ASCII characters.")
            : null;
}
