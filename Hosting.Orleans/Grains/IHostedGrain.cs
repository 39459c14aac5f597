using Orleans.Concurrency;

namespace OrleansBilling.Hosting.Orleans.Grains;

/// <summary>A grain behind Orleans: it takes commands as bytes and answers with replies as bytes.</summary>
public interface IHostedGrain : IGrainWithStringKey
{
    /// <summary>Asks the grain to decide a command.</summary>
    /// <param name="command">The command in its message form.</param>
    /// <returns>The reply, and where it is from.</returns>
    ValueTask<HostedAnswer> AskAsync(Immutable<byte[]> command);

    /// <summary>Asks the grain to decide several commands in their order.</summary>
    /// <param name="commands">The commands in their message form, as many as <see cref="Wire.CommandBatch"/> puts into one; none refers to an earlier row.</param>
    /// <returns>The replies in the same order, and where they are from.</returns>
    ValueTask<HostedAnswers> AskInOrderAsync(Immutable<byte[][]> commands);

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

/// <summary>What a grain answers.</summary>
/// <param name="Reply">The reply in its message form.</param>
/// <param name="Silo">The number of the silo that the grain lives on: the next call may enter there.</param>
[GenerateSerializer]
[Immutable]
[Alias("billing.answer")]
public readonly record struct HostedAnswer([property: Id(0)] byte[] Reply, [property: Id(1)] int Silo);

/// <summary>What a grain answers to several commands.</summary>
/// <param name="Replies">The replies in their message form, in the order of the commands.</param>
/// <param name="Silo">The number of the silo that the grain lives on.</param>
[GenerateSerializer]
[Immutable]
[Alias("billing.answers")]
public readonly record struct HostedAnswers([property: Id(0)] byte[][] Replies, [property: Id(1)] int Silo);
