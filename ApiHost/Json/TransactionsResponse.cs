using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Json;

/// <summary>One page of an account's statement, newest first.</summary>
/// <param name="Account">The account.</param>
/// <param name="Transactions">The entries.</param>
/// <param name="NextCursor">Where the next page starts; left out on the last one.</param>
internal sealed record TransactionsResponse(string Account, TransactionResponse[] Transactions, string? NextCursor);

/// <summary>One change of a balance.</summary>
internal sealed record TransactionResponse(
    long Entry, Moment At, string Kind, Units Amount, Units Balance, long? Charge, long? Hold, long? Grant, string? KeyId, string? Workspace, string? Meter,
    long? Quantity, string? Reference, string? Reason, string? RequestId)
{
    /// <summary>An entry as the journal has it.</summary>
    /// <param name="t">The entry.</param>
    public static TransactionResponse From(AccountTransaction t) => new(
        t.Seq, new Moment(t.AtNanos), t.Kind, new Units(t.AmountNanos), new Units(t.BalanceNanos), t.Charge, t.Hold, t.Grant, t.Key, t.Workspace, t.Meter,
        t.Meter is null ? null : t.Quantity, t.Reference, t.Reason, t.RequestId);
}
