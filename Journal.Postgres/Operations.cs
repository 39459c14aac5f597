namespace OrleansBilling.Journal.Postgres;

/// <summary>The rows that are not a customer's requests: what the indexes <c>journal_operations</c> and <c>journal_operations_by_grain</c> hold.</summary>
internal static class Operations
{
    /// <summary>The condition of <c>journal_operations</c>, word for word, of the journal as <c>j</c>.</summary>
    public const string ByCommit = OfGrain + " AND j.tx > '0'";

    /// <summary>The condition of <c>journal_operations_by_grain</c>, word for word, of the journal as <c>j</c>.</summary>
    public const string OfGrain =
        "j.type NOT IN ('charged', 'hold_placed', 'hold_captured', 'hold_released', 'hold_extended', 'hold_expired', 'grant_expired', 'key_issued', 'key_proof_renewed')";
}
