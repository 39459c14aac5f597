using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

public sealed class SetupTests(Server server)
{
    [Fact]
    public async Task Hosts_that_start_at_once_set_the_database_up_once()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        PostgresJournal[] hosts = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => OpenAsync(database, $"h{i}", shared: true, lanes: i + 1)));
        Assert.Single(hosts.Select(h => h.DatabaseId).Distinct());
        Assert.Single(hosts.Select(h => h.Lanes).Distinct());
        Assert.Equal(await PostgresServer.ScalarAsync<long>(database, "SELECT max(number)::bigint FROM billing.migrations"),
            await PostgresServer.ScalarAsync<long>(database, "SELECT count(*) FROM billing.migrations"));
        foreach (PostgresJournal host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_number_of_lanes_is_the_databases()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal first = await OpenAsync(database, lanes: 3);
        await using PostgresJournal second = await OpenAsync(database, lanes: 5);
        Assert.Equal((3, 3), (first.Lanes, second.Lanes));
        Assert.Equal(first.DatabaseId, second.DatabaseId);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => second.OpenWriterAsync(3, null, Ct));
    }

    [Fact]
    public async Task A_database_of_a_newer_release_is_refused()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await (await OpenAsync(database)).DisposeAsync();
        await PostgresServer.ExecuteAsync(database, "INSERT INTO billing.migrations (number, name, checksum) VALUES (9999, '9999_future.sql', '')");
        JournalSetupException refused = await Assert.ThrowsAsync<JournalSetupException>(() => OpenAsync(database));
        Assert.Contains("newer release", refused.Message, StringComparison.Ordinal);
        Assert.Contains("9999_future.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_another_build_s_migrations_is_refused()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await (await OpenAsync(database)).DisposeAsync();
        await PostgresServer.ExecuteAsync(database, "UPDATE billing.migrations SET checksum = 'x' WHERE number = 1");
        JournalSetupException refused = await Assert.ThrowsAsync<JournalSetupException>(() => OpenAsync(database));
        Assert.Contains("0001_journal.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_unavailable() =>
        await Assert.ThrowsAsync<JournalUnavailableException>(() => OpenAsync(server.Postgres.ConnectionString("nowhere")));

    [Theory]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("0123456789012345678901234567890123")]
    public async Task A_host_name_that_would_not_be_recognised_is_refused(string host) =>
        await Assert.ThrowsAsync<JournalSetupException>(() => OpenAsync(server.Postgres.ConnectionString("postgres"), host));

    [Fact]
    public async Task The_first_pepper_is_kept()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        Assert.Equal("one", await journal.ClaimPepperAsync("one", Ct));
        Assert.Equal("one", await journal.ClaimPepperAsync("two", Ct));
        Assert.Equal("one", await journal.ReplacePepperAsync("two", Ct));
        Assert.Equal("two", await journal.ClaimPepperAsync("one", Ct));
    }

    [Fact]
    public async Task The_documented_grants_let_a_reader_see_the_views_and_nothing_else()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await (await OpenAsync(database)).DisposeAsync();
        await PostgresServer.ExecuteAsync(
            database,
            "CREATE ROLE billing_reader LOGIN; GRANT USAGE ON SCHEMA billing TO billing_reader; GRANT SELECT ON billing.transactions, billing.usage TO billing_reader");
        string reader = database.Replace("Username=postgres", "Username=billing_reader", StringComparison.Ordinal);
        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(reader, "SELECT count(*) FROM billing.transactions"));
        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(reader, "SELECT count(*) FROM billing.usage"));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => PostgresServer.ScalarAsync<long>(reader, "SELECT count(*) FROM billing.journal"));
    }
}
