using Orleans.Concurrency;
using OrleansBilling.Hosting.Orleans.Wire;

namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>Reads any grain on whatever silo the caller is connected to: a silo's engine may read what lives elsewhere, as the journal confirms it.</summary>
public interface IReaderGrain : IGrainWithIntegerKey
{
    /// <summary>Asks a grain to decide a command that only looks.</summary>
    /// <param name="grain">The grain's path.</param>
    /// <param name="command">The command in its message form.</param>
    /// <returns>The reply in its message form.</returns>
    ValueTask<Immutable<byte[]>> AskAsync(string grain, Immutable<byte[]> command);
}

/// <summary>Reads where it is asked.</summary>
/// <param name="host">This silo's engine.</param>
[GrainType("reader")]
[StatelessWorker]
[Reentrant]
public sealed class ReaderGrain(EngineOfSilo host) : Grain, IReaderGrain
{
    /// <inheritdoc/>
    public async ValueTask<Immutable<byte[]>> AskAsync(string grain, Immutable<byte[]> command) =>
        CommandMessage.Read(command.Value).IsRead
            ? new(await host.AskAsync(new GrainId(grain), command.Value))
            : throw new ArgumentException("Only what looks and changes nothing may be asked anywhere.", nameof(command));
}
