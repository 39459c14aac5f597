using System.Text.Json;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;
using static OrleansBilling.Journal.Postgres.Tests.Projections.UsageFixture;

namespace OrleansBilling.Journal.Postgres.Tests.Projections;

/// <summary>What a row could count twice by, or never.</summary>
/// <param name="server">A server that no other test's open transaction holds up.</param>
public sealed class UsageExactnessTests(QuietServer server) : IClassFixture<QuietServer>
{
    private static readonly string[] Tables = ["usage_hourly", "account_totals", "totals", "totals_hourly", "top_daily", "usage_cursor"];

    private static readonly Charged Charge = new() { AmountNanos = 1, BalanceNanos = 1, TotalSpentNanos = 1, Meter = "m", Quantity = 1 };

    // Steps are not waited for on the disk: a server that crashes may come back without the last ones.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_host_goes_on_from_a_step_that_the_server_has_lost(int steps)
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal first = await Fixture.OpenAsync(database, "a", shared: true);
        await using PostgresJournal second = await Fixture.OpenAsync(database, "b", shared: true);
        IJournalWriter writer = await first.OpenWriterAsync(0, null, Ct);
        UsageHistory history = new(23, 3);
        await WriteAsync(writer, history.Next(20));
        await AllAsync(first);
        await SaveAsync(database);
        for (int step = 0; step < steps; step++)
        {
            for (int commit = 0; commit < 4; commit++)
            {
                await WriteAsync(writer, history.Next(5));
            }

            Assert.Equal(20, (await first.UsageProjector.Steps.TakeAsync(1000, false, Ct)).Rows);
        }

        await LoseAsync(database);

        // As many steps as are lost, but shorter ones.
        for (int step = 0; step < steps; step++)
        {
            await TakeAsync(second, 1);
        }

        Assert.True(first.UsageProjector.AsOfNanos > await AsOfAsync(database));
        await WriteAsync(writer, history.Next(20));
        UsageProgress next = await first.UsageProjector.Steps.TakeAsync(1, false, Ct);
        Assert.True(next.AsOfNanos is null || next.AsOfNanos <= await AsOfAsync(database), "It answers for rows that are not in the sums.");
        await AllAsync(first);

        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    [Fact]
    public async Task What_a_broken_off_step_had_read_of_another_hosts_step_is_not_kept()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal first = await Fixture.OpenAsync(database, "a", shared: true);
        await using PostgresJournal second = await Fixture.OpenAsync(database, "b", shared: true);
        IJournalWriter writer = await first.OpenWriterAsync(0, null, Ct);
        GrainId grain = GrainId.Account("a");
        JournalRow[] rows = Rows(
            grain,
            new AccountOpened("EUR", "UTC", 1, 0, "default", []),
            Charge with { BalanceNanos = -1 },
            Charge with { BalanceNanos = -2 },
            new ChargeReversed { Charge = 2, ChargedAtNanos = Epoch + 1000, AmountNanos = 1, ReversedNanos = 1, BalanceNanos = -1, TotalSpentNanos = 1, Meter = "m" });
        await WriteAsync(writer, rows[..2]);
        await AllAsync(second);
        await SaveAsync(database);

        // The other host's step is committed after the first host has seen where the sums are, and before it reads where accounts stand.
        await WriteAsync(writer, rows[2]);
        await TakeAsync(second, 1000);
        await PostgresServer.ExecuteAsync(database, "TRUNCATE billing.usage_cursor; INSERT INTO billing.usage_cursor SELECT * FROM saved_usage_cursor");
        await WriteAsync(writer, rows[3]);
        await PostgresServer.ExecuteAsync(database, $"UPDATE billing.journal SET data = 'broken off here' WHERE grain = '{grain}' AND seq = 2");
        await Assert.ThrowsAsync<JsonException>(() => first.UsageProjector.Steps.TakeAsync(1000, false, Ct));
        await PostgresServer.ExecuteAsync(database, $"UPDATE billing.journal SET data = o.data FROM billing.journal AS o WHERE o.grain = '{grain}' AND o.seq = 3 AND journal.grain = '{grain}' AND journal.seq = 2");

        // The server crashes, and comes back without it.
        await LoseAsync(database);
        await AllAsync(first);

        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    [Fact]
    public async Task It_does_not_matter_where_an_accounts_rows_lie()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        UsageHistory history = new(29, 5);
        await WriteAsync(writer, history.Next(20));
        await AllAsync(journal);
        await WriteAsync(writer, history.Next(200));

        // Each account's next row first, so that all seems well to begin with.
        await PostgresServer.ExecuteAsync(database, """
            CREATE TABLE moved AS TABLE billing.journal;
            TRUNCATE billing.journal;
            INSERT INTO billing.journal SELECT m.* FROM moved AS m LEFT JOIN billing.account_totals AS t ON 'account/' || t.account = m.grain
            ORDER BY m.seq = t.seq + 1 DESC NULLS LAST, md5(m.seq::text || m.grain);
            """);

