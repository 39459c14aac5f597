using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Compares what reads show, lists included.</summary>
internal static class Views
{
    public static bool Same(AccountView x, AccountView y) =>
        x.Seq == y.Seq && x.AtNanos == y.AtNanos && x.Status == y.Status && x.Mode == y.Mode && x.Currency == y.Currency && x.Zone == y.Zone
        && x.AnchorDay == y.AnchorDay && x.BalanceNanos == y.BalanceNanos && x.HeldNanos == y.HeldNanos
        && x.CreditLimitNanos == y.CreditLimitNanos && x.TotalSpentNanos == y.TotalSpentNanos && x.LowBalanceNanos == y.LowBalanceNanos
        && x.Tier == y.Tier && x.Day == y.Day && x.Month == y.Month && SameLimits(x.Limits, y.Limits) && x.Grants.AsSpan().SequenceEqual(y.Grants)
        && x.Holds.AsSpan().SequenceEqual(y.Holds) && All(x.Keys, y.Keys, Same)
        && All(x.Workspaces, y.Workspaces, (a, b) => a.Workspace == b.Workspace && a.Limits.AsSpan().SequenceEqual(b.Limits));

    // The contract names no order of the quotas, and a meter that is unlimited and unused need not be shown.
    private static bool SameLimits(Limit[] x, Limit[] y)
    {
        static IEnumerable<Limit> Told(Limit[] limits) => limits
            .Where(l => !l.Name.StartsWith("quota:", StringComparison.Ordinal) || l.Max >= 0 || l.Used != 0)
            .OrderBy(l => l.Name, StringComparer.Ordinal);
        return x.AsSpan().SequenceEqual(y) || Told(x).SequenceEqual(Told(y));
    }

    public static bool Same(KeyView x, KeyView y) =>
        x.Key == y.Key && x.Prefix == y.Prefix && x.Name == y.Name && x.Type == y.Type && x.Scopes.AsSpan().SequenceEqual(y.Scopes)
        && x.Revoked == y.Revoked && x.ExpiresAtNanos == y.ExpiresAtNanos && x.Workspace == y.Workspace
        && x.Limits.AsSpan().SequenceEqual(y.Limits) && x.Rates.AsSpan().SequenceEqual(y.Rates) && x.Mode == y.Mode
        && (x.Addresses ?? []).AsSpan().SequenceEqual(y.Addresses ?? []) && (x.Metadata ?? []).AsSpan().SequenceEqual(y.Metadata ?? [])
        && x.LastUsedAtNanos == y.LastUsedAtNanos && x.Requests == y.Requests && x.Successor == y.Successor;

    private static bool All<T>(T[] x, T[] y, Func<T, T, bool> same)
    {
        if (x.Length != y.Length)
        {
            return false;
        }

        for (int i = 0; i < x.Length; i++)
        {
            if (!same(x[i], y[i]))
            {
                return false;
            }
        }

        return true;
    }
}
