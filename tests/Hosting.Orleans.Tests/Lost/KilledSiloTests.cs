using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using OrleansBilling.Account;
using OrleansBilling.Conformance.Grains;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Hosting.Orleans.Gateways;
using Xunit;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>A silo dies while commands that it decided in their order wait for their commit, which never comes about; another silo goes on.</summary>
public sealed class KilledSiloTests
{
    [Fact]
    public async Task Commands_under_request_ids_are_decided_by_another_silo_in_their_order()
    {
        await using TwoSilos silos = await TwoSilos.StartAsync();

        Reply[] replies = await silos.KillingAsync([Charge(4, "r1"), Charge(7, "r2"), Charge(6, "r3"), Charge(1, "r4")]);

        Assert.Equal([Outcome.Accepted, Outcome.InsufficientCredit, Outcome.Accepted, Outcome.InsufficientCredit], replies.Select(static r => r.Outcome));
        Assert.Equal([3, 4], replies.OfType<Accepted>().Select(static a => a.Seq));
        await silos.AuditAsync(0);
    }

    [Fact]
    public async Task Commands_without_one_are_in_doubt_and_not_decided_anew()
    {
        await using TwoSilos silos = await TwoSilos.StartAsync();

        Reply[] replies = await silos.KillingAsync([Charge(4), Charge(6)]);

        Assert.Equal([Outcome.InDoubt, Outcome.InDoubt], replies.Select(static r => r.Outcome));
        await silos.AuditAsync(10);
    }

    private static Charge Charge(long nanos, string? requestId = null) => new() { AmountNanos = nanos, RequestId = requestId };

    // One cluster, and an account with 10 nanos in it.
    private sealed class TwoSilos(GrainsKit kit, InProcessTestCluster cluster, Dictionary<EngineOfSilo, GrainsHost> hosts) : IAsyncDisposable
    {
        private readonly OrleansGrains grains = new(new OneGateway(cluster.Client), TimeProvider.System);
        private GrainId account;

        public static async Task<TwoSilos> StartAsync()
        {
            Stack<EngineOfSilo> made = [];
            GrainsKit kit = new(new MemoryKit(), TimeProvider.System)
            {
                WrapAsync = engine =>
                {
                    made.Push(new EngineOfSilo(engine));
                    return Task.FromResult<IGrains>(engine);
                },
            };
            Dictionary<EngineOfSilo, GrainsHost> hosts = [];
            foreach (int _ in Enumerable.Range(0, 2))
            {
                GrainsHost host = await kit.OpenAsync(shared: true);
                hosts.Add(made.Peek(), host);
            }

            InProcessTestClusterBuilder builder = new((short)made.Count);
            builder.ConfigureSilo((_, silo) =>
            {
                ClusterSilo.Configure(silo);
                Steady.Configure(silo);
                lock (made)
                {
                    silo.Services.AddSingleton(made.Pop());
                }
            });
            InProcessTestCluster cluster = builder.Build();
            await cluster.DeployAsync();
            TwoSilos silos = new(kit, cluster, hosts);
            silos.account = await kit.OpenAccountAsync(silos.grains, 10);
            return silos;
        }

        public async Task<Reply[]> KillingAsync(Command[] commands)
        {
            (EngineOfSilo engine, GrainsHost host) = hosts.Single(static h => h.Key.Activations > 0);
            host.Journal.Close();
            Task<Reply[]> replies = this.grains.AskInOrderAsync(this.account, commands).AsTask();
            await host.Journal.ReachedAsync;
            await cluster.KillSiloAsync(cluster.Silos.Single(s => cluster.GetSiloServiceProvider(s.SiloAddress).GetRequiredService<EngineOfSilo>() == engine));
            await host.Journal.CutAsync();
            await host.CrashAsync();
            return await replies;
        }

        public async Task AuditAsync(long balanceNanos) => await kit.AuditAsync(this.account, balanceNanos);

        public async ValueTask DisposeAsync()
        {
            await cluster.DisposeAsync();
            await kit.DisposeAsync();
        }
    }
}
