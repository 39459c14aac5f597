using OrleansBilling.Account;
using OrleansBilling.ApiHost.Http;

namespace OrleansBilling.ApiHost.Json;

/// <summary>What a verification came to. Numbers that do not apply are left out.</summary>
internal sealed record VerifyResponse
{
    /// <summary>Whether the request may be served; it is charged then.</summary>
    public required bool Allowed { get; init; }

    /// <summary><c>accepted</c>, or why not.</summary>
    public required string Code { get; init; }

    /// <summary>The key's account; left out when the key is not proven.</summary>
    public string? Account { get; init; }

    /// <summary>The key's public id.</summary>
    public string? KeyId { get; init; }

    /// <summary>A sentence about a refusal, where the code does not say enough.</summary>
    public string? Detail { get; init; }

    /// <summary>The limit that refused it.</summary>
    public LimitResponse? Limit { get; init; }

    /// <summary>The charge's number, by which it can be reversed.</summary>
    public long? Charge { get; init; }

    /// <summary>What was charged.</summary>
    public Units? Charged { get; init; }

    /// <summary>The balance before.</summary>
    public Units? BalanceBefore { get; init; }

    /// <summary>The balance afterwards.</summary>
    public Units? Balance { get; init; }

    /// <summary>Balance less what is held.</summary>
    public Units? Available { get; init; }

    /// <summary>All that was ever spent on this account, less reversals.</summary>
    public Units? TotalSpent { get; init; }

    /// <summary>The limits that were checked, with what is used of them now.</summary>
    public LimitResponse[]? Checks { get; init; }

    /// <summary>The version of the prices, where the amount was worked out here.</summary>
    public string? PriceVersion { get; init; }

    /// <summary>True for an internal key: recorded, not charged.</summary>
    public bool? Internal { get; init; }

    /// <summary>When.</summary>
    public Moment? At { get; init; }

    /// <summary>True when an earlier request under the same id is answered again.</summary>
    public bool? Replayed { get; init; }
}

/// <summary>What the verifications of a batch came to.</summary>
/// <param name="Results">One for each item, in their order.</param>
internal sealed record BatchResponse(BatchItemResponse[] Results);

/// <summary>What one verification of a batch came to.</summary>
/// <param name="RequestId">Its id.</param>
/// <param name="Status">The HTTP status that it would have had alone.</param>
/// <param name="Answer">The answer, of status 200.</param>
/// <param name="Problem">The problem, of any other.</param>
internal sealed record BatchItemResponse(string? RequestId, int Status, VerifyResponse? Answer, ProblemBody? Problem);

/// <summary>What a charge came to.</summary>
internal sealed record ChargeResponse(
    string Account, long Charge, Units Charged, Units BalanceBefore, Units Balance, Units Held, Units Available, Units TotalSpent, string Meter,
    long Quantity, string? KeyId, string? Workspace, string? PriceVersion, bool? Internal, LimitResponse[]? Checks, Moment At, bool? Replayed)
{
    /// <summary>A charge as the grain recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static ChargeResponse From(string account, Accepted accepted, Charged e) => new(
        account, accepted.Seq, new Units(e.AmountNanos), new Units(e.BalanceNanos + e.AmountNanos), new Units(e.BalanceNanos), new Units(e.HeldNanos),
        new Units(e.BalanceNanos - e.HeldNanos), new Units(e.TotalSpentNanos), e.Meter, e.Quantity, e.Key, e.Workspace, e.PriceVersion,
        e.Internal ? true : null, LimitResponse.From(e.Checks), new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}

/// <summary>What a reversal came to.</summary>
internal sealed record ReversalResponse(
    string Account, long Reversal, long Charge, Units Amount, Units Reversed, Units Balance, Units Held, Units Available, Units TotalSpent, Moment At, bool? Replayed)
{
    /// <summary>A reversal as the grain recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static ReversalResponse From(string account, Accepted accepted, ChargeReversed e) => new(
        account, accepted.Seq, e.Charge, new Units(e.AmountNanos), new Units(e.ReversedNanos), new Units(e.BalanceNanos), new Units(e.HeldNanos),
        new Units(e.BalanceNanos - e.HeldNanos), new Units(e.TotalSpentNanos), new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}

/// <summary>A hold that was placed.</summary>
internal sealed record HoldResponse(
    string Account, long Hold, Units Amount, Units Balance, Units Held, Units Available, Moment ExpiresAt, string Meter, long Quantity, string? KeyId,
    string? Workspace, string? PriceVersion, bool? Internal, LimitResponse[]? Checks, Moment At, bool? Replayed)
{
    /// <summary>A hold as the grain recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static HoldResponse From(string account, Accepted accepted, HoldPlaced e) => new(
        account, accepted.Seq, new Units(e.AmountNanos), new Units(e.BalanceNanos), new Units(e.HeldNanos), new Units(e.BalanceNanos - e.HeldNanos),
        new Moment(e.ExpiresAtNanos), e.Meter, e.Quantity, e.Key, e.Workspace, e.PriceVersion, e.Internal ? true : null, LimitResponse.From(e.Checks),
        new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}

/// <summary>A hold whose expiry was moved.</summary>
internal sealed record ExtensionResponse(string Account, long Hold, Moment ExpiresAt, Moment At, bool? Replayed);

/// <summary>What a capture came to.</summary>
internal sealed record CaptureResponse(
    string Account, long Hold, long Charge, Units Charged, Units Released, Units Remaining, bool Final, Units Balance, Units Held, Units Available,
    Units TotalSpent, string? PriceVersion, bool? Internal, bool? Late, LimitResponse[]? Checks, Moment At, bool? Replayed)
{
    /// <summary>A capture as the grain recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static CaptureResponse From(string account, Accepted accepted, HoldCaptured e) => new(
        account, e.Hold, accepted.Seq, new Units(e.AmountNanos), new Units(e.ReleasedNanos), new Units(e.RemainingNanos), e.Final,
        new Units(e.BalanceNanos), new Units(e.HeldNanos), new Units(e.BalanceNanos - e.HeldNanos), new Units(e.TotalSpentNanos), e.PriceVersion,
        e.Internal ? true : null, null, LimitResponse.From(e.Checks), new Moment(accepted.AtNanos), accepted.Replayed ? true : null);

    /// <summary>The capture of a hold that had expired: a new charge.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static CaptureResponse From(string account, Accepted accepted, Charged e) => new(
        account, e.LateHold, accepted.Seq, new Units(e.AmountNanos), default, default, true, new Units(e.BalanceNanos), new Units(e.HeldNanos),
        new Units(e.BalanceNanos - e.HeldNanos), new Units(e.TotalSpentNanos), e.PriceVersion, e.Internal ? true : null, true,
        LimitResponse.From(e.Checks), new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}

/// <summary>A hold that was given back.</summary>
internal sealed record ReleaseResponse(
    string Account, long Hold, Units Released, Units Balance, Units Held, Units Available, Moment At, bool? Replayed)
{
    /// <summary>A release as the grain recorded it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="accepted">The reply.</param>
    /// <param name="e">Its event.</param>
    public static ReleaseResponse From(string account, Accepted accepted, HoldReleased e) => new(
        account, e.Hold, new Units(e.AmountNanos), new Units(e.BalanceNanos), new Units(e.HeldNanos), new Units(e.BalanceNanos - e.HeldNanos),
        new Moment(accepted.AtNanos), accepted.Replayed ? true : null);
}
