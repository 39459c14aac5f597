using System.Globalization;
using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>All that can be said of what a key may do: as asked for, or as it is.</summary>
internal sealed record KeyPolicy
{
    public KeyType Type { get; init; }

    public string? Name { get; init; }

    public string[] Scopes { get; init; } = [];

    public long? Expires { get; init; }

    public string? Workspace { get; init; }

    public Caps Caps { get; init; } = NoCaps;

    public Rates? Rates { get; init; }

    public string[]? Addresses { get; init; }

    public MetadataItem[]? Metadata { get; init; }

    /// <summary>No caps at all.</summary>
    public static Caps NoCaps { get; } = new();

    /// <summary>What a key may do now.</summary>
    public static KeyPolicy Of(KeyState key)
    {
        KeyState counter = key.Counter;
        return new KeyPolicy
        {
            Type = key.Type,
            Name = key.Name,
            Scopes = key.Scopes ?? [],
            Expires = key.Expires == long.MaxValue ? null : key.Expires,
            Workspace = key.Workspace,
            Caps = counter.Budget.ToCaps(),
            Rates = counter.Extras?.Rates,
            Addresses = key.Extras?.Addresses,
            Metadata = key.Extras?.Metadata,
        };
    }

    /// <summary>What is wrong with it, or null; and it, with texts in the one way in which they are stored.</summary>
    /// <param name="policy">What was asked for; what is stored afterwards.</param>
    public static Decision? Problem(ref KeyPolicy policy)
    {
        if (Text.OptionalProblem(policy.Name, Text.MaxNameChars) is { } nameProblem)
        {
            return Decision.Invalid("name", nameProblem);
        }

        if (policy.Scopes is null || policy.Scopes.Length > Ceilings.Scopes)
        {
            return Decision.Invalid("scopes", $"Give a list of at most {Ceilings.Scopes} scopes, empty for none.");
        }

        for (int i = 0; i < policy.Scopes.Length; i++)
        {
            if (Account.Scopes.Problem(policy.Scopes[i]) is { } scopeProblem)
            {
                return Decision.Invalid(At("scopes", i), scopeProblem);
            }
        }

        if (Text.OptionalIdProblem(policy.Workspace) is { } workspaceProblem)
        {
            return Decision.Invalid("workspace", workspaceProblem);
        }

        if ((Limits.CapsProblem(policy.Caps) ?? KeyRates.Problem(policy.Rates)) is { } limitProblem)
        {
            return limitProblem;
        }

        if (AddressesProblem(policy.Addresses, out string[]? addresses) is { } addressProblem)
        {
            return addressProblem;
        }

        if (MetadataProblem(policy.Metadata, out MetadataItem[]? metadata) is { } metadataProblem)
        {
            return metadataProblem;
        }

        policy = policy with
        {
            Rates = policy.Rates is { PerMinute: null, PerDay: null } ? null : policy.Rates,
            Addresses = addresses,
            Metadata = metadata,
        };
        return null;
    }

    /// <summary>What is wrong with an end, or null.</summary>
    public static Decision? ExpiryProblem(long? expires, long now) => expires is { } end && (end <= now || end == long.MaxValue)
        ? Decision.Invalid("expiresAtNanos", $"It is {end}, which is not a time to come (now is {now}); give a later one, or null for never.")
        : null;

