using Orleans.Concurrency;
using OrleansBilling.Hosting.Orleans.Gateways;
using OrleansBilling.Hosting.Orleans.Grains;
using OrleansBilling.Hosting.Orleans.Wire;

namespace OrleansBilling.Hosting.Orleans;

/// <summary>
/// The grains of a cluster, asked from outside or inside of it. A call that a dying silo took with it is asked again, where that
/// moves no money twice: reads, and commands under a request id.
/// </summary>
/// <param name="gateways">The ways into the cluster.</param>
/// <param name="time">Measures waiting.</param>
public sealed class OrleansGrains(IGateways gateways, TimeProvider time) : IGrains
{
    /// <summary>Within this every call ends.</summary>
    public static readonly TimeSpan CallTime = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take before the call is made again beside the one under way.</summary>
    public static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(1);

    private readonly Attempts attempts = new(gateways, time);

    /// <inheritdoc/>
    public async ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default)
    {
        Immutable<byte[]> message = new(CommandMessage.Write(command));
        Answer<byte[]> answer = await this.attempts.AskAsync(
            grain,
            async gateway =>
            {
                HostedAnswer answered = await Target(gateway.Factory, grain).AskAsync(message);
                gateways.Learn(grain, answered.Silo);
                return answered.Reply;
            },
            CommandBatch.MayRepeat(command),
            time.GetTimestamp(),
            ct);
        return Told(command, answer.Value, answer.IsRepeated);
    }

    /// <summary>
    /// As for any grains; but the guard is read by the silo that the command will go to, not by the one that its grain lives on. The
    /// guard of most calls is one and the same account: its silo would have to answer twice for every call, and would hold up all
    /// when it dies.
    /// </summary>
    /// <inheritdoc/>
    public async ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default)
    {
        Immutable<byte[]> message = new(CommandMessage.Write(guard.Read));
        Answer<byte[]> answer = await this.attempts.AskAsync(
            grain,
            async gateway => (await gateway.Factory.GetGrain<IReaderGrain>(0).AskAsync(guard.Grain.Path, message)).Value,
            isRepeatable: true,
            time.GetTimestamp(),
            ct);
        Reply read = Told(guard.Read, answer.Value, answer.IsRepeated);
        return guard.Allows(read) ? new GuardedReply(read, await this.AskAsync(grain, command, ct)) : new GuardedReply(read, null);
    }

    /// <summary>
    /// As for any grains, in one message to the grain's silo or a few, one after another, within one call's time. Where an answer is
    /// lost, commands under request ids are asked again as a caller would repeat them: what is on record is told again, what was
    /// denied is decided anew. Those without are sent once; what had not been sent when the time was over is said to be undecided.
    /// </summary>
    /// <inheritdoc/>
    public async ValueTask<Reply[]> AskInOrderAsync(GrainId grain, IReadOnlyList<Command> commands, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Any(static c => c.RefersTo > 0))
        {
            throw new ArgumentException("A command that refers to an earlier row has to be asked by itself.", nameof(commands));
        }

        if (commands is [Command only])
        {
            return [await this.AskAsync(grain, only, ct)];
        }

        long began = time.GetTimestamp();
        Reply[] replies = new Reply[commands.Count];
        foreach (CommandBatch batch in CommandBatch.Divide(commands))
        {
            bool isSent = time.GetElapsedTime(began) < CallTime;
            Answer<byte[][]> answer = isSent ? await this.AskAsync(grain, batch, began, ct) : default;
            for (int i = 0; i < batch.Messages.Length; i++)
            {
                replies[batch.First + i] = isSent ? Told(commands[batch.First + i], answer.Value?[i], answer.IsRepeated)
                    : new Denied(Outcome.Unavailable, Detail: $"Those before it took all of the {CallTime.TotalSeconds:0} s; repeat the request.");
            }
        }

        return replies;
    }

    private ValueTask<Answer<byte[][]>> AskAsync(GrainId grain, CommandBatch batch, long began, CancellationToken ct)
    {
        Immutable<byte[][]> messages = new(batch.Messages);
        return this.attempts.AskAsync(
            grain,
            async gateway =>
            {
                HostedAnswers answered = await Target(gateway.Factory, grain).AskInOrderAsync(messages);
                gateways.Learn(grain, answered.Silo);
                return answered.Replies;
            },
            batch.IsRepeatable,
            began,
            ct);
    }

    /// <summary>The adapter of a grain.</summary>
    internal static IHostedGrain Target(IGrainFactory factory, GrainId grain) => grain.Kind switch
    {
        GrainId.AccountKind => factory.GetGrain<IAccountGrain>(grain.Key),
        GrainId.KeyKind => factory.GetGrain<IKeyGrain>(grain.Key),
        string kind => throw new ArgumentException($"There is no grain of kind '{kind}'.", nameof(grain)),
    };

    // What the caller of a command is told, of the answer that came or of none.
    private static Reply Told(Command command, byte[]? answer, bool isRepeated)
    {
        if (answer is null)
        {
            return command.IsRead
                ? new Denied(Outcome.Unavailable, Detail: "No silo answered in time; repeat the request.")
                : new Denied(Outcome.InDoubt, Detail: "The silo that was asked did not answer in time.");
        }

        // That one attempt decided nothing says nothing of another, whose answer was lost.
        Reply reply = ReplyMessage.Read(answer);
        return isRepeated && !command.IsRead && reply.Outcome is Outcome.Unavailable or Outcome.Overloaded or Outcome.ClockSkew or Outcome.Stopping
            ? new Denied(Outcome.InDoubt, Detail: $"One silo's answer was lost, another's was {reply.Outcome}.")
            : reply;
    }
}
