using System.Text.Json;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>What is personal of an account.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Email">Where to write to.</param>
/// <param name="Metadata">The vendor's own texts.</param>
internal sealed record Profile(string? Name, string? Email, SortedDictionary<string, string>? Metadata)
{
    private static readonly FieldSet Fields = new(RequestIds.Member, "name", "email", "metadata", "reason");

    /// <summary>Reads a profile; it replaces the one before, all of it.</summary>
    /// <param name="body">The reader.</param>
    public static (string? RequestId, Profile Profile, string? Reason) Read(ref BodyReader body)
    {
        (string? RequestId, Profile Profile, string? Reason) read = (null, new Profile(null, null, null), null);
        int index;
        while ((index = body.Next(Fields)) >= 0)
        {
            switch (index)
            {
                case 0: read.RequestId = RequestIds.Read(ref body); break;
                case 1: read.Profile = read.Profile with { Name = body.Text(Bounds.Sentence) }; break;
                case 2: read.Profile = read.Profile with { Email = Address(ref body) }; break;
                case 3: read.Profile = read.Profile with { Metadata = KeyResponse.MetadataOf(KeyBody.Metadata(ref body, [])) }; break;
                default: read.Reason = body.Text(Bounds.Sentence); break;
            }
        }

        return read;
    }

    /// <summary>The profile as it is stored.</summary>
    public string ToStored() => JsonSerializer.Serialize(this, ApiJson.Default.Profile);

    /// <summary>A profile that was stored.</summary>
    /// <param name="data">Its JSON.</param>
    public static Profile FromStored(string data) => JsonSerializer.Deserialize(data, ApiJson.Default.Profile)!;

    // Whether mail gets there only mail can tell; what has no @ between two texts is a slip.
    private static string? Address(ref BodyReader body)
    {
        string? email = body.Text(Bounds.Sentence);
        if (email is not null && (email.Count('@') != 1 || email[0] == '@' || email[^1] == '@' || email.Contains(' ', StringComparison.Ordinal)))
        {
            body.Fail("must be an e-mail address, such as ada@example.com");
        }

        return email;
    }
}

/// <summary>An account's profile.</summary>
/// <param name="Account">The account.</param>
/// <param name="Name">Whose it is.</param>
/// <param name="Email">Where to write to.</param>
/// <param name="Metadata">The vendor's own texts.</param>
/// <param name="ChangedAt">When it was set.</param>
internal sealed record ProfileResponse(string Account, string? Name, string? Email, SortedDictionary<string, string>? Metadata, Moment ChangedAt);
