namespace OrleansBilling;

/// <summary>
/// The address of one grain: <c>kind/key</c>, for example <c>account/acme</c>.
/// The path is what the journal stores, at most <see cref="MaxBytes"/> bytes of UTF-8.
/// </summary>
/// <param name="Path">The whole address, kind and key, separated by the first slash.</param>
public readonly record struct GrainId(string Path)
{
    /// <summary>The longest path the journal takes, in UTF-8 bytes.</summary>
    public const int MaxBytes = 128;

    /// <summary>The kind of account grains.</summary>
    public const string AccountKind = "account";

    /// <summary>The kind of API key grains.</summary>
    public const string KeyKind = "key";

    /// <summary>The part before the first slash.</summary>
    public string Kind => Path[..Path.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The part after the first slash.</summary>
    public string Key => Path[(Path.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The grain that owns an account.</summary>
    /// <param name="account">The account's id, as the vendor chose it.</param>
    public static GrainId Account(string account) => new($"{AccountKind}/{account}");

    /// <summary>The grain that owns a key's proof.</summary>
    /// <param name="keyId">The key's public id (route and id, without prefix and secret).</param>
    public static GrainId ForKey(string keyId) => new($"{KeyKind}/{keyId}");

    /// <inheritdoc/>
    public override string ToString() => Path;
}