        await AllAsync(journal, 150);

        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    [Fact]
    public async Task A_step_that_fails_half_way_leaves_nothing_behind()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        UsageHistory history = new(31, 4);
        await WriteAsync(writer, history.Next(40));
        await AllAsync(journal);
        foreach (string table in Tables)
        {
            await WriteAsync(writer, history.Next(40));
            await PostgresServer.ExecuteAsync(database, $"""
                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
                CREATE TRIGGER refuse AFTER INSERT OR UPDATE ON billing.{table} EXECUTE FUNCTION refuse();
                """);
            await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.UsageProjector.Steps.TakeAsync(1000, false, Ct));
            await PostgresServer.ExecuteAsync(database, $"DROP TRIGGER refuse ON billing.{table}");
        }

        await AllAsync(journal);

        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    // As a time-out would, wherever it lies.
    [Fact]
    public async Task Steps_that_are_too_large_for_the_server_become_smaller()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        await AllAsync(journal);
        UsageHistory history = new(37, 300);
        for (int commit = 0; commit < 20; commit++)
        {
            await WriteAsync(writer, history.Next(500));
        }

        await PostgresServer.ExecuteAsync(database, """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF (SELECT count(*) FROM written) > 3000 THEN RAISE EXCEPTION 'too large' USING ERRCODE = 'query_canceled'; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER refuse AFTER INSERT ON billing.usage_hourly REFERENCING NEW TABLE AS written EXECUTE FUNCTION refuse();
            """);
        int refused = 0;
        for (bool more = true; more;)
        {
            try
            {
                more = (await journal.UsageProjector.ProjectAsync(false, Ct)).More;
            }
            catch (JournalUnavailableException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0);
        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    [Fact]
    public async Task Moves_between_zones_make_no_room()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        Event[] events =
        [
            new AccountOpened("EUR", "Asia/Kolkata", 1, 0, "default", []),
            .. Wild(0),
            new ZoneSet("UTC", null),
            .. Wild(1),
            new ZoneSet("Asia/Kolkata", null),
            .. Wild(2),
            new ZoneSet("UTC", null),
            .. Wild(3),
        ];

        // In steps, each of which ends in another zone.
        foreach (JournalRow[] part in InOneHour(Rows(GrainId.Account("wild"), events)).Chunk(events.Length / 4))
        {
            await WriteAsync(writer, part);
            await AllAsync(journal);
        }

        Assert.Equal(
            "0 4000",
            await PostgresServer.ScalarAsync<string>(database, $"""
                SELECT concat_ws(' ', count(*) FILTER (WHERE c > {UsageBatch.CombinationsMax}), sum(r))
                FROM (SELECT count(*) FILTER (WHERE NOT other) AS c, sum(requests) AS r FROM billing.usage_hourly GROUP BY account, bucket) AS b
                """));

        static IEnumerable<Event> Wild(int time) => Enumerable.Range(0, UsageBatch.CombinationsMax).Select(i => Charge with { Usage = new Usage { Model = $"m{time}-{i}" } });
    }

    [Fact]
    public async Task What_a_newer_release_wrote_stops_the_sums_and_is_not_left_out()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        await AllAsync(journal);
        await WriteAsync(writer, Row(GrainId.Account("a"), default, "credit_doubled"));

        await Assert.ThrowsAsync<JsonException>(() => journal.UsageProjector.Steps.TakeAsync(1000, false, Ct));

        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(database, "SELECT count(*) FROM billing.account_totals"));
    }

    // From the hour's third quarter on, in which all of them are.
    private static JournalRow[] InOneHour(JournalRow[] rows)
    {
        const long Quarter = 900_000_000_000;
        ChainHash before = default;
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = rows[i] with { AtNanos = Epoch - (Epoch % (4 * Quarter)) + (2 * Quarter) + (i * 1000) };
            rows[i].Hash = before = ChainHash.Next(before, rows[i]);
        }

        return rows;
    }

    private static async Task SaveAsync(string database)
    {
        foreach (string table in Tables)
        {
            await PostgresServer.ExecuteAsync(database, $"CREATE TABLE saved_{table} AS TABLE billing.{table}");
        }
    }

    private static async Task LoseAsync(string database)
    {
        foreach (string table in Tables)
        {
            await PostgresServer.ExecuteAsync(database, $"TRUNCATE billing.{table}; INSERT INTO billing.{table} SELECT * FROM saved_{table}");
        }
    }

    private static async Task TakeAsync(PostgresJournal journal, int rows)
    {
        while ((await journal.UsageProjector.Steps.TakeAsync(rows, false, Ct)).Rows == 0)
        {
            Ct.ThrowIfCancellationRequested();
        }
    }

    private static async Task<long> AsOfAsync(string database) =>
        await PostgresServer.ScalarAsync<long>(database, "SELECT (extract(epoch FROM as_of) * 1000000)::bigint * 1000 FROM billing.usage_cursor");
}
