using System.Collections.Concurrent;
using OrleansBilling.Account;
using OrleansBilling.Hosting;

namespace OrleansBilling.Conformance.Broken;

/// <summary>How a broken engine asks the good one behind it.</summary>
internal delegate ValueTask<Reply> Ask(IGrains inner, GrainId grain, Command command, CancellationToken ct);

/// <summary>An engine that twists each call.</summary>
internal sealed class Twisted(IGrains inner, Ask ask) : IGrains
{
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) => ask(inner, grain, command, ct);

    /// <summary>Twists the asking.</summary>
    public static Func<IGrains, IGrains> Asks(Ask ask) => inner => new Twisted(inner, ask);

    /// <summary>Twists the reply.</summary>
    public static Func<IGrains, IGrains> Replies(Func<Reply, Reply> twist) =>
        Asks(async (inner, grain, command, ct) => twist(await inner.AskAsync(grain, command, ct)));

    /// <summary>Calls one outcome another one.</summary>
    public static Func<IGrains, IGrains> Calls(Outcome real, Outcome told) =>
        Replies(reply => reply.Outcome == real ? new Denied(told) : reply);
}

/// <summary>Answers a known id whatever the body.</summary>
internal sealed class IgnoresBodies(IGrains inner) : IGrains
{
    private readonly ConcurrentDictionary<(GrainId, string), Accepted> first = new();

    public async ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
    {
        Reply reply = await inner.AskAsync(grain, command, ct);
        if (reply is Accepted accepted && command.RequestId is { } id)
        {
            this.first.TryAdd((grain, id), accepted);
        }

        return reply.Outcome == Outcome.IdempotencyMismatch ? this.first[(grain, command.RequestId!)] with { Replayed = true } : reply;
    }
}

/// <summary>Runs the rules first and looks at the id of what they allow.</summary>
internal sealed class LooksAtIdsLast(IGrains inner) : IGrains
{
    public async ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
    {
        if (command is Charge charge && await inner.AskAsync(grain, new GetAccount(), ct) is AccountView view && view.AvailableNanos < charge.AmountNanos)
        {
            return new Denied(Outcome.InsufficientCredit);
        }

        return await inner.AskAsync(grain, command, ct);
    }
}

/// <summary>Answers a command that was denied once as it was denied then.</summary>
internal sealed class RemembersDenials(IGrains inner) : IGrains
{
    private readonly ConcurrentDictionary<(GrainId, Command), Denied> denied = new();

    public async ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
    {
        if (this.denied.TryGetValue((grain, command), out Denied? before))
        {
            return before;
        }

        Reply reply = await inner.AskAsync(grain, command, ct);
        if (reply is Denied { Outcome: Outcome.InsufficientCredit } now)
        {
            this.denied[(grain, command)] = now;
        }

        return reply;
    }
}

/// <summary>When the engine cannot tell, answers from what it told last.</summary>
internal sealed class RemembersViews(IGrains inner) : IGrains
{
    private readonly ConcurrentDictionary<GrainId, Accepted> last = new();

    public async ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
    {
        Reply reply = await inner.AskAsync(grain, command, ct);
        if (reply is Accepted accepted)
        {
            this.last[grain] = accepted;
        }

        return reply.Outcome is Outcome.Unavailable or Outcome.InDoubt && this.last.TryGetValue(grain, out Accepted? before) ? before : reply;
    }
}

/// <summary>Decides first, and looks at the guard then.</summary>
internal sealed class GuardsLate(IGrains inner) : IGrains
{
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) => inner.AskAsync(grain, command, ct);

    public async ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default)
    {
        Reply reply = await inner.AskAsync(grain, command, ct);
        Reply read = await inner.AskAsync(guard.Grain, guard.Read, ct);
        return new GuardedReply(read, guard.Allows(read) ? reply : null);
    }
}

/// <summary>Looks at a guard until it has let something through, and never again.</summary>
internal sealed class RemembersGuards(IGrains inner) : IGrains
{
    private readonly ConcurrentDictionary<GrainId, Reply> allowed = new();

    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) => inner.AskAsync(grain, command, ct);

    public async ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default)
    {
        if (this.allowed.TryGetValue(guard.Grain, out Reply? before))
        {
            return new GuardedReply(before, await inner.AskAsync(grain, command, ct));
        }

        GuardedReply guarded = await inner.AskAsync(guard, grain, command, ct);
        if (guarded.Reply is not null)
        {
            this.allowed[guard.Grain] = guarded.Read;
        }

        return guarded;
    }
}

/// <summary>Decides several commands from the last to the first.</summary>
internal sealed class DecidesTheLastFirst(IGrains inner) : IGrains
{
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) => inner.AskAsync(grain, command, ct);

    public async ValueTask<Reply[]> AskInOrderAsync(GrainId grain, IReadOnlyList<Command> commands, CancellationToken ct = default) =>
        [.. (await inner.AskInOrderAsync(grain, [.. commands.Reverse()], ct)).Reverse()];
}

/// <summary>Denies behind a charge as if that were recorded, whatever became of it.</summary>
internal sealed class DeniesOnHopes(IGrains inner) : IGrains
{
    public ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default) => inner.AskAsync(grain, command, ct);

    public async ValueTask<Reply[]> AskInOrderAsync(GrainId grain, IReadOnlyList<Command> commands, CancellationToken ct = default)
    {
        Reply[] replies = await inner.AskInOrderAsync(grain, commands, ct);
        for (int i = 1; i < replies.Length; i++)
        {
            replies[i] = replies[i - 1].Outcome == Outcome.InDoubt ? new Denied(Outcome.InsufficientCredit) : replies[i];
        }

        return replies;
    }
}
