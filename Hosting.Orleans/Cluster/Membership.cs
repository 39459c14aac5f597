using Orleans.Configuration;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>
/// How soon a silo counts as dead. Orleans' own settings take half a minute, which suits state that is lost with a silo; here a
/// wrong verdict costs one restart and no money, because the journal and not the membership decides who may write.
/// </summary>
internal static class Membership
{
    /// <summary>Between probes, and for each of them.</summary>
    private static readonly TimeSpan ProbeTime = TimeSpan.FromMilliseconds(400);

    /// <summary>Three missed in a row, 1.2 s: beyond a full collection of a few gigabytes, which takes some 100 ms.</summary>
    private const int MissedProbes = 3;

    /// <summary>Two silos must miss one, where there are three: one that is itself cut off, or stands still, cannot condemn the rest.</summary>
    private const int Votes = 2;

    /// <summary>Applies the settings.</summary>
    public static void Configure(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = ProbeTime;
        options.NumMissedProbesLimit = MissedProbes;
        options.NumVotesForDeathDeclaration = Votes;

        // A silo that is slow itself gives others more time, and has a third one look before it votes.
        options.ExtendProbeTimeoutDuringDegradation = true;
        options.EnableIndirectProbes = true;
        options.LocalHealthDegradationMonitoringPeriod = TimeSpan.FromSeconds(2);

        // Votes of an hour ago say nothing; those of one incident have to meet.
        options.DeathVoteExpirationTimeout = TimeSpan.FromSeconds(30);

        // News travel by gossip; the table is for who missed them.
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);

        // Whoever has not said for 3 s that it lives no longer counts among those whose votes are needed: else the last of three
        // could never condemn the other two. A row written per silo and second.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(1);
        options.NumMissedTableIAmAliveLimit = 3;
        options.MaxJoinAttemptTime = TimeSpan.FromSeconds(60);
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }
}
