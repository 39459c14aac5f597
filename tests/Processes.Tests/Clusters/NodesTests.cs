using OrleansBilling.Processes.Tests.Harness;

namespace OrleansBilling.Processes.Tests.Clusters;

/// <summary>Three hosts on one journal, each account led to one of them by HAProxy.</summary>
public sealed class NodesTests : ClusterTests
{
    /// <inheritdoc/>
    protected override Task<Fleet> StartAsync() => Fleet.StartBehindProxyAsync(hosts: 3);
}
