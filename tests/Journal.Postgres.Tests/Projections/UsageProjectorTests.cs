using System.Globalization;
using Npgsql;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;
using static OrleansBilling.Journal.Postgres.Tests.Projections.UsageFixture;

namespace OrleansBilling.Journal.Postgres.Tests.Projections;

// What is open anywhere on the server holds rows back, so these have a server of their own.
public sealed class UsageProjectorTests(QuietServer server) : IClassFixture<QuietServer>
{
    private const string MakeEverythingAgain =
        "TRUNCATE billing.usage_hourly, billing.account_totals, billing.totals, billing.totals_hourly, billing.top_daily, billing.usage_cursor";

    private const string MoveToAnotherServer = """
        UPDATE billing.journal SET tx = (tx::text::bigint + 1000)::text::xid8;
        UPDATE billing.usage_cursor SET tx = (tx::text::bigint + 1000)::text::xid8;
        UPDATE billing.settings SET cluster = 'elsewhere' || cluster
        """;

    private static readonly Charged Charge = new() { AmountNanos = 1, BalanceNanos = 1, TotalSpentNanos = 1, Meter = "m", Quantity = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task The_sums_are_the_journals_whatever_happens_to_those_who_add_them_up(int seed)
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        Random random = new(seed);
        UsageHistory history = new(seed, 7);
        PostgresJournal journal = await OpenAsync("a");
        PostgresJournal other = await OpenAsync("b");
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        for (int round = 0; round < 60; round++)
        {
            for (int batches = random.Next(1, 4); batches > 0; batches--)
            {
                await WriteAsync(writer, history.Next(random.Next(1, 40)));
            }

            switch (random.Next(12))
            {
                case 0:
                    // All at once, by two hosts.
                    await Task.WhenAll(StepAsync(journal, random.Next(1, 50)), StepAsync(other, random.Next(1, 50)));
                    break;
                case 1:
                    // Cut off at any point.
                    Task step = StepAsync(journal, random.Next(1, 50));
                    await PostgresServer.ExecuteAsync(database, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name LIKE 'billing-usage/%' AND datname = current_database()");
                    await step;
                    break;
                case 2:
                    // Read again what was read.
                    await PostgresServer.ExecuteAsync(database, "UPDATE billing.usage_cursor SET tx = '3', step = step + 1");
                    break;
                case 3:
                    await PostgresServer.ExecuteAsync(database, "UPDATE billing.usage_cursor SET sweep = '', step = step + 1");
                    break;
                case 4:
                    await PostgresServer.ExecuteAsync(database, MakeEverythingAgain);
                    break;
                case 5:
                    await journal.DisposeAsync();
                    await other.DisposeAsync();
                    await PostgresServer.ExecuteAsync(database, MoveToAnotherServer);
                    journal = await OpenAsync("a");
                    other = await OpenAsync("b");
                    writer = await journal.OpenWriterAsync(0, null, Ct);
                    break;
                default:
                    await StepAsync(random.Next(2) == 0 ? journal : other, random.Next(1, 200));
                    break;
            }
        }

        // The session that would be used now may be the last one that was ended.
        await StepAsync(journal, 1);
        await AllAsync(journal, random.Next(1, 100));

        Assert.Equal("", await JournalSums.DifferencesAsync(database));
        await journal.DisposeAsync();
        await other.DisposeAsync();

        // Half of them read each step in many portions.
        async Task<PostgresJournal> OpenAsync(string host)
        {
            PostgresJournal opened = await Fixture.OpenAsync(database, host, shared: true);
            opened.UsageProjector.Steps.PortionRows = seed % 2 == 0 ? 5 : 100_000;
            return opened;
        }
    }

    [Fact]
    public async Task Rows_that_were_jumped_over_are_fetched_when_the_account_goes_on()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        UsageHistory history = new(17, 1);
        await WriteAsync(writer, history.Next(10));
        await AllAsync(journal);
        await WriteAsync(writer, history.Next(20));
        await PostgresServer.ExecuteAsync(database, "UPDATE billing.usage_cursor SET tx = pg_snapshot_xmax(pg_current_snapshot()), step = step + 1");
        await AllAsync(journal);
        Assert.NotEqual("", await JournalSums.DifferencesAsync(database), StringComparer.Ordinal);
        await WriteAsync(writer, history.Next(1));

        await AllAsync(journal);

        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    [Fact]
    public async Task What_commits_late_is_not_missed_and_until_then_the_sums_say_that_they_are_not_complete()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        await AllAsync(journal);
        await using NpgsqlConnection open = await HoldFirstRowAsync(database, GrainId.Account("slow"), "psql");
        long began = await journal.ReadClockAsync(Ct);
        await WriteAsync(writer, Rows(GrainId.Account("fast"), Charge));

        long? before = await journal.UsageProjector.CatchUpAsync(TimeSpan.FromMilliseconds(50), Ct);
        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(database, "SELECT count(*) FROM billing.usage_hourly"));
        await using (NpgsqlCommand commit = new("UPDATE billing.journal SET type = 'charged', data = '{\"amountNanos\":1,\"balanceNanos\":1,\"totalSpentNanos\":1,\"meter\":\"m\",\"quantity\":1}' WHERE grain = 'account/slow'; COMMIT", open))
        {
            await commit.ExecuteNonQueryAsync(Ct);
        }

