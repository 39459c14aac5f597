using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansBilling.Account;
using OrleansBilling.Keys;

namespace OrleansBilling.Json;

/// <summary>
/// How events are stored: a type name in the row's <c>type</c> column and JSON in <c>data</c>. A stored form never changes; an
/// event that needs another form gets a new type name. New optional members may be added; a release that does not know one
/// refuses the row, as it refuses an unknown type.
/// </summary>
public static class EventJson
{
    private static readonly (string Name, JsonTypeInfo Info)[] Types =
    [
        ("account_opened", EventJsonContext.Default.AccountOpened),
        ("account_suspended", EventJsonContext.Default.AccountSuspended),
        ("account_resumed", EventJsonContext.Default.AccountResumed),
        ("account_closed", EventJsonContext.Default.AccountClosed),
        ("credit_posted", EventJsonContext.Default.CreditPosted),
        ("grant_expired", EventJsonContext.Default.GrantExpired),
        ("charged", EventJsonContext.Default.Charged),
        ("charge_reversed", EventJsonContext.Default.ChargeReversed),
        ("hold_placed", EventJsonContext.Default.HoldPlaced),
        ("hold_extended", EventJsonContext.Default.HoldExtended),
        ("hold_captured", EventJsonContext.Default.HoldCaptured),
        ("hold_released", EventJsonContext.Default.HoldReleased),
        ("hold_expired", EventJsonContext.Default.HoldExpired),
        ("limits_set", EventJsonContext.Default.LimitsSet),
        ("tier_set", EventJsonContext.Default.TierSet),
        ("quota_reset", EventJsonContext.Default.QuotaReset),
        ("workspace_set", EventJsonContext.Default.WorkspaceSet),
        ("low_balance_crossed", EventJsonContext.Default.LowBalanceCrossed),
        ("key_created", EventJsonContext.Default.KeyCreated),
        ("key_revoked", EventJsonContext.Default.KeyRevoked),
        ("key_issued", EventJsonContext.Default.KeyIssued),
        ("key_updated", EventJsonContext.Default.KeyUpdated),
        ("key_proof_renewed", EventJsonContext.Default.KeyProofRenewed),
        ("zone_set", EventJsonContext.Default.ZoneSet),
        ("cluster_change_asked", EventJsonContext.Default.ClusterChangeAsked),
        ("cluster_change_ended", EventJsonContext.Default.ClusterChangeEnded),
        ("profile_set", EventJsonContext.Default.ProfileSet),
        ("profile_erased", EventJsonContext.Default.ProfileErased),
    ];

    private static readonly FrozenDictionary<string, JsonTypeInfo> ByName = Types.ToFrozenDictionary(t => t.Name, t => t.Info, StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, (string Name, JsonTypeInfo Info)> ByType = Types.ToFrozenDictionary(t => t.Info.Type, t => t);

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>Every stored type name.</summary>
    public static IEnumerable<string> TypeNames => Types.Select(t => t.Name);

    /// <summary>The name an event is stored under.</summary>
    /// <param name="e">Any event.</param>
    public static string TypeName(Event e) => ByType[e.GetType()].Name;

    /// <summary>Writes an event's stored form.</summary>
    /// <param name="e">Any event.</param>
    /// <param name="output">Receives UTF-8 JSON.</param>
    public static void Write(Event e, IBufferWriter<byte> output)
    {
        Utf8JsonWriter json = writer ??= new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.Reset(output);
        JsonSerializer.Serialize(json, e, ByType[e.GetType()].Info);
        json.Flush();
    }

    /// <summary>Reads an event back. An unknown type or a broken form is an error, never skipped.</summary>
    /// <param name="type">The row's type name.</param>
    /// <param name="data">The row's data.</param>
    /// <exception cref="JsonException">The type is unknown or the data is not its form.</exception>
    public static Event Read(string type, ReadOnlySpan<byte> data) => StoredEvents.TryRead(type, data) ?? ReadAny(type, data);

    private static Event ReadAny(string type, ReadOnlySpan<byte> data) =>
        ByName.TryGetValue(type, out JsonTypeInfo? info)
            ? (Event?)JsonSerializer.Deserialize(data, info) ?? throw new JsonException($"A row of type '{type}' holds null.")
            : throw new JsonException($"Unknown event type '{type}'; the journal was written by a newer release.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AccountOpened))]
[JsonSerializable(typeof(AccountSuspended))]
[JsonSerializable(typeof(AccountResumed))]
[JsonSerializable(typeof(AccountClosed))]
[JsonSerializable(typeof(CreditPosted))]
[JsonSerializable(typeof(GrantExpired))]
[JsonSerializable(typeof(Charged))]
[JsonSerializable(typeof(ChargeReversed))]
[JsonSerializable(typeof(HoldPlaced))]
[JsonSerializable(typeof(HoldExtended))]
[JsonSerializable(typeof(HoldCaptured))]
[JsonSerializable(typeof(HoldReleased))]
[JsonSerializable(typeof(HoldExpired))]
[JsonSerializable(typeof(LimitsSet))]
[JsonSerializable(typeof(TierSet))]
[JsonSerializable(typeof(QuotaReset))]
[JsonSerializable(typeof(WorkspaceSet))]
[JsonSerializable(typeof(LowBalanceCrossed))]
[JsonSerializable(typeof(KeyCreated))]
[JsonSerializable(typeof(KeyRevoked))]
[JsonSerializable(typeof(KeyIssued))]
[JsonSerializable(typeof(KeyUpdated))]
[JsonSerializable(typeof(KeyProofRenewed))]
[JsonSerializable(typeof(ZoneSet))]
[JsonSerializable(typeof(ClusterChangeAsked))]
[JsonSerializable(typeof(ClusterChangeEnded))]
[JsonSerializable(typeof(ProfileSet))]
[JsonSerializable(typeof(ProfileErased))]
internal sealed partial class EventJsonContext : JsonSerializerContext;
