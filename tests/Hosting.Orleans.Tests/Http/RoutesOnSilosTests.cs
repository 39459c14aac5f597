using OrleansBilling.ApiHost.Tests;
using OrleansBilling.ApiHost.Tests.Routes;

namespace OrleansBilling.Hosting.Orleans.Tests.Http;

// The tests of routes again, with a front end that has no grains and asks two silos.

public sealed class AccountsOnSilos : AccountTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class AdmissionOnSilos : AdmissionTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class ChargesOnSilos : ChargeTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class HoldsOnSilos : HoldTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class KeysOnSilos : KeyTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class KeyChangesOnSilos : KeyChangeTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class OwnKeysOnSilos : OwnKeyTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class VerifyOnSilos : VerifyTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class ClusterOnSilos : ClusterTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class AdminScopesOnSilos : AdminScopeTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}

public sealed class VerifyBatchOnSilos : VerifyBatchTests
{
    internal override StartTopology Start => Silos.TwoAsync;
}
