using System.Net;
using Orleans.TestingHost;
using OrleansBilling.ApiHost.Tests;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>A silo that is told to leave may be gone before its answer is.</summary>
public sealed class LostDrainTests
{
    [Fact]
    public async Task A_silo_that_left_without_an_answer_is_said_to_leave()
    {
        LostDrain drain = new();
        await using TestHost host = await StartAsync(drain, (cluster, silo) => cluster.StopSiloAsync(silo));

        Answered drained = (await host.PostAsync($"/admin/cluster/silos/{drain.Silo}/drain", "")).Expect(HttpStatusCode.Accepted);

        Assert.True(drain.IsLost);
        Assert.Equal("leaving", drained.Member("status"));
    }

    [Fact]
    public async Task A_silo_that_stays_without_an_answer_is_said_not_to_answer()
    {
        LostDrain drain = new();
        await using TestHost host = await StartAsync(drain, static (_, _) => Task.CompletedTask);

        (await host.PostAsync($"/admin/cluster/silos/{drain.Silo}/drain", "")).ExpectProblem(HttpStatusCode.ServiceUnavailable, "cluster_unanswered");

        Assert.True(drain.IsLost);
    }

    private static Task<TestHost> StartAsync(LostDrain drain, Func<InProcessTestCluster, InProcessSiloHandle, Task> meanwhile) => TestHost.StartAsync(
        (store, prices) => Http.Silos.TwoAsync(
            store,
            prices,
            drain,
            cluster =>
            {
                InProcessSiloHandle silo = cluster.Silos[^1];
                drain.Silo = silo.Name;
                drain.Meanwhile = () => meanwhile(cluster, silo);
            }),
        null,
        null);

    /// <summary>Between a front end and Orleans' client: keeps from a silo what it is told, and loses the answer.</summary>
    private sealed class LostDrain : IOutgoingGrainCallFilter
    {
        public string Silo { get; set; } = "";

        public Func<Task> Meanwhile { get; set; } = static () => Task.CompletedTask;

        public bool IsLost { get; private set; }

        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.MethodName != "DrainAsync")
            {
                await context.Invoke();
                return;
            }

            this.IsLost = true;
            await this.Meanwhile();
            throw new SiloUnavailableException("The silo was gone before it could answer.");
        }
    }
}
