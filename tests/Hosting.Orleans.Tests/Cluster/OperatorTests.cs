using System.Net;
using OrleansBilling.ApiHost.Tests;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Hosting.Orleans.Cluster;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Cluster;

/// <summary>What operators do to silos, over HTTP: a grain may live wherever they say, and its money is the same.</summary>
#pragma warning disable CA1001 // Each test's host disposes of the silos with its topology.
public sealed class OperatorTests(PostgresFixture postgres)
#pragma warning restore CA1001
{
    private RealSilos? silos;

    [Fact]
    public async Task A_grain_moves_to_the_silo_that_is_named()
    {
        await using TestHost host = await TestHost.StartAsync(this.TwoAsync, null, null);
        await host.OpenAsync("acme", "7.5");

        foreach (string silo in new[] { "silo-1", "silo-2", "silo-1" })
        {
            Answered moved = (await host.PostAsync("/admin/grains/account/acme/move", $$"""{"silo":"{{silo}}","reason":"a hot spot"}""")).Expect(HttpStatusCode.OK);
            Answered grain = (await host.AdminAsync(HttpMethod.Get, "/admin/grains/account/acme")).Expect(HttpStatusCode.OK);
            (await host.PostAsync("/v1/charges", """{"account":"acme","amount":0.5}""")).Expect(HttpStatusCode.OK);

            Assert.Equal(silo, moved.Member("silo"));
            Assert.Equal(silo, grain.Member("silo"));
        }

        Assert.Equal("6", (await host.AdminAsync(HttpMethod.Get, "/admin/accounts/acme"))["balance"]);
        Assert.Contains(host.Log.Lines, l => l.Contains("move account/acme silo-2", StringComparison.Ordinal) && l.Contains("a hot spot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_grain_that_is_in_nobodys_memory_comes_into_it_where_it_is_sent()
    {
        await using TestHost host = await TestHost.StartAsync(this.TwoAsync, null, null);
        foreach (int i in Enumerable.Range(0, 6))
        {
            string silo = $"silo-{1 + (i % 2)}";
            await host.PostAsync($"/admin/grains/account/a{i}/move", $$"""{"silo":"{{silo}}"}""");

            // Nobody has opened it: that it is there is all that there is.
            await host.PostAsync("/admin/accounts", $$"""{"id":"a{{i}}","currency":"USD"}""");
            Assert.Equal(silo, (await host.AdminAsync(HttpMethod.Get, $"/admin/grains/account/a{i}")).Member("silo"));
        }
    }

    [Fact]
    public async Task A_silo_that_is_drained_leaves_and_its_accounts_go_on_elsewhere()
    {
        await using TestHost host = await TestHost.StartAsync(this.TwoAsync, null, null);
        foreach (int i in Enumerable.Range(0, 8))
        {
            await host.OpenAsync($"a{i}", "2");
            (await host.PostAsync($"/admin/grains/account/a{i}/move", $$"""{"silo":"silo-{{1 + (i % 2)}}"}""")).Expect(HttpStatusCode.OK);
        }

        Answered drained = (await host.PostAsync("/admin/cluster/silos/silo-1/drain", """{"reason":"an update"}""")).Expect(HttpStatusCode.Accepted);
        foreach (int i in Enumerable.Range(0, 8))
        {
            (await host.PostAsync("/v1/charges", $$"""{"account":"a{{i}}","amount":1,"requestId":"r{{i}}"}""")).Expect(HttpStatusCode.OK);
        }

        await this.silos!.All[0].Stopped.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(("silo-1", "leaving"), (drained.Member("silo"), drained.Member("status")));
        foreach (int i in Enumerable.Range(0, 8))
        {
            Assert.Equal("1", (await host.AdminAsync(HttpMethod.Get, $"/admin/accounts/a{i}"))["balance"]);
            Assert.Equal("silo-2", (await host.AdminAsync(HttpMethod.Get, $"/admin/grains/account/a{i}")).Member("silo"));
        }

        // It is told of as one that has gone, takes nothing, and cannot go twice.
        Answered cluster = (await host.AdminAsync(HttpMethod.Get, "/admin/cluster")).Expect(HttpStatusCode.OK);
        Assert.Equal(("\"silo-1\"", "\"dead\"", "false", "-"), (cluster["silos.0.name"], cluster["silos.0.status"], cluster["silos.0.answers"], cluster["silos.0.activations"]));
        Assert.Equal(("\"silo-2\"", "\"active\"", "true"), (cluster["silos.1.name"], cluster["silos.1.status"], cluster["silos.1.answers"]));
        (await host.PostAsync("/admin/cluster/silos/silo-1/drain", "")).ExpectProblem(HttpStatusCode.Conflict, "silo_not_active");
        (await host.PostAsync("/admin/grains/account/a0/move", """{"silo":"silo-1"}""")).ExpectProblem(HttpStatusCode.Conflict, "silo_not_active");
        (await host.PostAsync("/admin/cluster/silos/silo-2/drain", "")).ExpectProblem(HttpStatusCode.Conflict, "last_silo");
        (await host.PostAsync("/admin/cluster/silos/silo-3/drain", "")).ExpectProblem(HttpStatusCode.NotFound, "silo_not_found");
        (await host.PostAsync("/admin/grains/account/a0/move", """{"silo":"silo-3"}""")).ExpectProblem(HttpStatusCode.NotFound, "silo_not_found");
    }

    private async Task<Topology> TwoAsync(MemoryStore store, IPrices prices)
    {
        this.silos = new RealSilos(await postgres.Server.CreateDatabaseAsync(), new ClusterSettings());
        await this.silos.StartAsync("silo-1", store, prices);
        await this.silos.StartAsync("silo-2", store, prices);
        return await this.silos.AsTopologyAsync();
    }
}
