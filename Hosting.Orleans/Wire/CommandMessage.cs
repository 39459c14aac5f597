using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using OrleansBilling.Account;

namespace OrleansBilling.Hosting.Orleans.Wire;

/// <summary>A command as bytes: kind, request id, actor, body.</summary>
internal static class CommandMessage
{
    // A kind's number is its place here: new ones go to the end, none is ever removed.
    private static readonly JsonTypeInfo[] Forms =
    [
        WireJson.Default.Charge,
        WireJson.Default.Authorize,
        WireJson.Default.ExtendHold,
        WireJson.Default.CaptureHold,
        WireJson.Default.ReleaseHold,
        WireJson.Default.ReverseCharge,
        WireJson.Default.FilledOpenAccount,
        WireJson.Default.SuspendAccount,
        WireJson.Default.ResumeAccount,
        WireJson.Default.CloseAccount,
        WireJson.Default.PostCredit,
        WireJson.Default.SetBalance,
        WireJson.Default.SetLimits,
        WireJson.Default.FilledSetTier,
        WireJson.Default.ResetQuota,
        WireJson.Default.SetWorkspace,
        WireJson.Default.GetAccount,
        WireJson.Default.FilledCreateKey,
        WireJson.Default.RevokeKey,
        WireJson.Default.CheckKey,
        WireJson.Default.IssueKey,
        WireJson.Default.GetKeyProof,
        WireJson.Default.FilledRevokeKey,
        WireJson.Default.FilledUpdateKey,
        WireJson.Default.FilledRotateKey,
        WireJson.Default.RenewKeyProof,
        WireJson.Default.SetZone,
        WireJson.Default.AskClusterChange,
        WireJson.Default.FilledEndClusterChange,
        WireJson.Default.SetProfile,
        WireJson.Default.EraseProfile,
        WireJson.Default.FilledSetWorkspace,
    ];

    private static readonly FrozenDictionary<Type, byte> Kinds =
        Forms.Select(static (form, i) => KeyValuePair.Create(form.Type, (byte)i)).ToFrozenDictionary();

    /// <summary>Writes a command.</summary>
    /// <param name="command">Any command.</param>
    public static byte[] Write(Command command)
    {
        object body = command switch
        {
            OpenAccount open => new FilledOpenAccount(open, open.TierQuotas),
            SetTier tier => new FilledSetTier(tier, tier.TierQuotas),
            CreateKey key => new FilledCreateKey(key, key.Key, key.Tag, key.Pepper) { Hash = key.Hash, Maker = key.Maker },
            UpdateKey update => new FilledUpdateKey(update, update.Maker) { Keeps = update.Keeps },
            RotateKey rotate => new FilledRotateKey(rotate, rotate.NewKey, rotate.Prefix, rotate.Tag, rotate.Pepper, rotate.Hash, rotate.Maker)
            {
                Keeps = rotate.Keeps,
            },
            RevokeKey revoke when revoke.Maker is not null || revoke.Keeps is not null => new FilledRevokeKey(revoke, revoke.Maker) { Keeps = revoke.Keeps },
            EndClusterChange end => new FilledEndClusterChange(end, end.Result),
            SetWorkspace { Maker: not null } workspace => new FilledSetWorkspace(workspace, workspace.Maker),
            _ => command,
        };
        byte kind = Kinds[body.GetType()];
        ArrayBufferWriter<byte> output = Message.Begin(kind);
        Message.Write(output, command.RequestId);
        Message.Write(output, command.Actor);
        Message.Write(output, body, Forms[kind]);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a command.</summary>
    /// <param name="message">What <see cref="Write"/> made.</param>
    /// <exception cref="FormatException">It is nothing that this release can read.</exception>
    public static Command Read(ReadOnlySpan<byte> message)
    {
        byte kind = Message.ReadKind(ref message);
        if (kind >= Forms.Length)
        {
            throw new FormatException($"Command {kind} is of a newer release; run the newest release on the silos first.");
        }

        string? requestId = Message.ReadText(ref message);
        string actor = Message.ReadText(ref message) ?? "";
        Command command = Message.ReadBody(message, Forms[kind]) switch
        {
            FilledOpenAccount open => open.Body with { TierQuotas = open.TierQuotas },
            FilledSetTier tier => tier.Body with { TierQuotas = tier.TierQuotas },
            FilledCreateKey key => key.Body with { Key = key.Key, Tag = key.Tag, Pepper = key.Pepper, Hash = key.Hash, Maker = key.Maker },
            FilledUpdateKey update => update.Body with { Maker = update.Maker, Keeps = update.Keeps },
            FilledRotateKey rotate => rotate.Body with
            {
                NewKey = rotate.NewKey,
                Prefix = rotate.Prefix,
                Tag = rotate.Tag,
                Pepper = rotate.Pepper,
                Hash = rotate.Hash,
                Maker = rotate.Maker,
                Keeps = rotate.Keeps,
            },
            FilledRevokeKey revoke => revoke.Body with { Maker = revoke.Maker, Keeps = revoke.Keeps },
            FilledEndClusterChange end => end.Body with { Result = end.Result },
            FilledSetWorkspace workspace => workspace.Body with { Maker = workspace.Maker },
            object plain => (Command)plain,
        };
        return command with { RequestId = requestId, Actor = actor };
    }
}
