using System.Buffers;
using System.Diagnostics;
using OrleansBilling.Grains.Snapshots;
using OrleansBilling.Keys;

namespace OrleansBilling.Grains.Keys;

/// <summary>A key's owner and the proof of its secret. What the key may do is its account's to say.</summary>
public sealed class KeyGrain : GrainKind
{
    private const byte SnapshotVersion = 2;
    private const int MaxProofChars = 256;

    private KeyGrain()
    {
    }

    /// <summary>The only one.</summary>
    public static KeyGrain Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => GrainId.KeyKind;

    /// <inheritdoc/>
    public override object NewState() => new State();

    /// <inheritdoc/>
    public override Event? NextDue(object state, long nowNanos) => null;

    /// <inheritdoc/>
    public override Decision Decide(object state, long seq, Command command, in TurnContext context)
    {
        KeyIssued? issued = ((State)state).Issued;
        return command switch
        {
            GetKeyProof => issued is null
                ? Decision.Deny(Outcome.KeyNotFound)
                : Decision.Reply(new KeyProof(issued.Account, issued.Tag, issued.Pepper) { Hash = issued.Hash }),
            IssueKey c => Decide(issued, c),
            RenewKeyProof c => Decide(issued, c),
            _ => throw new UnreachableException($"A key does not know the command {command.GetType().Name}."),
        };
    }

    /// <inheritdoc/>
    public override void Apply(object state, Event e, long seq, long atNanos) => ((State)state).Issued = e switch
    {
        KeyIssued issued => issued with { Account = SharedNames.Of(issued.Account), Pepper = SharedNames.Of(issued.Pepper) },
        KeyProofRenewed renewed => ((State)state).Issued! with { Tag = renewed.Tag, Pepper = SharedNames.Of(renewed.Pepper) },
        _ => throw new UnreachableException($"A key does not know the event {e.GetType().Name}."),
    };

    /// <inheritdoc/>
    public override void WriteSnapshot(object state, IBufferWriter<byte> output)
    {
        KeyIssued? issued = ((State)state).Issued;
        SnapshotWriter w = new(output);
        w.Byte(SnapshotVersion);
        w.Flag(issued is not null);
        if (issued is not null)
        {
            w.Text(issued.Account);
            w.Text(issued.Tag);
            w.Text(issued.Pepper);
            w.Text(issued.Hash);
        }
    }

    /// <inheritdoc/>
    public override object? ReadSnapshot(ReadOnlySpan<byte> snapshot)
    {
        SnapshotReader r = new(snapshot);
        if (r.Byte() != SnapshotVersion)
        {
            return null;
        }

        State state = new();
        if (r.Flag())
        {
            state.Issued = new KeyIssued(SharedNames.Of(r.Text()), r.Text(), SharedNames.Of(r.Text())) { Hash = r.OptionalText() };
        }

        return r.IsWhole ? state : null;
    }

    private static Decision Decide(KeyIssued? issued, IssueKey c)
    {
        if (Text.IdProblem(c.Account) is { } problem)
        {
            return Decision.Invalid("account", problem);
        }

        if ((ProofProblem("tag", c.Tag) ?? ProofProblem("pepper", c.Pepper) ?? (c.Hash is null ? null : ProofProblem("hash", c.Hash))) is { } invalid)
        {
            return invalid;
        }

        return issued is null
            ? Decision.Accept(new KeyIssued(c.Account, c.Tag, c.Pepper) { Hash = c.Hash })
            : Decision.Deny(Outcome.KeyExists);
    }

    private static Decision Decide(KeyIssued? issued, RenewKeyProof c) =>
        ProofProblem("tag", c.Tag)
        ?? ProofProblem("pepper", c.Pepper)
        ?? (issued is null ? Decision.Deny(Outcome.KeyNotFound) : Decision.Accept(new KeyProofRenewed(c.Tag, c.Pepper)));

    private static Decision? ProofProblem(string field, string value) =>
        string.IsNullOrEmpty(value) || value.Length > MaxProofChars || value.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? Decision.Invalid(field, $"Give 1 to {MaxProofChars} printable ASCII characters.")
            : null;

    private sealed class State
    {
        public KeyIssued? Issued;
    }
}
