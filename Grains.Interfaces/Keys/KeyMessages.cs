namespace OrleansBilling.Keys;

/// <summary>A command to a key grain.</summary>
public abstract record KeyCommand : Command
{
    private protected KeyCommand()
    {
    }
}

/// <summary>Records whose key this is and what proves its secret. Outcomes: KeyExists, Invalid. Accepted: <see cref="KeyIssued"/>.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Tag">The keyed tag of the secret, base64url.</param>
/// <param name="Pepper">Fingerprint of the pepper the tag was made with.</param>
public sealed record IssueKey(string Account, string Tag, string Pepper) : KeyCommand
{
    /// <summary>The Argon2id hash of the secret in PHC form; null for keys of releases that made none.</summary>
    public string? Hash { get; init; }
}

/// <summary>
/// Records the tag under another pepper, once the secret was proven by its hash. Outcomes: KeyNotFound, Invalid. Accepted:
/// <see cref="KeyProofRenewed"/>.
/// </summary>
/// <param name="Tag">The keyed tag of the secret, base64url.</param>
/// <param name="Pepper">Fingerprint of the pepper the tag was made with.</param>
public sealed record RenewKeyProof(string Tag, string Pepper) : KeyCommand;

/// <summary>Whose key it is and what proves it. Outcomes: KeyNotFound. Replies <see cref="KeyProof"/>.</summary>
public sealed record GetKeyProof : KeyCommand
{
    /// <inheritdoc/>
    public override bool IsRead => true;
}

/// <summary>Something that happened to a key.</summary>
public abstract record KeyEvent : Event
{
    private protected KeyEvent()
    {
    }
}

/// <summary>The key's owner and proof were recorded.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Tag">The keyed tag of the secret, base64url.</param>
/// <param name="Pepper">Fingerprint of the pepper the tag was made with.</param>
public sealed record KeyIssued(string Account, string Tag, string Pepper) : KeyEvent
{
    /// <summary>The Argon2id hash of the secret in PHC form; null for keys of releases that made none.</summary>
    public string? Hash { get; init; }
}

/// <summary>The key's tag was made anew, under another pepper.</summary>
/// <param name="Tag">The keyed tag of the secret, base64url.</param>
/// <param name="Pepper">Fingerprint of the pepper the tag was made with.</param>
public sealed record KeyProofRenewed(string Tag, string Pepper) : KeyEvent;

/// <summary>Whose key it is and what proves it.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Tag">The keyed tag of the secret, base64url.</param>
/// <param name="Pepper">Fingerprint of the pepper the tag was made with.</param>
public sealed record KeyProof(string Account, string Tag, string Pepper) : Reply(Outcome.Accepted)
{
    /// <summary>The Argon2id hash of the secret in PHC form; null for keys of releases that made none.</summary>
    public string? Hash { get; init; }
}
