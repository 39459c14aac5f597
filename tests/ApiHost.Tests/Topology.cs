using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>Starts engines on a store, and whatever stands before them.</summary>
internal delegate Task<Topology> StartTopology(MemoryStore store, IPrices prices);

/// <summary>What the front ends of a test ask: the same tests run on each of these.</summary>
/// <param name="FrontEnds">The grains and the cluster as each front end sees them.</param>
/// <param name="Engines">The engines that decide.</param>
/// <param name="Others">What else is to be disposed of, before the engines.</param>
internal sealed record Topology(
    IReadOnlyList<(IGrains Grains, ICluster Cluster)> FrontEnds, IReadOnlyList<Engine> Engines, params IReadOnlyList<IAsyncDisposable> Others) : IAsyncDisposable
{
    /// <summary>One host, alone.</summary>
    public static async Task<Topology> OneHostAsync(MemoryStore store, IPrices prices)
    {
        Engine engine = await StartEngineAsync(store, prices, shared: false);
        return new Topology([(engine, new LocalCluster(engine, "host-1", shared: false, TimeProvider.System))], [engine]);
    }

    /// <summary>Two hosts of one journal.</summary>
    public static async Task<Topology> TwoHostsAsync(MemoryStore store, IPrices prices)
    {
        Engine[] engines = [await StartEngineAsync(store, prices, shared: true), await StartEngineAsync(store, prices, shared: true)];
        return new Topology([.. engines.Select((e, i) => ((IGrains)e, (ICluster)new LocalCluster(e, $"host-{i + 1}", shared: true, TimeProvider.System)))], engines);
    }

    public static Engine MakeEngine(MemoryStore store, IPrices prices, bool shared) =>
        new(new MemoryJournal(store, shared), new EngineOptions(), GrainKinds.All, prices, TimeProvider.System, NullLogger<Engine>.Instance);

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in this.Others.Concat(this.Engines))
        {
            await part.DisposeAsync();
        }
    }

    private static async Task<Engine> StartEngineAsync(MemoryStore store, IPrices prices, bool shared)
    {
        Engine engine = MakeEngine(store, prices, shared);
        await engine.StartAsync();
        return engine;
    }
}
