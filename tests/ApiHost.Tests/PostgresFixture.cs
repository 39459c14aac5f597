using OrleansBilling.Testing;

[assembly: AssemblyFixture(typeof(OrleansBilling.ApiHost.Tests.PostgresFixture))]

namespace OrleansBilling.ApiHost.Tests;

/// <summary>One PostgreSQL for all tests of this project that need a real one.</summary>
public class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => this.Server = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await this.Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>One for tests that an open transaction of another test, in whatever database, would disturb.</summary>
public sealed class QuietPostgresFixture : PostgresFixture;
