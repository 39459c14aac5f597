using OrleansBilling.Account;

namespace OrleansBilling.ApiHost.Json;

/// <summary>A change of an account that needs no more to be said about it.</summary>
/// <param name="Account">The account.</param>
/// <param name="Entry">The number of the journal's row.</param>
/// <param name="At">When.</param>
/// <param name="Replayed">True when an earlier request under the same id is answered again.</param>
internal sealed record ChangeResponse(string Account, long Entry, Moment At, bool? Replayed);

/// <summary>An account that was opened, as it was then.</summary>
internal sealed record OpenedResponse(
    string Account, long Entry, string Status, string Mode, string Currency, string Zone, int AnchorDay, Units CreditLimit, string Tier,
    SortedDictionary<string, long?> Quotas, Moment At, bool? Replayed)
{
    /// <summary>An opening as the grain recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static OpenedResponse From(string account, Accepted accepted, AccountOpened e) => new(
        account, accepted.Seq, AccountResponse.Name(AccountStatus.Active), KeyBody.Name(e.Mode), e.Currency, e.Zone, e.AnchorDay, new Units(e.CreditLimitNanos), e.Tier,
        new SortedDictionary<string, long?>(e.Quotas.ToDictionary(static q => q.Meter, static q => q.Max, StringComparer.Ordinal), StringComparer.Ordinal),
        new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}

/// <summary>A credit or debit.</summary>
internal sealed record CreditResponse(
    string Account, long Entry, string Kind, Units Amount, Units Balance, Units? Grant, int? Priority, Moment? ExpiresAt, string? Reference, string? Reason,
    Moment At, bool? Replayed)
{
    /// <summary>A credit as the grain recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static CreditResponse From(string account, Accepted accepted, CreditPosted e)
    {
        bool grant = e.GrantNanos > 0;
        return new CreditResponse(
            account, accepted.Seq, AccountBody.Name(e.Kind), new Units(e.AmountNanos), new Units(e.BalanceNanos), grant ? new Units(e.GrantNanos) : null,
            grant ? e.Priority : null, Moment.From(e.ExpiresAtNanos), e.Reference, e.Reason, new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
    }
}

/// <summary>A grant of credit.</summary>
internal sealed record GrantResponse(long Grant, string Kind, Units Remaining, int Priority, Moment? ExpiresAt);

/// <summary>An open hold.</summary>
internal sealed record OpenHoldResponse(
    long Hold, Units Remaining, Units Captured, Moment PlacedAt, Moment ExpiresAt, string? KeyId, string? Workspace, string Meter, long Quantity);

/// <summary>A workspace and its caps.</summary>
internal sealed record WorkspaceResponse(string Workspace, LimitResponse[] Limits)
{
    /// <summary>A workspace as its account sees it.</summary>
    /// <param name="view">What the grain said.</param>
    public static WorkspaceResponse From(WorkspaceView view) => new(view.Workspace, LimitResponse.From(view.Limits)!);
}

/// <summary>The workspaces of an account, by name.</summary>
internal sealed record WorkspacesResponse(string Account, WorkspaceResponse[] Workspaces);

/// <summary>What a customer sees of its account.</summary>
internal sealed record WalletResponse(
    string Account, string Status, string Mode, string Currency, string Zone, string Tier, Units Balance, Units Held, Units Available, Units CreditLimit, Units TotalSpent,
    LimitResponse[] Limits, GrantResponse[] Grants, OpenHoldResponse[] Holds, Moment At)
{
    /// <summary>A wallet as the grain sees it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="view">What the grain said.</param>
    public static WalletResponse From(string account, AccountView view) => new(
        account, AccountResponse.Name(view.Status), KeyBody.Name(view.Mode), view.Currency, view.Zone, view.Tier, new Units(view.BalanceNanos), new Units(view.HeldNanos),
        new Units(view.AvailableNanos), new Units(view.CreditLimitNanos), new Units(view.TotalSpentNanos), LimitResponse.From(view.Limits)!,
        AccountResponse.GrantsOf(view), AccountResponse.HoldsOf(view), new Moment(view.AtNanos));
}

/// <summary>All of an account.</summary>
internal sealed record AccountResponse(
    string Account, long Entry, string Status, string Mode, string Currency, string Zone, int AnchorDay, string Tier, Units Balance, Units Held, Units Available,
    Units CreditLimit, Units? LowBalance, Units TotalSpent, LimitResponse[] Limits, GrantResponse[] Grants, OpenHoldResponse[] Holds, KeyResponse[] Keys,
    WorkspaceResponse[] Workspaces, Moment At)
{
    /// <summary>An account as its grain sees it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="view">What the grain said.</param>
    public static AccountResponse From(string account, AccountView view) => new(
        account, view.Seq, Name(view.Status), KeyBody.Name(view.Mode), view.Currency, view.Zone, view.AnchorDay, view.Tier, new Units(view.BalanceNanos), new Units(view.HeldNanos),
        new Units(view.AvailableNanos), new Units(view.CreditLimitNanos), Units.From(view.LowBalanceNanos), new Units(view.TotalSpentNanos),
        LimitResponse.From(view.Limits)!, GrantsOf(view), HoldsOf(view), Array.ConvertAll(view.Keys, KeyResponse.From),
        Array.ConvertAll(view.Workspaces, WorkspaceResponse.From), new Moment(view.AtNanos));

    /// <summary>An account's status as it stands in JSON.</summary>
    /// <param name="status">The status.</param>
    public static string Name(AccountStatus status) => status switch
    {
        AccountStatus.None => "none",
        AccountStatus.Active => "active",
        AccountStatus.Suspended => "suspended",
        AccountStatus.Closed => "closed",
    };

    /// <summary>The grants of a view.</summary>
    /// <param name="view">The view.</param>
    public static GrantResponse[] GrantsOf(AccountView view) => Array.ConvertAll(
        view.Grants, g => new GrantResponse(g.Grant, AccountBody.Name(g.Kind), new Units(g.RemainingNanos), g.Priority, Moment.From(g.ExpiresAtNanos)));

    /// <summary>The holds of a view.</summary>
    /// <param name="view">The view.</param>
    public static OpenHoldResponse[] HoldsOf(AccountView view) => Array.ConvertAll(
        view.Holds,
        h => new OpenHoldResponse(
            h.Hold, new Units(h.RemainingNanos), new Units(h.CapturedNanos), new Moment(h.PlacedAtNanos), new Moment(h.ExpiresAtNanos), h.Key, h.Workspace, h.Meter, h.Quantity));
}

/// <summary>Whether the host lives, or is ready.</summary>
/// <param name="Status"><c>live</c> or <c>ready</c>.</param>
internal sealed record HealthResponse(string Status);
