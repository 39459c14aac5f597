namespace OrleansBilling.ApiHost.Http;

/// <summary>What an outcome is over HTTP.</summary>
/// <param name="Status">The status.</param>
/// <param name="Code">The stable code, in snake_case.</param>
/// <param name="Title">A short sentence, the same for every occurrence.</param>
internal readonly record struct OutcomeAnswer(int Status, string Code, string Title);

/// <summary>The one map from outcomes to HTTP. A missing outcome does not compile.</summary>
internal static class OutcomeMap
{
    /// <summary>What an outcome is over HTTP.</summary>
    /// <param name="outcome">The outcome.</param>
    public static OutcomeAnswer Answer(Outcome outcome) => outcome switch
    {
        Outcome.Accepted => new(200, "accepted", "Done."),
        Outcome.Unavailable => new(503, "unavailable", "The journal cannot be reached; nothing was decided."),
        Outcome.Overloaded => new(503, "overloaded", "The journal's queue is full; nothing was decided."),
        Outcome.InDoubt => new(503, "in_doubt", "The connection broke around the commit; repeat with the same request id."),
        Outcome.ClockSkew => new(503, "clock_skew", "This host's clock is off, or could not be compared with the database's; nothing was decided."),
        Outcome.GrainBroken => new(500, "grain_broken", "The account's journal is damaged; an operator has to look."),
        Outcome.Stopping => new(503, "stopping", "This host is stopping; nothing was decided."),
        Outcome.KeyProofBusy => new(503, "key_proof_busy", "Too many keys wait to be proven; nothing was decided."),
        Outcome.IdempotencyMismatch => new(422, "idempotency_mismatch", "The request id was used before with another body."),
        Outcome.Invalid => new(400, "invalid", "A field is not valid."),
        Outcome.AccountNotFound => new(404, "account_not_found", "There is no such account."),
        Outcome.AccountExists => new(409, "account_exists", "The account exists already."),
        Outcome.AccountSuspended => new(403, "account_suspended", "The account is suspended."),
        Outcome.AccountClosed => new(403, "account_closed", "The account is closed."),
        Outcome.AccountNotSuspended => new(409, "account_not_suspended", "The account is not suspended."),
        Outcome.AccountNotEmpty => new(409, "account_not_empty", "The account has credit, debt or open holds."),
        Outcome.KeyNotFound => new(404, "key_not_found", "There is no such key."),
        Outcome.KeyExists => new(409, "key_exists", "The key exists already."),
        Outcome.KeyRevoked => new(403, "key_revoked", "The key is revoked."),
        Outcome.KeyExpired => new(403, "key_expired", "The key has expired."),
        Outcome.AddressNotAllowed => new(403, "address_not_allowed", "The key may not be used from this address."),
        Outcome.ScopeMissing => new(403, "scope_missing", "The key lacks the scope that this needs."),
        Outcome.ExceedsMaker => new(403, "exceeds_maker", "A key cannot make, change or revoke one that may do more than itself."),
        Outcome.KeyRotated => new(409, "key_rotated", "The key was rotated; another has taken its place."),
        Outcome.LastAdminKey => new(409, "last_admin_key", "It is the last key that may do everything and never ends."),
        Outcome.ChargeNotFound => new(404, "charge_not_found", "There is no such charge."),
        Outcome.ReversalExceedsCharge => new(409, "reversal_exceeds_charge", "More would be reversed than is left of the charge."),
        Outcome.ReversalTooLate => new(409, "reversal_too_late", "The charge is too old to be reversed."),
        Outcome.HoldNotFound => new(404, "hold_not_found", "There is no such hold."),
        Outcome.HoldEnded => new(409, "hold_ended", "The hold has ended."),
        Outcome.WorkspaceNotFound => new(404, "workspace_not_found", "There is no such workspace."),
        Outcome.MeterNotFound => new(404, "meter_not_found", "There is no such meter."),
        Outcome.PriceNotFound => new(400, "price_not_found", "No price is configured for this model or endpoint; send an amount, or configure one under Billing:Prices."),
        Outcome.TooMany => new(409, "too_many", "The account has as many of these as it may have."),
        Outcome.Overflow => new(409, "overflow", "A balance or counter would leave its range."),
        Outcome.KeyMinuteRateExceeded => new(429, "key_minute_rate_exceeded", "The key has made as many requests as it may in a minute."),
        Outcome.KeyDailyRateExceeded => new(429, "key_daily_rate_exceeded", "The key has made as many requests as it may in a day."),
        Outcome.QuotaExceeded => new(429, "quota_exceeded", "The quota of this meter is used up."),
        Outcome.KeyDailyCapExceeded => new(402, "key_daily_cap_exceeded", "The key's daily cap is reached."),
        Outcome.KeyMonthlyCapExceeded => new(402, "key_monthly_cap_exceeded", "The key's monthly cap is reached."),
        Outcome.KeyTotalCapExceeded => new(402, "key_total_cap_exceeded", "The key's total cap is reached."),
        Outcome.WorkspaceDailyCapExceeded => new(402, "workspace_daily_cap_exceeded", "The workspace's daily cap is reached."),
        Outcome.WorkspaceMonthlyCapExceeded => new(402, "workspace_monthly_cap_exceeded", "The workspace's monthly cap is reached."),
        Outcome.WorkspaceTotalCapExceeded => new(402, "workspace_total_cap_exceeded", "The workspace's total cap is reached."),
        Outcome.DailyCapExceeded => new(402, "daily_cap_exceeded", "The account's daily cap is reached."),
        Outcome.MonthlyCapExceeded => new(402, "monthly_cap_exceeded", "The account's monthly cap is reached."),
        Outcome.InsufficientCredit => new(402, "insufficient_credit", "Available credit does not cover the amount."),
    };

    /// <summary>Whether the outcome says that the host could not decide, rather than what was decided.</summary>
    /// <param name="outcome">The outcome.</param>
    public static bool IsHostFailure(Outcome outcome) => outcome is > Outcome.Accepted and < Outcome.IdempotencyMismatch;

    /// <summary>Whether the outcome says that the request itself was wrong, rather than what the account allows.</summary>
    /// <param name="outcome">The outcome.</param>
    public static bool IsRequestMistake(Outcome outcome) => outcome is Outcome.IdempotencyMismatch or Outcome.Invalid;
}
