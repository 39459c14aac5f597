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

/// <summary>What an account had.</summary>
/// <param name="Account">The account.</param>
/// <param name="Entry">The number of the last entry that counts.</param>
/// <param name="At">When that was written.</param>
/// <param name="Currency">The account's currency.</param>
/// <param name="Balance">The balance after it.</param>
/// <param name="Held">What was held of it.</param>
/// <param name="Available">The balance less what was held.</param>
internal sealed record BalanceResponse(string Account, long Entry, Moment At, string Currency, Units Balance, Units Held, Units Available)
{
    /// <summary>A balance as the journal has it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="currency">The account's currency.</param>
    /// <param name="past">What the journal says.</param>
    public static BalanceResponse From(string account, string currency, PastBalance past) => new(
        account, past.Entry, new Moment(past.AtNanos), currency, new Units(past.BalanceNanos), new Units(past.HeldNanos), new Units(past.BalanceNanos - past.HeldNanos));
}
