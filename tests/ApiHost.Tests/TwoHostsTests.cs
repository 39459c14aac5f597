using OrleansBilling.ApiHost.Tests.Routes;

namespace OrleansBilling.ApiHost.Tests;

// The tests of routes again, on two hosts of one journal that take turns: each meets what the other has just written.

public sealed class AccountsOnTwoHosts : AccountTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class AdmissionOnTwoHosts : AdmissionTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class ChargesOnTwoHosts : ChargeTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class HoldsOnTwoHosts : HoldTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class KeysOnTwoHosts : KeyTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class KeyChangesOnTwoHosts : KeyChangeTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class OwnKeysOnTwoHosts : OwnKeyTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class VerifyOnTwoHosts : VerifyTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class ClusterOnTwoHosts : ClusterTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class AdminScopesOnTwoHosts : AdminScopeTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class VerifyBatchOnTwoHosts : VerifyBatchTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}

public sealed class WorkspacesOnTwoHosts : WorkspaceTests
{
    internal override StartTopology Start => Topology.TwoHostsAsync;
}
