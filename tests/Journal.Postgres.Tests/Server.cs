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

    /// <summary>Settings other than the usual ones.</summary>
    protected virtual Dictionary<string, string>? Settings => null;

    public async ValueTask InitializeAsync() => this.postgres = await PostgresServer.StartAsync(this.Settings);

    public async ValueTask DisposeAsync()
    {
        if (this.postgres is not null)
        {
            await this.postgres.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}

/// <summary>
/// One for tests that an open transaction, in whatever database, would disturb: another test's, or one that the server begins by
/// itself to look after its tables.
/// </summary>
public sealed class QuietServer : Server
{
    protected override Dictionary<string, string> Settings => new(StringComparer.Ordinal) { ["autovacuum"] = "off" };
}
