using OrleansBilling.Processes.Tests.Clusters;
using OrleansBilling.Processes.Tests.Harness;
using Xunit;

namespace OrleansBilling.Processes.Orleans.Tests;

/// <summary>Three silos, and two front ends behind HAProxy that only ask them.</summary>
public sealed class SilosTests : ClusterTests
{
    [Fact]
    public Task A_front_end_is_killed_and_comes_back() => this.ProveAsync(static async (fleet, load) =>
    {
        HostSlot front = fleet.Hosts[0];
        await front.KillAsync();
        await load.ServedAsync();
        await front.StartAsync();
        await fleet.ReturnAsync(front);
    });

    /// <inheritdoc/>
    protected override Task<Fleet> StartAsync() => Fleet.StartBehindProxyAsync(hosts: 2, silos: 3);
}
