using Orleans.Concurrency;

namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>A grain behind Orleans: it takes commands as bytes and answers with replies as bytes.</summary>
public interface IHostedGrain : IGrainWithStringKey
{
    /// <summary>Asks the grain to decide a command.</summary>
    /// <param name="command">The command in its message form.</param>
    /// <returns>The reply in its message form.</returns>
    ValueTask<Immutable<byte[]>> AskAsync(Immutable<byte[]> command);

    /// <summary>Takes the grain out of memory once the calls under way are answered; its snapshot is written.</summary>
    ValueTask PutAwayAsync();

    /// <summary>Has the grain go where the placement hint of the call's context says, once the calls under way are answered.</summary>
    /// <returns>The silo that it lives on as yet.</returns>
    ValueTask<SiloAddress> MoveAsync();
}

/// <summary>An account, by its id.</summary>
public interface IAccountGrain : IHostedGrain;

/// <summary>A key's proof, by the key's public id.</summary>
public interface IKeyGrain : IHostedGrain;
