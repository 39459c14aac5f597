using System.Net;

namespace OrleansBilling.ApiHost.Tests.Routes;

/// <summary>Hosts that keep their own grains say so where a cluster would do more.</summary>
public sealed class OwnGrainsTests
{
    public static TheoryData<string, string> Changes => new()
    {
        { "/admin/grains/account/acme/move", """{"silo":"host-2"}""" },
        { "/admin/cluster/silos/host-1/drain", """{"reason":"an update"}""" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task There_is_no_other_host_to_take_them(string path, string body)
    {
        foreach (StartTopology start in new StartTopology[] { Topology.OneHostAsync, Topology.TwoHostsAsync })
        {
            await using TestHost host = await TestHost.StartAsync(start, null, null);

            Answered refused = (await host.PostAsync(path, body)).ExpectProblem(HttpStatusCode.Conflict, "no_cluster");

            Assert.Contains("load balancer", refused.Member("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_host_alone_is_the_whole_cluster()
    {
        await using TestHost host = await TestHost.StartAsync();

        Answered cluster = (await host.AdminAsync(HttpMethod.Get, "/admin/cluster")).Expect(HttpStatusCode.OK);

        Assert.Equal(("\"inprocess\"", "-", "-", "\"host-1\""), (cluster["engine"], cluster["note"], cluster["clusterId"], cluster["silos.0.name"]));

        // Of the account 'system' and its first key.
        Assert.Equal(("1", "1"), (cluster["silos.0.activations.account"], cluster["silos.0.activations.key"]));
    }

    [Fact]
    public async Task One_of_several_hosts_says_that_it_knows_of_itself_only()
    {
        await using TestHost host = await TestHost.StartAsync(Topology.TwoHostsAsync, null, null);

        Answered one = (await host.AdminAsync(HttpMethod.Get, "/admin/cluster")).Expect(HttpStatusCode.OK);
        Answered other = (await host.AdminAsync(HttpMethod.Get, "/admin/cluster")).Expect(HttpStatusCode.OK);

        Assert.Equal(["\"host-1\"", "\"host-2\""], new[] { one["silos.0.name"], other["silos.0.name"] }.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Contains("each of them", one["note"], StringComparison.Ordinal);
    }
}
