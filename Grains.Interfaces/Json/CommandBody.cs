using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansBilling.Account;
using OrleansBilling.Keys;

namespace OrleansBilling.Json;

/// <summary>
/// The body of a command as decoded: its kind and its properties, without request id, actor and what the server filled in.
/// Properties at their defaults are left out, so that a later release with more properties hashes old bodies the same.
/// </summary>
public static class CommandBody
{
    /// <summary>Bytes of a body's hash (SHA-256).</summary>
    public const int HashBytes = Sha256.HashBytes;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>The hash that a repeat must have to be a repeat.</summary>
    /// <param name="command">Any command that may carry a request id.</param>
    public static byte[] Hash(Command command)
    {
        ArrayBufferWriter<byte> bytes = buffer ??= new ArrayBufferWriter<byte>(512);
        bytes.ResetWrittenCount();
        Write(command, bytes);
        byte[] hash = new byte[HashBytes];
        Sha256.Hash(bytes.WrittenSpan, hash);
        return hash;
    }

    /// <summary>Writes the body: the command's type name, a line feed, JSON.</summary>
    /// <param name="command">Any command that may carry a request id.</param>
    /// <param name="output">Receives the bytes that are hashed.</param>
    public static void Write(Command command, IBufferWriter<byte> output)
    {
        (byte[] kind, JsonTypeInfo info) = ByType[command.GetType()];
        output.Write(kind);
        Utf8JsonWriter json = writer ??= new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.Reset(output);
        JsonSerializer.Serialize(json, command, info);
        json.Flush();
    }

    private static readonly Dictionary<Type, (byte[] Kind, JsonTypeInfo Info)> ByType = new()
    {
        [typeof(Charge)] = ("charge\n"u8.ToArray(), CommandJsonContext.Default.Charge),
        [typeof(Authorize)] = ("authorize\n"u8.ToArray(), CommandJsonContext.Default.Authorize),
        [typeof(ExtendHold)] = ("extend_hold\n"u8.ToArray(), CommandJsonContext.Default.ExtendHold),
        [typeof(CaptureHold)] = ("capture_hold\n"u8.ToArray(), CommandJsonContext.Default.CaptureHold),
        [typeof(ReleaseHold)] = ("release_hold\n"u8.ToArray(), CommandJsonContext.Default.ReleaseHold),
        [typeof(ReverseCharge)] = ("reverse_charge\n"u8.ToArray(), CommandJsonContext.Default.ReverseCharge),
        [typeof(OpenAccount)] = ("open_account\n"u8.ToArray(), CommandJsonContext.Default.OpenAccount),
        [typeof(SuspendAccount)] = ("suspend_account\n"u8.ToArray(), CommandJsonContext.Default.SuspendAccount),
        [typeof(ResumeAccount)] = ("resume_account\n"u8.ToArray(), CommandJsonContext.Default.ResumeAccount),
        [typeof(CloseAccount)] = ("close_account\n"u8.ToArray(), CommandJsonContext.Default.CloseAccount),
        [typeof(PostCredit)] = ("post_credit\n"u8.ToArray(), CommandJsonContext.Default.PostCredit),
        [typeof(SetBalance)] = ("set_balance\n"u8.ToArray(), CommandJsonContext.Default.SetBalance),
        [typeof(SetLimits)] = ("set_limits\n"u8.ToArray(), CommandJsonContext.Default.SetLimits),
        [typeof(SetTier)] = ("set_tier\n"u8.ToArray(), CommandJsonContext.Default.SetTier),
        [typeof(ResetQuota)] = ("reset_quota\n"u8.ToArray(), CommandJsonContext.Default.ResetQuota),
        [typeof(SetWorkspace)] = ("set_workspace\n"u8.ToArray(), CommandJsonContext.Default.SetWorkspace),
        [typeof(SetZone)] = ("set_zone\n"u8.ToArray(), CommandJsonContext.Default.SetZone),
        [typeof(SetProfile)] = ("set_profile\n"u8.ToArray(), CommandJsonContext.Default.SetProfile),
        [typeof(EraseProfile)] = ("erase_profile\n"u8.ToArray(), CommandJsonContext.Default.EraseProfile),
        [typeof(AskClusterChange)] = ("ask_cluster_change\n"u8.ToArray(), CommandJsonContext.Default.AskClusterChange),
        [typeof(EndClusterChange)] = ("end_cluster_change\n"u8.ToArray(), CommandJsonContext.Default.EndClusterChange),
        [typeof(CreateKey)] = ("create_key\n"u8.ToArray(), CommandJsonContext.Default.CreateKey),
        [typeof(RevokeKey)] = ("revoke_key\n"u8.ToArray(), CommandJsonContext.Default.RevokeKey),
        [typeof(UpdateKey)] = ("update_key\n"u8.ToArray(), CommandJsonContext.Default.UpdateKey),
        [typeof(RotateKey)] = ("rotate_key\n"u8.ToArray(), CommandJsonContext.Default.RotateKey),
        [typeof(RenewKeyProof)] = ("renew_key_proof\n"u8.ToArray(), CommandJsonContext.Default.RenewKeyProof),
        [typeof(IssueKey)] = ("issue_key\n"u8.ToArray(), CommandJsonContext.Default.IssueKey),
    };
}

// Bodies are only ever written.
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(OpenAccount))]
[JsonSerializable(typeof(SuspendAccount))]
[JsonSerializable(typeof(ResumeAccount))]
[JsonSerializable(typeof(CloseAccount))]
[JsonSerializable(typeof(PostCredit))]
[JsonSerializable(typeof(SetBalance))]
[JsonSerializable(typeof(SetLimits))]
[JsonSerializable(typeof(SetTier))]
[JsonSerializable(typeof(ResetQuota))]
[JsonSerializable(typeof(SetWorkspace))]
[JsonSerializable(typeof(SetZone))]
[JsonSerializable(typeof(SetProfile))]
[JsonSerializable(typeof(EraseProfile))]
[JsonSerializable(typeof(AskClusterChange))]
[JsonSerializable(typeof(EndClusterChange))]
[JsonSerializable(typeof(Charge))]
[JsonSerializable(typeof(Authorize))]
[JsonSerializable(typeof(ExtendHold))]
[JsonSerializable(typeof(CaptureHold))]
[JsonSerializable(typeof(ReleaseHold))]
[JsonSerializable(typeof(ReverseCharge))]
[JsonSerializable(typeof(CreateKey))]
[JsonSerializable(typeof(RevokeKey))]
[JsonSerializable(typeof(UpdateKey))]
[JsonSerializable(typeof(RotateKey))]
[JsonSerializable(typeof(IssueKey))]
[JsonSerializable(typeof(RenewKeyProof))]
internal sealed partial class CommandJsonContext : JsonSerializerContext;
