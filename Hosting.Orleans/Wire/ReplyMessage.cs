using System.Buffers;
using System.Diagnostics;
using OrleansBilling.Account;
using OrleansBilling.Json;
using OrleansBilling.Keys;

namespace OrleansBilling.Hosting.Orleans.Wire;

/// <summary>A reply as bytes. An accepted one carries its event in the stored form.</summary>
internal static class ReplyMessage
{
    private const byte AcceptedKind = 0;
    private const byte DeniedKind = 1;
    private const byte AccountKind = 2;
    private const byte KeyKind = 3;
    private const byte ProofKind = 4;

    /// <summary>Writes a reply.</summary>
    /// <param name="reply">Any reply.</param>
    public static byte[] Write(Reply reply)
    {
        ArrayBufferWriter<byte> output;
        switch (reply)
        {
            case Accepted accepted:
                output = Message.Begin(AcceptedKind);
                Message.Write(output, accepted.Replayed ? 1 : 0);
                Message.Write(output, accepted.Seq);
                Message.Write(output, accepted.AtNanos);
                Message.Write(output, EventJson.TypeName(accepted.Event));
                EventJson.Write(accepted.Event, output);
                break;
            case Denied:
                output = Message.Begin(DeniedKind);
                Message.Write(output, reply, WireJson.Default.Denied);
                break;
            case AccountView:
                output = Message.Begin(AccountKind);
                Message.Write(output, reply, WireJson.Default.AccountView);
                break;
            case KeyView:
                output = Message.Begin(KeyKind);
                Message.Write(output, reply, WireJson.Default.KeyView);
                break;
            case KeyProof:
                output = Message.Begin(ProofKind);
                Message.Write(output, reply, WireJson.Default.KeyProof);
                break;
            default:
                throw new UnreachableException();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a reply.</summary>
    /// <param name="message">What <see cref="Write"/> made.</param>
    /// <exception cref="FormatException">It is nothing that this release can read.</exception>
    public static Reply Read(ReadOnlySpan<byte> message)
    {
        byte kind = Message.ReadKind(ref message);
        switch (kind)
        {
            case AcceptedKind:
                bool replayed = Message.ReadNumber(ref message) != 0;
                long seq = Message.ReadNumber(ref message);
                long at = Message.ReadNumber(ref message);
                string type = Message.ReadText(ref message)!;
                return new Accepted(EventJson.Read(type, message), seq, at, replayed);
            case DeniedKind:
                return (Reply)Message.ReadBody(message, WireJson.Default.Denied);
            case AccountKind:
                return (Reply)Message.ReadBody(message, WireJson.Default.AccountView);
            case KeyKind:
                return (Reply)Message.ReadBody(message, WireJson.Default.KeyView);
            case ProofKind:
                return (Reply)Message.ReadBody(message, WireJson.Default.KeyProof);
            default:
                throw new FormatException($"Reply {kind} is of a newer release; run the newest release on the front ends too.");
        }
    }
}
