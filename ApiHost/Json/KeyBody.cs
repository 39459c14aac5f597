using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Json;

/// <summary>The body that makes a key.</summary>
internal static class KeyBody
{
    private static readonly string[] Types = ["standard", "internal"];
    private static readonly FieldSet Fields = new(RequestIds.Member, "name", "type", "scopes", "expiresAt", "workspace", "caps", "prefix");

    /// <summary>Reads it.</summary>
    /// <param name="body">The reader.</param>
    public static CreateKey Create(ref BodyReader body)
    {
        CreateKey command = new();
        int index;
        while ((index = body.Next(Fields)) >= 0)
        {
            command = index switch
            {
                0 => command with { RequestId = RequestIds.Read(ref body) },
                1 => command with { Name = body.Text(Bounds.Name) },
                2 => command with { Type = (KeyType)(body.Word(Types) ?? 0) },
                3 => command with { Scopes = body.Texts(Bounds.Scopes, Bounds.Name) ?? [] },
                4 => command with { ExpiresAtNanos = body.Moment() },
                5 => command with { Workspace = body.Text(Bounds.Name) },
                6 => command with { Caps = AccountBody.ReadCaps(ref body) },
                _ => command with { Prefix = Prefix(ref body) ?? command.Prefix },
            };
        }

        return command;
    }

    /// <summary>A key's type as it stands in JSON.</summary>
    /// <param name="type">The type.</param>
    public static string Name(KeyType type) => Types[(int)type];

    private static string? Prefix(ref BodyReader body)
    {
        string? prefix = body.Text(ApiKey.MaxPrefixLength);
        if (prefix is not null && !ApiKey.IsPrefix(prefix))
        {
            body.Fail("must be words of letters and digits that each end with an underscore, such as sk_ or sk_live_");
        }

        return prefix;
    }
}
