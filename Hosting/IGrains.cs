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
}
