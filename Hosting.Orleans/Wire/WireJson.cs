using System.Text.Json.Serialization;
using OrleansBilling.Account;
using OrleansBilling.Keys;

namespace OrleansBilling.Hosting.Orleans.Wire;

/// <summary>
/// The bodies of messages. Unlike the stored forms they name every property, defaults too: a quantity of 0 is not the quantity
/// that nobody gave.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FilledOpenAccount))]
[JsonSerializable(typeof(FilledSetTier))]
[JsonSerializable(typeof(FilledCreateKey))]
[JsonSerializable(typeof(SuspendAccount))]
[JsonSerializable(typeof(ResumeAccount))]
[JsonSerializable(typeof(CloseAccount))]
[JsonSerializable(typeof(PostCredit))]
[JsonSerializable(typeof(SetBalance))]
[JsonSerializable(typeof(SetLimits))]
[JsonSerializable(typeof(ResetQuota))]
[JsonSerializable(typeof(SetWorkspace))]
[JsonSerializable(typeof(GetAccount))]
[JsonSerializable(typeof(Charge))]
[JsonSerializable(typeof(Authorize))]
[JsonSerializable(typeof(ExtendHold))]
[JsonSerializable(typeof(CaptureHold))]
[JsonSerializable(typeof(ReleaseHold))]
[JsonSerializable(typeof(ReverseCharge))]
[JsonSerializable(typeof(RevokeKey))]
[JsonSerializable(typeof(FilledRevokeKey))]
[JsonSerializable(typeof(FilledUpdateKey))]
[JsonSerializable(typeof(FilledRotateKey))]
[JsonSerializable(typeof(RenewKeyProof))]
[JsonSerializable(typeof(SetZone))]
[JsonSerializable(typeof(SetProfile))]
[JsonSerializable(typeof(EraseProfile))]
[JsonSerializable(typeof(AskClusterChange))]
[JsonSerializable(typeof(FilledEndClusterChange))]
[JsonSerializable(typeof(FilledSetWorkspace))]
[JsonSerializable(typeof(CheckKey))]
[JsonSerializable(typeof(IssueKey))]
[JsonSerializable(typeof(GetKeyProof))]
[JsonSerializable(typeof(Denied))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(KeyProof))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="TierQuotas">What the host has for the tier.</param>
internal sealed record FilledOpenAccount(OpenAccount Body, QuotaLimit[]? TierQuotas);

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="TierQuotas">What the host has for the tier.</param>
internal sealed record FilledSetTier(SetTier Body, QuotaLimit[]? TierQuotas);

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="Key">The key's public id.</param>
/// <param name="Tag">What proves its secret.</param>
/// <param name="Pepper">Which pepper the tag was made with.</param>
internal sealed record FilledCreateKey(CreateKey Body, string Key, string Tag, string Pepper)
{
    /// <summary>What proves its secret without the pepper.</summary>
    public string? Hash { get; init; }

    /// <summary>The key that asks.</summary>
    public string? Maker { get; init; }
}

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="Maker">The key that asks.</param>
internal sealed record FilledUpdateKey(UpdateKey Body, string? Maker)
{
    /// <summary>The scope that has to stay.</summary>
    public string? Keeps { get; init; }
}

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="NewKey">The new key's public id.</param>
/// <param name="Prefix">The old key's prefix.</param>
/// <param name="Tag">What proves the new secret.</param>
/// <param name="Pepper">Which pepper the tag was made with.</param>
/// <param name="Hash">What proves it without the pepper.</param>
/// <param name="Maker">The key that asks.</param>
internal sealed record FilledRotateKey(RotateKey Body, string NewKey, string Prefix, string Tag, string Pepper, string? Hash, string? Maker)
{
    /// <summary>The scope that has to stay.</summary>
    public string? Keeps { get; init; }
}

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="Maker">The key that asks.</param>
internal sealed record FilledRevokeKey(RevokeKey Body, string? Maker)
{
    /// <summary>The scope that has to stay.</summary>
    public string? Keeps { get; init; }
}

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="Result">What came of the change.</param>
internal sealed record FilledEndClusterChange(EndClusterChange Body, string? Result);

/// <summary>A command with what the server filled in, which is no part of its body.</summary>
/// <param name="Body">The command.</param>
/// <param name="Maker">The key that asks.</param>
internal sealed record FilledSetWorkspace(SetWorkspace Body, string? Maker);
