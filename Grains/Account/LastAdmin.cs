namespace OrleansBilling.Grains.Account;

/// <summary>
/// Keeps the vendor from shutting itself out: of the keys that have a scope without an end, and whose place no other has taken, one
/// always stays. A key that ends some day does not count, or the last one would end by itself.
/// </summary>
internal static class LastAdmin
{
    /// <summary>Why a key cannot be ended, or null.</summary>
    /// <param name="s">The state.</param>
    /// <param name="key">The key.</param>
    /// <param name="scope">The scope that has to stay, or null.</param>
    public static Decision? Problem(AccountState s, KeyState key, string? scope)
    {
        if (scope is null || !Lasts(key, scope))
        {
            return null;
        }

        foreach (KeyState other in s.Keys.AsSpan())
        {
            if (other != key && Lasts(other, scope))
            {
                return null;
            }
        }

        return Decision.Deny(
            Outcome.LastAdminKey,
            "key",
            $"It is the last one with the scope '{scope}' that never ends. Make another first; or rotate it with a grace period, in which the new one can be tried.");
    }

    /// <summary>Why a key cannot be changed so, or null: one that keeps the scope, has no end and is not bound to fewer addresses can.</summary>
    /// <param name="s">The state.</param>
    /// <param name="key">The key.</param>
    /// <param name="scope">The scope that has to stay, or null.</param>
    /// <param name="before">What it may do.</param>
    /// <param name="after">What it would be able to.</param>
    public static Decision? Problem(AccountState s, KeyState key, string? scope, KeyPolicy before, KeyPolicy after) =>
        scope is not null && Scopes.Cover(after.Scopes, scope) && after.Expires is null && before.MoreAddresses(after) is null
            ? null
            : Problem(s, key, scope);

    private static bool Lasts(KeyState key, string scope) =>
        !key.Revoked && key.Successor is null && key.Expires == long.MaxValue && Scopes.Cover(key.Scopes, scope);
}
