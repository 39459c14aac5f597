namespace OrleansBilling.Grains.Account;

/// <summary>A spend with everything looked up: what the checks look at and the event records.</summary>
internal struct Spend
{
    public long Amount;
    public long Quantity;
    public string Meter;
    public string? KeyId;
    public string? WorkspaceName;
    public string? PriceVersion;

    /// <summary>The key that counts what is spent; null where there is no key, or it is an internal one.</summary>
    public KeyState? Key;

    /// <summary>The key whose requests are limited; null for what was requested before.</summary>
    public KeyState? Requester;

    /// <summary>Null where the workspace has no caps.</summary>
    public WorkspaceState? Workspace;
    public bool Internal;
}
