using OrleansBilling.Testing;

[assembly: AssemblyFixture(typeof(OrleansBilling.ApiHost.Tests.PostgresFixture))]

namespace OrleansBilling.ApiHost.Tests;

/// <summary>One PostgreSQL for all tests of this project that need a real one.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => this.Server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => this.Server.DisposeAsync();
}
