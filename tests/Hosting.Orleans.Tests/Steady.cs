using Orleans.Configuration;

namespace OrleansBilling.Hosting.Orleans.Tests;

/// <summary>
/// For silos of which none dies: they share one process with the test, and a machine that is busy for a second must not have one
/// condemn the other.
/// </summary>
internal static class Steady
{
    /// <summary>Applies after the settings that every silo has.</summary>
    /// <param name="silo">The silo.</param>
    public static void Configure(ISiloBuilder silo) => silo.Configure<ClusterMembershipOptions>(static o => o.NumMissedProbesLimit = 1_000);
}
