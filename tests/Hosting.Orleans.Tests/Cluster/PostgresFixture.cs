using OrleansBilling.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(OrleansBilling.Hosting.Orleans.Tests.Cluster.PostgresFixture))]

namespace OrleansBilling.Hosting.Orleans.Tests.Cluster;

/// <summary>One PostgreSQL for all tests of this project that need a real membership table.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => this.Server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => this.Server.DisposeAsync();
}
