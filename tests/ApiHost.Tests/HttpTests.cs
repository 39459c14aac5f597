using OrleansBilling.ApiHost.Keys;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>Tests of routes, on one host; a class derived from one of them runs all of its tests on something else.</summary>
public abstract class HttpTests : IAsyncLifetime
{
    /// <summary>What the front ends ask.</summary>
    internal virtual StartTopology Start => Topology.OneHostAsync;

    /// <summary>What the host is configured with.</summary>
    internal virtual string[] Settings => [];

    /// <summary>The host.</summary>
    internal TestHost Host { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync() => this.Host = await this.StartAsync(settings: this.Settings);

    public async ValueTask DisposeAsync()
    {
        await this.Host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts another host.</summary>
    internal Task<TestHost> StartAsync(MemoryStore? store = null, Pepper? pepper = null, params string[] settings) =>
        TestHost.StartAsync(this.Start, store, pepper, settings);
}
