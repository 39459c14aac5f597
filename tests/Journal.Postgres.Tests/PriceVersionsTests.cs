using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

public sealed class PriceVersionsTests(Server server)
{
    [Fact]
    public async Task The_same_table_is_the_same_version_on_every_host_and_for_ever()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using (PostgresJournal a = await OpenAsync(database, "a", shared: true))
        await using (PostgresJournal b = await OpenAsync(database, "b", shared: true))
        {
            Assert.Equal(1, await a.Prices.ClaimAsync("one", Ct));
            Assert.Equal(2, await b.Prices.ClaimAsync("two", Ct));
            Assert.Equal(1, await b.Prices.ClaimAsync("one", Ct));
            Assert.Equal([(2, "two")], await a.Prices.ReadAsync(1, Ct));
        }

        await using PostgresJournal again = await OpenAsync(database);
        Assert.Equal(2, await again.Prices.ClaimAsync("two", Ct));
        Assert.Equal(3, await again.Prices.ClaimAsync("three", Ct));
        Assert.Equal([(1, "one"), (2, "two"), (3, "three")], await again.Prices.ReadAsync(0, Ct));
    }

    [Fact]
    public async Task Hosts_that_start_at_once_agree_on_the_numbers()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());

        int[] numbers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => journal.Prices.ClaimAsync($"table {i % 12}", Ct)));

        Assert.Equal(Enumerable.Range(1, 12), numbers.Distinct().Order());
        foreach (IGrouping<int, int> sameTable in Enumerable.Range(0, 60).GroupBy(i => i % 12, i => numbers[i]))
        {
            Assert.Single(sameTable.Distinct());
        }
    }
}
