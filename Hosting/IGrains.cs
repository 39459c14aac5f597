namespace OrleansBilling.Hosting;

/// <summary>The seam between the front end and whatever engine hosts the grains.</summary>
public interface IGrains
{
    /// <summary>
    /// Asks a grain to decide a command. The reply is durable, or confirmed to be no older than the request. Never throws for
    /// what the journal or the engine do: those are outcomes. Ends within the engine's call time (5 s).
    /// </summary>
    /// <param name="grain">The grain.</param>
    /// <param name="command">The command.</param>
    /// <param name="ct">The caller gave up; what was decided stands all the same.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    ValueTask<Reply> AskAsync(GrainId grain, Command command, CancellationToken ct = default);

    /// <summary>
    /// Asks a grain to decide a command, provided that another grain answers a read as the caller needs. As if the read had been
    /// asked and its reply waited for first; an engine that can do so waits once for both.
    /// </summary>
    /// <param name="guard">What is read first, and what it must say.</param>
    /// <param name="grain">The grain.</param>
    /// <param name="command">The command.</param>
    /// <param name="ct">The caller gave up; what was decided stands all the same.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    async ValueTask<GuardedReply> AskAsync(Guard guard, GrainId grain, Command command, CancellationToken ct = default)
    {
        Reply read = await this.AskAsync(guard.Grain, guard.Read, ct);
        return guard.Allows(read) ? new GuardedReply(read, await this.AskAsync(grain, command, ct)) : new GuardedReply(read, null);
    }

    /// <summary>
    /// Asks a grain to decide several commands in their order. As if each had been asked once the one before it was answered: it finds
    /// what those before it did. An engine that can do so decides all of them before it waits, and then ends within the call time of one.
    /// </summary>
    /// <param name="grain">The grain.</param>
    /// <param name="commands">The commands; none refers to an earlier row.</param>
    /// <param name="ct">The caller gave up; what was decided stands all the same.</param>
    /// <returns>The replies, in the order of the commands, each as of <see cref="AskAsync(GrainId, Command, CancellationToken)"/>.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    async ValueTask<Reply[]> AskInOrderAsync(GrainId grain, IReadOnlyList<Command> commands, CancellationToken ct = default)
    {
        Reply[] replies = new Reply[commands.Count];
        for (int i = 0; i < replies.Length; i++)
        {
            replies[i] = await this.AskAsync(grain, commands[i], ct);
        }

        return replies;
    }
}

/// <summary>A read that has to come out right before a command is decided.</summary>
/// <param name="Grain">The grain to read.</param>
/// <param name="Read">A command that only looks.</param>
/// <param name="Allows">Whether its reply lets the command through; pure.</param>
public sealed record Guard(GrainId Grain, Command Read, Func<Reply, bool> Allows);

/// <summary>What a guarded command came to.</summary>
/// <param name="Read">The guard's reply. Where the command's says that the host could not decide or does not know, this one proves nothing.</param>
/// <param name="Reply">The command's reply; null when the guard did not let it through, and nothing was decided.</param>
public readonly record struct GuardedReply(Reply Read, Reply? Reply);
