using OrleansBilling.Journal.Postgres.Tests;
using OrleansBilling.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Server))]

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>The PostgreSQL of all tests here that do not kill theirs.</summary>
public class Server : IAsyncLifetime
{
    private PostgresServer? postgres;

    public PostgresServer Postgres => this.postgres ?? throw new InvalidOperationException("PostgreSQL was not started.");

    public async ValueTask InitializeAsync() => this.postgres = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (this.postgres is not null)
        {
            await this.postgres.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}

/// <summary>One for tests that an open transaction of another test, in whatever database, would disturb.</summary>
public sealed class QuietServer : Server;
