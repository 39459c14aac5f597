using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The bodies that make, change and rotate keys.</summary>
internal static class KeyBody
{
    private const string DefaultTestPrefix = "sk_test_";

    private static readonly string[] Types = ["standard", "internal"];
    private static readonly string[] Modes = ["live", "test"];
    private static readonly FieldSet Fields = new(
        RequestIds.Member, "name", "type", "mode", "scopes", "expiresAt", "workspace", "caps", "rates", "addresses", "metadata", "prefix", "reason");

    private static readonly FieldSet ChangeFields = new(
        RequestIds.Member, "name", "scopes", "expiresAt", "workspace", "caps", "rates", "addresses", "metadata", "reason");

    private static readonly FieldSet CapFields = new("daily", "monthly", "total");
    private static readonly FieldSet RateFields = new("perMinute", "perDay");
    private static readonly FieldSet RotationFields = new(RequestIds.Member, "graceSeconds", "reason");

    /// <summary>Reads what a new key shall be.</summary>
    /// <param name="body">The reader.</param>
    public static CreateKey Create(ref BodyReader body)
    {
        CreateKey command = new();
        string? prefix = null;
        int index;
        while ((index = body.Next(Fields)) >= 0)
        {
            switch (index)
            {
                case 0: command = command with { RequestId = RequestIds.Read(ref body) }; break;
                case 1: command = command with { Name = body.Text(Bounds.Name) }; break;
                case 2: command = command with { Type = (KeyType)(body.Word(Types) ?? 0) }; break;
                case 3: command = command with { Mode = Mode(ref body) }; break;
                case 4: command = command with { Scopes = body.Texts(Bounds.Scopes, Bounds.Name) ?? [] }; break;
                case 5: command = command with { ExpiresAtNanos = body.Moment() }; break;
                case 6: command = command with { Workspace = body.Text(Bounds.Name) }; break;
                case 7: command = command with { Caps = AccountBody.ReadCaps(ref body) }; break;
                case 8: command = command with { Rates = ReadRates(ref body, out _) }; break;
                case 9: command = command with { Addresses = Addresses(ref body) }; break;
                case 10: command = command with { Metadata = Metadata(ref body, []) }; break;
                case 11: prefix = Prefix(ref body); break;
                default: command = command with { Reason = body.Text(Bounds.Sentence) }; break;
            }
        }

        return command with { Prefix = prefix ?? (command.Mode == AccountMode.Test ? DefaultTestPrefix : command.Prefix) };
    }

    /// <summary>
    /// Reads a change in the way of RFC 7396: a member that is not there changes nothing, null takes away, objects are merged
    /// member by member, arrays are replaced.
    /// </summary>
    /// <param name="body">The reader.</param>
    public static UpdateKey Change(ref BodyReader body)
    {
        UpdateKey command = new() { Key = "" };
        KeyParts clear = KeyParts.None;
        int index;
        while ((index = body.Next(ChangeFields)) >= 0)
        {
            clear |= body.IsAtNull ? WithoutValue(index) : KeyParts.None;
            switch (index)
            {
                case 0: command = command with { RequestId = RequestIds.Read(ref body) }; break;
                case 1: command = command with { Name = body.Text(Bounds.Name) }; break;
                case 2: command = command with { Scopes = body.Texts(Bounds.Scopes, Bounds.Name) ?? [] }; break;
                case 3: command = command with { ExpiresAtNanos = body.Moment() }; break;
                case 4: command = command with { Workspace = body.Text(Bounds.Name) }; break;
                case 5: command = command with { Caps = ReadCaps(ref body, ref clear) }; break;
                case 6:
                    command = command with { Rates = ReadRates(ref body, out KeyParts rates) };
                    clear |= rates;
                    break;
                case 7: command = command with { Addresses = Addresses(ref body) }; break;
                case 8:
                    List<string> removed = [];
                    command = command with { Metadata = Metadata(ref body, removed), RemoveMetadata = removed.Count == 0 ? null : [.. removed] };
                    break;
                default: command = command with { Reason = body.Text(Bounds.Sentence) }; break;
            }
        }

        // An empty list is none.
        return command.Addresses is { Length: 0 }
            ? command with { Addresses = null, Clear = clear | KeyParts.Addresses }
            : command with { Clear = clear };
    }

