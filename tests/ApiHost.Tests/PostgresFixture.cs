using OrleansBilling.Testing;

[assembly: AssemblyFixture(typeof(OrleansBilling.ApiHost.Tests.PostgresFixture))]

namespace OrleansBilling.ApiHost.Tests;

/// <summary>One PostgreSQL for all tests of this project that need a real one.</summary>
public class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    /// <summary>Settings other than the usual ones.</summary>
    protected virtual Dictionary<string, string>? Settings => null;

    public async ValueTask InitializeAsync() => this.Server = await PostgresServer.StartAsync(this.Settings);

    public async ValueTask DisposeAsync()
    {
        await this.Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>
/// One for tests that an open transaction, in whatever database, would disturb: another test's, or one that the server begins by
/// itself to look after its tables.
/// </summary>
public sealed class QuietPostgresFixture : PostgresFixture
{
    protected override Dictionary<string, string> Settings => new(StringComparer.Ordinal) { ["autovacuum"] = "off" };
}
