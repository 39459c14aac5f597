using Npgsql;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

// What is open anywhere on the server makes heads come again, so these have a server of their own.
public sealed class HeadReaderTests(QuietServer server) : IClassFixture<QuietServer>
{
    [Fact]
    public async Task All_heads_come_first_and_then_those_that_changed()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        JournalRow[] a = Rows(GrainId.Account("a"), 3);
        JournalRow[] b = Rows(GrainId.Account("b"), 5);
        await WriteAsync(writer, [a[0], a[1], .. b]);

        (HeadPosition first, List<GrainHead> all) = await ReadAsync(journal.Heads, null);
        await WriteAsync(writer, [a[2], .. Rows(GrainId.Account("c"), 1)]);
        (HeadPosition second, List<GrainHead> changed) = await ReadAsync(journal.Heads, first);
        (_, List<GrainHead> nothing) = await ReadAsync(journal.Heads, second);

        Assert.Equal(new HashSet<GrainHead> { Of(a[1]), Of(b[4]) }, [.. all]);
        Assert.Equal(["account/a 3", "account/c 1"], Names(changed), StringComparer.Ordinal);
        Assert.Empty(nothing);
    }

    [Fact]
    public async Task What_commits_late_is_not_missed()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        await using NpgsqlConnection open = await HoldFirstRowAsync(database, GrainId.Account("slow"), "psql");
        await WriteAsync(writer, Rows(GrainId.Account("fast"), 1));
        (HeadPosition first, List<GrainHead> before) = await ReadAsync(journal.Heads, null);
        await using (NpgsqlCommand commit = new("COMMIT", open))
        {
            await commit.ExecuteNonQueryAsync(Ct);
        }

        (_, List<GrainHead> after) = await ReadAsync(journal.Heads, first);

        Assert.Equal(["account/fast 1"], Names(before), StringComparer.Ordinal);
        Assert.Contains("account/slow 1", Names(after), StringComparer.Ordinal);
    }

    [Fact]
    public async Task One_host_has_the_turn_until_it_goes()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        PostgresJournal first = await OpenAsync(database, "a", shared: true);
        await using PostgresJournal second = await OpenAsync(database, "b", shared: true);

        Assert.NotNull(await first.Heads.TryBeginAsync(Ct));
        Assert.Null(await second.Heads.TryBeginAsync(Ct));
        Assert.NotNull(await first.Heads.TryBeginAsync(Ct));
        await first.DisposeAsync();
        await UntilAsync(database, "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = (-2)::bigint & x'ffffffff'::bigint)");
        Assert.NotNull(await second.Heads.TryBeginAsync(Ct));
    }

    [Fact]
    public async Task A_cut_session_is_opened_again()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        await journal.Heads.TryBeginAsync(Ct);
        await PostgresServer.ExecuteAsync(
            database, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.Heads.TryBeginAsync(Ct));

        Assert.NotNull(await journal.Heads.TryBeginAsync(Ct));
    }

    [Fact]
    public async Task After_a_restore_all_come_once()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        HeadPosition before;
        await using (PostgresJournal journal = await OpenAsync(database))
        {
            await WriteAsync(await journal.OpenWriterAsync(0, null, Ct), Rows(GrainId.Account("a"), 2));
            (before, _) = await ReadAsync(journal.Heads, null);
        }

        // As on another server, whose transactions have not come as far yet.
        await PostgresServer.ExecuteAsync(
            database,
            "UPDATE billing.journal SET tx = (tx::text::bigint + 1000000000)::text::xid8; UPDATE billing.settings SET cluster = 'elsewhere'");
        await using PostgresJournal restored = await OpenAsync(database);
        (HeadPosition first, List<GrainHead> all) = await ReadAsync(restored.Heads, before);
        await WriteAsync(await restored.OpenWriterAsync(0, null, Ct), Rows(GrainId.Account("b"), 1));
        (_, List<GrainHead> changed) = await ReadAsync(restored.Heads, first);

        Assert.Equal(["account/a 2"], Names(all), StringComparer.Ordinal);
        Assert.Equal(["account/b 1"], Names(changed), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("ANALYZE billing.journal")]
    public async Task Changes_are_found_by_block_ranges(string statistics)
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        const string rows = "INSERT INTO billing.journal (grain, seq, at, type, actor, hash, data) SELECT 'account/a', i, now(), 'charged', '', '', repeat('x', 1000) FROM generate_series({0}, {0} + 29999) AS i";
        await PostgresServer.ExecuteAsync(database, "ALTER TABLE billing.journal SET (autovacuum_enabled = off)");
        await PostgresServer.ExecuteAsync(database, string.Format(System.Globalization.CultureInfo.InvariantCulture, rows, 1));
        await PostgresServer.ExecuteAsync(database, statistics);
        HeadPosition now = (await journal.Heads.TryBeginAsync(Ct))!;
        await PostgresServer.ExecuteAsync(database, string.Format(System.Globalization.CultureInfo.InvariantCulture, rows, 30001));
        await PostgresServer.ExecuteAsync(database, "SELECT brin_summarize_new_values('billing.journal_commit_order')");
        await using NpgsqlConnection session = new(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await session.OpenAsync(Ct);
        await using NpgsqlCommand plans = new(HeadReader.PlansSql.Replace("$1", "'off'", StringComparison.Ordinal).Replace("$2", "'on'", StringComparison.Ordinal), session);
        await plans.ExecuteNonQueryAsync(Ct);
        await using NpgsqlCommand explain = new(
            "EXPLAIN (FORMAT JSON) " + HeadReader.ChangedSql.Replace("$1", $"'{now.Tx}'::xid8", StringComparison.Ordinal), session);
        string plan = (string)(await explain.ExecuteScalarAsync(Ct))!;

        Assert.Contains("journal_commit_order", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
    }

    private static async Task<(HeadPosition Position, List<GrainHead> Heads)> ReadAsync(HeadReader reader, HeadPosition? since)
    {
        HeadPosition now = (await reader.TryBeginAsync(Ct))!;
        List<GrainHead> heads = [];
        await reader.ReadAsync(since, now, heads.Add, Ct);
        return (now, heads);
    }

    private static GrainHead Of(JournalRow row) => new(row.Grain, HeadOf(row));

    private static IEnumerable<string> Names(IEnumerable<GrainHead> heads) => heads.Select(h => $"{h.Grain} {h.Head.Seq}").Order(StringComparer.Ordinal);
}