    /// <summary>Where this may do more than a maker, and what the maker may; null where it may not.</summary>
    public (string Field, string Detail)? MoreThan(KeyPolicy maker)
    {
        if (this.Type == KeyType.Internal && maker.Type != KeyType.Internal)
        {
            return ("type", "The key that asks is charged, so it cannot make or change one that is not.");
        }

        if (Array.Find(this.Scopes, scope => !Account.Scopes.Cover(maker.Scopes, scope)) is { } more)
        {
            return ("scopes", $"The key that asks does not have the scope '{more}' itself.");
        }

        if (IsMore(this.Expires, maker.Expires))
        {
            return ("expiresAtNanos", "The key that asks ends sooner.");
        }

        if (maker.Workspace is not null && !string.Equals(this.Workspace, maker.Workspace, StringComparison.Ordinal))
        {
            return ("workspace", $"The key that asks spends in workspace '{maker.Workspace}' only.");
        }

        return MoreLimit("caps.dailyNanos", this.Caps.DailyNanos, maker.Caps.DailyNanos)
            ?? MoreLimit("caps.monthlyNanos", this.Caps.MonthlyNanos, maker.Caps.MonthlyNanos)
            ?? MoreLimit("caps.totalNanos", this.Caps.TotalNanos, maker.Caps.TotalNanos)
            ?? MoreLimit("rates.perMinute", this.Rates?.PerMinute, maker.Rates?.PerMinute)
            ?? MoreLimit("rates.perDay", this.Rates?.PerDay, maker.Rates?.PerDay)
            ?? this.MoreAddresses(maker);
    }

    private static (string Field, string Detail)? MoreLimit(string field, long? wanted, long? own) =>
        IsMore(wanted, own) ? (field, "The key that asks has a lower limit.") : null;

    // None is more than any.
    private static bool IsMore(long? wanted, long? own) => own is not null && (wanted is null || wanted > own);

    /// <summary>Where this may be used from elsewhere than a maker; null where it may not.</summary>
    public (string Field, string Detail)? MoreAddresses(KeyPolicy maker)
    {
        if (maker.Addresses is null)
        {
            return null;
        }

        AddressRange[] own = KeyPolicies.Ranges(maker.Addresses);
        AddressRange[]? wanted = this.Addresses is null ? null : KeyPolicies.Ranges(this.Addresses);
        return wanted is null || Array.Exists(wanted, w => !Array.Exists(own, o => o.Covers(in w)))
            ? ("addresses", "The key that asks may not be used from everywhere that this one might.")
            : null;
    }

    private static Decision? AddressesProblem(string[]? given, out string[]? addresses)
    {
        addresses = null;
        if (given is null or { Length: 0 })
        {
            return null;
        }

        if (given.Length > Ceilings.Addresses)
        {
            return Decision.Invalid("addresses", $"It lists {given.Length} addresses, at most {Ceilings.Addresses} are allowed; give ranges.");
        }

        addresses = new string[given.Length];
        for (int i = 0; i < given.Length; i++)
        {
            if (AddressRange.Problem(given[i], out AddressRange range) is { } problem)
            {
                return Decision.Invalid(At("addresses", i), problem);
            }

            addresses[i] = range.ToString();
        }

        return null;
    }

    private static Decision? MetadataProblem(MetadataItem[]? given, out MetadataItem[]? metadata)
    {
        metadata = null;
        if (given is null or { Length: 0 })
        {
            return null;
        }

        if (given.Length > Ceilings.Metadata)
        {
            return Decision.Invalid("metadata", $"It has {given.Length} members, at most {Ceilings.Metadata} are allowed.");
        }

        metadata = [.. given];
        for (int i = 0; i < given.Length; i++)
        {
            string? problem = given[i] is null ? "It is null; give a name and a value."
                : Text.NameProblem(given[i].Name) ?? Text.OptionalProblem(given[i].Value, Text.MaxReasonChars)
                ?? (given[i].Name.Length > Ceilings.MetadataNameChars ? $"Its name is longer than {Ceilings.MetadataNameChars} characters." : null)
                ?? (given[i].Value is null ? "It has no value." : null)
                ?? (Array.FindIndex(given, m => m?.Name == given[i].Name) < i ? $"The name '{given[i].Name}' stands there twice." : null);
            if (problem is not null)
            {
                return Decision.Invalid(At("metadata", i), problem);
            }
        }

        Array.Sort(metadata, static (x, y) => string.CompareOrdinal(x.Name, y.Name));
        return null;
    }

    private static string At(string field, int index) => string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]");
}
