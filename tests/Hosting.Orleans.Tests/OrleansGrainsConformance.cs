using OrleansBilling.Conformance.Grains;
using OrleansBilling.Conformance.Journals;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests;

/// <summary>
/// Every rule of an engine, behind Orleans. Each host of a case is a cluster of one silo: what two hosts do to each other's grains
/// is what two activations of one grain would do.
/// </summary>
public sealed class OrleansGrainsConformance : GrainsConformance
{
    public static TheoryData<string> Rules => [.. Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Keeps_the_rule(string rule)
    {
        GrainsCase one = Cases.Single(c => c.Name == rule);
        TimeProvider time = one.NewTime();
        await using Clusters clusters = new(time);
        await using GrainsKit kit = new(new MemoryKit(time: time), time) { WrapAsync = clusters.StartAsync };
        await one.Run(kit);
    }
}
