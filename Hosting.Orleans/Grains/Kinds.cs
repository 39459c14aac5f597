using Orleans.Concurrency;
using Orleans.Placement;

namespace OrleansBilling.Hosting.Orleans.Grains;

// Reentrant: a turn is the engine's, under the engine's lock, and nothing of it waits for the turns before to be durable.
// Placed at random: with many accounts that is even, and a new silo fills as accounts come back into memory.

/// <summary>An account.</summary>
/// <param name="host">This silo's engine.</param>
[GrainType(GrainId.AccountKind)]
[Reentrant]
[RandomPlacement]
public sealed class AccountGrain(EngineOfSilo host) : HostedGrain(host, GrainId.AccountKind), IAccountGrain;

/// <summary>A key's proof.</summary>
/// <param name="host">This silo's engine.</param>
[GrainType(GrainId.KeyKind)]
[Reentrant]
[RandomPlacement]
public sealed class KeyGrain(EngineOfSilo host) : HostedGrain(host, GrainId.KeyKind), IKeyGrain;