        long? after = await journal.UsageProjector.CatchUpAsync(TimeSpan.FromSeconds(30), Ct);

        Assert.True(before is null || before < began);
        Assert.True(after > began);
        Assert.Equal("fast 1, slow 1", await PostgresServer.ScalarAsync<string>(database, "SELECT string_agg(account || ' ' || requests, ', ' ORDER BY account) FROM billing.usage_hourly"));
    }

    [Fact]
    public async Task One_account_cannot_have_more_rows_an_hour_than_it_has_room_for_and_keys_stay_exact()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        Event[] events = [.. Enumerable.Range(0, UsageBatch.CombinationsMax + 500).Select(i => Charge with { Key = "k" + (i % 2), Usage = new Usage { Model = $"m{i % (UsageBatch.CombinationsMax + 100)}" } })];
        JournalRow[] rows = Rows(GrainId.Account("wild"), events);

        // In steps, so that some find the room taken.
        foreach (JournalRow[] part in rows.Chunk(301))
        {
            await WriteAsync(writer, part);
            await AllAsync(journal);
        }

        Assert.Equal(
            $"{UsageBatch.CombinationsMax} {UsageBatch.CombinationsMax + 500} {(UsageBatch.CombinationsMax + 500) / 2} 2",
            await PostgresServer.ScalarAsync<string>(
                database,
                "SELECT concat_ws(' ', count(*) FILTER (WHERE NOT other), sum(requests), sum(requests) FILTER (WHERE key = 'k1'), count(*) FILTER (WHERE other)) FROM billing.usage_hourly WHERE account = 'wild'"));
        Assert.Equal("", Assert.Single(await journal.Usage.ReadAsync(Query("wild") with { Group = UsageGroup.Model, Limit = 1, After = new UsagePlace(1, "", false) }, Ct) ?? []).Value);
    }

    [Fact]
    public async Task What_comes_again_takes_no_room()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        JournalRow[] rows = Rows(GrainId.Account("busy"), [.. Enumerable.Range(0, 4 * 600).Select(i => Charge with { Key = $"k{i % 600}" })]);
        foreach (JournalRow[] part in rows.Chunk(600))
        {
            await WriteAsync(writer, part);
            await AllAsync(journal);
        }

        Assert.Equal("600 f", await PostgresServer.ScalarAsync<string>(database, "SELECT count(*) || ' ' || left(bool_or(other)::text, 1) FROM billing.usage_hourly"));
    }

    [Theory]
    [InlineData("UTC", "00:00")]
    [InlineData("Europe/Berlin", "00:00")]
    [InlineData("Asia/Kolkata", "00:45")]
    [InlineData("Asia/Kathmandu", "00:45")]
    public async Task Buckets_are_whole_hours_but_in_zones_that_are_not(string zone, string bucket)
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        JournalRow[] rows = Rows(GrainId.Account("a"), new AccountOpened("EUR", zone, 1, 0, "default", []), Charge);
        long hour = Epoch - (Epoch % 3_600_000_000_000);
        JournalRow late = rows[1] with { AtNanos = hour + (50 * 60_000_000_000) };
        late.Hash = ChainHash.Next(rows[0].Hash, late);
        await WriteAsync(writer, rows[0], late);

        await AllAsync(journal);

        Assert.Equal(bucket, await PostgresServer.ScalarAsync<string>(database, "SELECT to_char(bucket - date_trunc('hour', bucket), 'HH24:MI') FROM billing.usage_hourly"));
    }

    [Fact]
    public async Task Of_more_than_are_kept_the_highest_accounts_and_models_stay()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        int count = UsageTotals.TopMax + 50;

        // In the first step the last ones lead, by both steps the first.
        JournalRow[][] rows =
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                Charged charge = Charge with { Usage = new Usage { Model = $"m{i:000}" } };
                return Rows(GrainId.Account($"a{i:000}"), charge with { AmountNanos = i + 1 }, charge with { AmountNanos = 2 * (count - i) });
            }),
        ];
        foreach (int step in new[] { 0, 1 })
        {
            await WriteAsync(writer, [.. rows.Select(r => r[step])]);
            await AllAsync(journal);
        }

        Assert.Equal("200 200", await PostgresServer.ScalarAsync<string>(database, "SELECT string_agg(c::text, ' ') FROM (SELECT count(*) AS c FROM billing.top_daily GROUP BY kind) AS k"));
        IReadOnlyList<TopFigure> top = await journal.Statistics.ReadTopAsync(new DateOnly(2025, 1, 1), new DateOnly(2026, 1, 1), 1, Ct);
        Assert.Equal(["a000", "m000"], top.Select(t => t.Value), StringComparer.Ordinal);
        Assert.Equal((2, (2 * count) + 1), (top[0].Requests, top[0].ChargedNanos));
    }

    [Fact]
    public async Task What_falls_out_of_the_highest_goes_with_the_step_or_the_step_is_taken_again()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        await WriteAsync(writer, Rows(GrainId.Account("acme"), [.. Enumerable.Range(1, 200).Select(i => Charge with { AmountNanos = i, Usage = new Usage { Model = $"m{i:000}" } })]));
        await AllAsync(journal);
        await WriteAsync(writer, Rows(GrainId.Account("other"), Charge with { AmountNanos = 1000, Usage = new Usage { Model = "dear" } }));
        await using (NpgsqlConnection connection = new(database))
        {
            await connection.OpenAsync(Ct);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(Ct);
            await using NpgsqlCommand hold = new("SELECT 1 FROM billing.top_daily WHERE value = 'm001' FOR UPDATE", connection, transaction);
            await hold.ExecuteNonQueryAsync(Ct);

            UsageProgress step = await journal.UsageProjector.Steps.TakeAsync(1000, false, Ct);

            Assert.Equal((true, 0), (step.More, step.Rows));
            Assert.Equal(0, await PostgresServer.ScalarAsync<long>(database, "SELECT count(*) FROM billing.usage_hourly WHERE account = 'other'"));
        }

        await AllAsync(journal);

        Assert.Equal("200 dear", await PostgresServer.ScalarAsync<string>(
            database, "SELECT concat_ws(' ', count(*), (array_agg(value ORDER BY charged DESC))[1]) FROM billing.top_daily WHERE kind = 'model'"));
    }

    [Fact]
    public async Task An_account_that_is_charged_on_a_day_for_what_it_began_before_is_among_the_highest_of_that_day()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        await WriteAsync(writer, Rows(GrainId.Account("acme"), Charge with { LateHold = 7 }));
        await AllAsync(journal);

        Assert.Equal("acme 0 1", await PostgresServer.ScalarAsync<string>(database, "SELECT concat_ws(' ', value, requests, charged) FROM billing.top_daily"));
    }

    [Fact]
    public async Task The_vendors_own_account_is_in_no_total()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        await WriteAsync(writer, Rows(GrainId.Account("system"), new AccountOpened("XXX", "UTC", 1, 0, "default", []), Charge));
        await AllAsync(journal);

        Assert.Equal(1, await PostgresServer.ScalarAsync<long>(database, "SELECT count(*) FROM billing.usage_hourly"));
        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(database, "SELECT (SELECT count(*) FROM billing.totals) + (SELECT count(*) FROM billing.totals_hourly) + (SELECT count(*) FROM billing.top_daily)"));
    }

    [Fact]
    public async Task A_host_leaves_it_to_the_one_that_took_the_last_step_until_that_one_takes_none()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal first = await Fixture.OpenAsync(database, "a", shared: true);
        await using PostgresJournal second = await Fixture.OpenAsync(database, "b", shared: true);
        IJournalWriter writer = await first.OpenWriterAsync(0, null, Ct);
        UsageHistory history = new(3, 2);
        await AllAsync(first);
        await WriteAsync(writer, history.Next(10));
        await first.UsageProjector.ProjectAsync(yields: true, Ct);
        await WriteAsync(writer, history.Next(10));

        UsageProgress left = await second.UsageProjector.ProjectAsync(yields: true, Ct);
        UsageProgress taken = await second.UsageProjector.ProjectAsync(yields: true, Ct);

        Assert.Equal((0, 10), (left.Rows, taken.Rows));
        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    [Fact]
    public async Task What_a_host_has_in_mind_does_not_outlive_the_tables()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal first = await Fixture.OpenAsync(database, "a", shared: true);
        await using PostgresJournal second = await Fixture.OpenAsync(database, "b", shared: true);
        IJournalWriter writer = await first.OpenWriterAsync(0, null, Ct);
        UsageHistory history = new(11, 2);
        await WriteAsync(writer, history.Next(20));
        await AllAsync(first);
        Assert.NotNull(first.UsageProjector.AsOfNanos);
        await PostgresServer.ExecuteAsync(database, MakeEverythingAgain);
        await first.UsageProjector.Steps.TakeAsync(1000, false, Ct);
        Assert.Null(first.UsageProjector.AsOfNanos);
        await PostgresServer.ExecuteAsync(database, MakeEverythingAgain);
        await WriteAsync(writer, history.Next(20));

        // As many steps as the first one took.
        await AllAsync(second);
        await WriteAsync(writer, history.Next(20));
        await AllAsync(first);

        Assert.Equal("", await JournalSums.DifferencesAsync(database));
    }

    [Fact]
    public async Task No_sum_can_grow_too_large()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await server.OpenJournalAsync();
        await using PostgresJournal ended = journal;
        CreditPosted credit = new() { Kind = CreditKind.Adjustment, AmountNanos = Money.MaxTotalNanos, BalanceNanos = Money.MaxTotalNanos };
        await WriteAsync(writer, Rows(GrainId.Account("rich"), new AccountOpened("EUR", "UTC", 1, 0, "default", []), credit, credit with { AmountNanos = -Money.MaxTotalNanos }, credit, credit));

        await AllAsync(journal);

        Assert.Equal(
            (3m * Money.MaxTotalNanos).ToString(CultureInfo.InvariantCulture),
            await PostgresServer.ScalarAsync<string>(database, "SELECT granted::text FROM billing.totals"));
    }

    private static UsageQuery Query(string account) => new(account, [Epoch - (Epoch % 3_600_000_000_000), Epoch + 3_600_000_000_000]);

    private static async Task StepAsync(PostgresJournal journal, int rows)
    {
        try
        {
            await journal.UsageProjector.Steps.TakeAsync(rows, false, Ct);
        }
        catch (JournalUnavailableException)
        {
            // Its session was ended; whether its step was written, the cursor says.
        }
    }
}
