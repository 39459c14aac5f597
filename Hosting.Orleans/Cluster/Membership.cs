using Orleans.Configuration;

namespace OrleansBilling.Hosting.Orleans.Cluster;

/// <summary>
/// How soon a silo counts as dead. Orleans' own settings take half a minute, which suits state that is lost with a silo; here a
/// wrong verdict costs one restart and no money, because the journal and not the membership decides who may write.
/// </summary>
internal static class Membership
{
    /// <summary>Between probes, and for each of them.</summary>
    private static readonly TimeSpan ProbeTime = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// Four missed in a row: a verdict 1.2 to 1.5 s after the last sign of life. A full collection of a few gigabytes takes some
    /// 100 ms; and of a process without a turn on the processor, four probes in a row have to miss it.
    /// </summary>
    private const int MissedProbes = 4;

    /// <summary>Two silos must miss one, where there are three: one that is itself cut off, or stands still, cannot condemn the rest.</summary>
    private const int Votes = 2;

    /// <summary>Applies the settings.</summary>
    public static void Configure(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = ProbeTime;
        options.NumMissedProbesLimit = MissedProbes;
        options.NumVotesForDeathDeclaration = Votes;

        // A silo that is slow itself gives others more time.
        options.ExtendProbeTimeoutDuringDegradation = true;
        options.LocalHealthDegradationMonitoringPeriod = TimeSpan.FromSeconds(2);

        // Off: whoever asks a third silo to probe waits exactly as long as that one waits for the answer. About a silo that stands
        // still, and refuses no connection, the asker thus nearly always gives up first, takes it for no result, and asks again:
        // verdicts were seen to take 5 to 10 s. Two silos that look for themselves prove as much.
        options.EnableIndirectProbes = false;

        // The votes of one incident are half a second apart; older ones say nothing.
        options.DeathVoteExpirationTimeout = TimeSpan.FromSeconds(10);

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
