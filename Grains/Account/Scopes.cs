namespace OrleansBilling.Grains.Account;

/// <summary>
/// What keys may do, in the vendor's words. A scope covers itself; <c>*</c> covers all, <c>api:*</c> all that starts with <c>api:</c>.
/// </summary>
internal static class Scopes
{
    private const string Everything = "*";
    private const string Below = ":*";

    /// <summary>What is wrong with a scope, or null.</summary>
    public static string? Problem(string? scope)
    {
        if (Text.NameProblem(scope) is { } problem)
        {
            return problem;
        }

        int star = scope!.IndexOf('*', StringComparison.Ordinal);
        return star < 0 || scope == Everything || (star == scope.Length - 1 && star > 1 && scope.EndsWith(Below, StringComparison.Ordinal))
            ? null
            : $"'{scope}' has a star where none is understood; give '*' alone, or one after the last colon, such as api:*.";
    }

    /// <summary>Whether one of these covers a scope.</summary>
    public static bool Cover(string[]? scopes, string wanted)
    {
        foreach (string has in scopes ?? [])
        {
            if (string.Equals(has, wanted, StringComparison.Ordinal)
                || string.Equals(has, Everything, StringComparison.Ordinal)
                || (has.EndsWith(Below, StringComparison.Ordinal) && wanted.AsSpan().StartsWith(has.AsSpan(0, has.Length - 1), StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
