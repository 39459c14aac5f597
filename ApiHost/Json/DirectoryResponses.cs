using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Json;

/// <summary>One page of all accounts, by id.</summary>
/// <param name="Accounts">The accounts.</param>
/// <param name="NextCursor">Where the next page starts; left out on the last one.</param>
internal sealed record AccountsResponse(ListedAccountResponse[] Accounts, string? NextCursor);

/// <summary>An account as the directory has it.</summary>
internal sealed record ListedAccountResponse(string Account, string Status, string Tier, string Currency, Moment OpenedAt, Moment ChangedAt)
{
    /// <summary>An account as the directory has it.</summary>
    /// <param name="a">The account.</param>
    public static ListedAccountResponse From(ListedAccount a) =>
        new(a.Account, a.Status, a.Tier, a.Currency, new Moment(a.OpenedAtNanos), new Moment(a.ChangedAtNanos));
}

/// <summary>One page of what was done to accounts, newest first.</summary>
/// <param name="Entries">What was done.</param>
/// <param name="NextCursor">Where the next page starts; left out on the last one.</param>
internal sealed record AuditResponse(AuditEntryResponse[] Entries, string? NextCursor);

/// <summary>One thing that was done to an account.</summary>
/// <param name="Account">The account.</param>
/// <param name="Entry">The number of the journal's row.</param>
/// <param name="At">When.</param>
/// <param name="What">The event's type.</param>
/// <param name="Actor">The id of the key that asked for it; empty for the system itself.</param>
/// <param name="RequestId">The request's id.</param>
/// <param name="Change">What was recorded, without what proves a key.</param>
internal sealed record AuditEntryResponse(string Account, long Entry, Moment At, string What, string Actor, string? RequestId, StoredData Change);