    /// <summary>Reads a rotation.</summary>
    /// <param name="body">The reader.</param>
    public static RotateKey Rotation(ref BodyReader body)
    {
        RotateKey command = new() { Key = "", GraceNanos = Bounds.GraceSeconds * Money.NanosPerUnit };
        int index;
        while ((index = body.Next(RotationFields)) >= 0)
        {
            command = index switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { GraceNanos = (body.Integer(0, Bounds.MaxGraceSeconds) ?? Bounds.GraceSeconds) * Money.NanosPerUnit },
                _ => command with { Reason = body.Text(Bounds.Sentence) },
            };
        }

        return command;
    }

    /// <summary>Reads a mode, or null.</summary>
    /// <param name="body">The reader, on the member.</param>
    public static AccountMode? Mode(ref BodyReader body) => (AccountMode?)body.Word(Modes);

    /// <summary>A key's type as it stands in JSON.</summary>
    /// <param name="type">The type.</param>
    public static string Name(KeyType type) => Types[(int)type];

    /// <summary>A mode as it stands in JSON.</summary>
    /// <param name="mode">The mode.</param>
    public static string Name(AccountMode mode) => Modes[(int)mode];

    // What null takes away, by the member's place; scopes are replaced by none.
    private static KeyParts WithoutValue(int index) => index switch
    {
        1 => KeyParts.Name,
        3 => KeyParts.Expiry,
        4 => KeyParts.Workspace,
        5 => KeyParts.DailyCap | KeyParts.MonthlyCap | KeyParts.TotalCap,
        6 => KeyParts.RatePerMinute | KeyParts.RatePerDay,
        7 => KeyParts.Addresses,
        8 => KeyParts.Metadata,
        _ => KeyParts.None,
    };

    private static Caps? ReadCaps(ref BodyReader body, ref KeyParts clear)
    {
        if (!body.Enter(out (ulong Seen, string Parent) outer))
        {
            return null;
        }

        Caps caps = new();
        int index;
        while ((index = body.Next(CapFields)) >= 0)
        {
            clear |= body.IsAtNull ? (KeyParts)((int)KeyParts.DailyCap << index) : KeyParts.None;
            long? nanos = AmountBody.NotNegative(ref body);
            caps = index switch
            {
                0 => caps with { DailyNanos = nanos },
                1 => caps with { MonthlyNanos = nanos },
                _ => caps with { TotalNanos = nanos },
            };
        }

        body.Leave(outer);
        return caps;
    }

    private static Rates? ReadRates(ref BodyReader body, out KeyParts cleared)
    {
        cleared = KeyParts.None;
        if (!body.Enter(out (ulong Seen, string Parent) outer))
        {
            return null;
        }

        Rates rates = new();
        int index;
        while ((index = body.Next(RateFields)) >= 0)
        {
            cleared |= body.IsAtNull ? (KeyParts)((int)KeyParts.RatePerMinute << index) : KeyParts.None;
            long? max = body.Integer(1, Bounds.Rate);
            rates = index == 0 ? rates with { PerMinute = max } : rates with { PerDay = max };
        }

        body.Leave(outer);
        return rates;
    }

    private static string[]? Addresses(ref BodyReader body) => body.Texts(Bounds.Addresses, Bounds.IpAddress + 4);

    /// <summary>Reads texts by name.</summary>
    /// <param name="body">The reader, on the member.</param>
    /// <param name="removed">Receives the names whose text is null.</param>
    public static MetadataItem[]? Metadata(ref BodyReader body, List<string> removed)
    {
        if (!body.Enter(out (ulong Seen, string Parent) outer))
        {
            return null;
        }

        List<MetadataItem> items = [];
        while (body.NextKey(Bounds.Name) is { } name)
        {
            if (items.Exists(i => i.Name == name) || removed.Contains(name))
            {
                body.FailAt(FieldError.Duplicate, "metadata." + name, $"'metadata.{name}' stands twice in the body; send it once.");
            }

            if (items.Count + removed.Count == Bounds.Metadata * 2)
            {
                body.Fail($"is one too many: a key has at most {Bounds.Metadata} members of metadata");
            }

            if (body.Text(Bounds.Sentence) is { } value)
            {
                items.Add(new MetadataItem(name, value));
            }
            else
            {
                removed.Add(name);
            }
        }

        body.Leave(outer);
        return [.. items];
    }

    private static string? Prefix(ref BodyReader body)
    {
        string? prefix = body.Text(ApiKey.MaxPrefixLength);
        if (prefix is not null && !ApiKey.IsPrefix(prefix))
        {
            body.Fail("must be words of letters and digits that each end with an underscore or a hyphen, such as sk_, tb_prod_ or pp_live-");
        }

        return prefix;
    }
}
