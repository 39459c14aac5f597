using Npgsql;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

// What is open anywhere on the server holds the outbox back, so these have a server of their own.
public sealed class OutboxTests(QuietServer server) : IClassFixture<QuietServer>
{
    [Fact]
    public async Task Side_effects_come_in_commit_order_and_others_not_at_all()
    {
        (PostgresJournal journal, IJournalWriter writer, _) = await this.OpenAsync();
        await using PostgresJournal ended = journal;
        JournalRow[] b = Rows(GrainId.Account("b"), 3, "key_created");
        JournalRow[] a = Rows(GrainId.Account("a"), 2, "low_balance_crossed");
        await WriteAsync(writer, b[0]);
        await WriteAsync(writer, [a[0], b[1], .. Rows(GrainId.Account("c"), 2)]);
        await WriteAsync(writer, a[1], b[2]);
        Assert.Equal(["b 1", "a 1", "b 2", "a 2", "b 3"], await ReadAllAsync(journal, OutboxPosition.Start, 2), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Nothing_appears_behind_a_reader()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await this.OpenAsync();
        await using PostgresJournal ended = journal;
        await WriteAsync(writer, Rows(GrainId.Account("before"), 1, "key_created"));

        // An older transaction that has not committed yet holds back what committed after it began.
        await using NpgsqlConnection open = await HoldFirstRowAsync(database, GrainId.Account("slow"), "psql");
        await WriteAsync(writer, Rows(GrainId.Account("after"), 1, "key_created"));
        IReadOnlyList<SideEffect> first = await journal.Outbox.ReadSideEffectsAsync(OutboxPosition.Start, 10, Ct);
        Assert.Equal("account/before", Assert.Single(first).Row.Grain.Path);
        await using (NpgsqlCommand commit = new("UPDATE billing.journal SET type = 'key_created' WHERE grain = 'account/slow'; COMMIT", open))
        {
            await commit.ExecuteNonQueryAsync(Ct);
        }

        Assert.Equal(["slow 1", "after 1"], await ReadAllAsync(journal, first[0].Position, 10), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_cursor_is_kept_and_never_goes_back()
    {
        (PostgresJournal journal, IJournalWriter writer, _) = await this.OpenAsync();
        await using PostgresJournal ended = journal;
        await WriteAsync(writer, Rows(GrainId.Account("a"), 3, "key_created"));
        IReadOnlyList<SideEffect> all = await journal.Outbox.ReadSideEffectsAsync(OutboxPosition.Start, 10, Ct);
        Assert.Equal(OutboxPosition.Start, await journal.Outbox.ReadCursorAsync("alerts", Ct));
        await journal.Outbox.SaveCursorAsync("alerts", all[1].Position, Ct);
        await journal.Outbox.SaveCursorAsync("alerts", all[0].Position, Ct);
        Assert.Equal(all[1].Position, await journal.Outbox.ReadCursorAsync("alerts", Ct));
        Assert.Equal(OutboxPosition.Start, await journal.Outbox.ReadCursorAsync("other", Ct));
        Assert.Equal(["a 3"], await ReadAllAsync(journal, all[1].Position, 10), StringComparer.Ordinal);
    }

    [Fact]
    public async Task After_a_restore_what_was_not_delivered_is_and_what_was_is_not()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await this.OpenAsync();
        JournalRow[] b = Rows(GrainId.Account("b"), 3, "key_created");
        JournalRow[] a = Rows(GrainId.Account("a"), 2, "key_created");
        await WriteAsync(writer, b[0], b[1]);
        await WriteAsync(writer, a[0]);
        IReadOnlyList<SideEffect> all = await journal.Outbox.ReadSideEffectsAsync(OutboxPosition.Start, 10, Ct);
        await journal.Outbox.SaveCursorAsync("alerts", all[1].Position, Ct);

        // As on another server, whose transactions have not come as far yet.
        await PostgresServer.ExecuteAsync(
            database,
            """
            UPDATE billing.journal SET tx = (tx::text::bigint + 1000000000)::text::xid8;
            UPDATE billing.outbox_cursor SET tx = (tx::text::bigint + 1000000000)::text::xid8;
            UPDATE billing.settings SET cluster = 'elsewhere';
            """);
        await using PostgresJournal restored = await Fixture.OpenAsync(database, "restored");
        Assert.NotEqual(journal.DatabaseId, restored.DatabaseId);
        await journal.DisposeAsync();
        IJournalWriter next = await restored.OpenWriterAsync(0, null, Ct);
        await WriteAsync(next, a[1], b[2]);
        Assert.Equal(["a 1", "a 2", "b 3"], await ReadAllAsync(restored, await restored.Outbox.ReadCursorAsync("alerts", Ct), 1), StringComparer.Ordinal);
        Assert.True((await ChainVerifier.VerifyAsync(database, Ct)).IsWhole);
    }

    [Fact]
    public async Task A_host_that_ran_through_a_restore_keeps_no_cursor()
    {
        (PostgresJournal journal, IJournalWriter writer, string database) = await this.OpenAsync();
        await using PostgresJournal ended = journal;
        await WriteAsync(writer, Rows(GrainId.Account("a"), 1, "key_created"));
        OutboxPosition position = (await journal.Outbox.ReadSideEffectsAsync(OutboxPosition.Start, 1, Ct))[0].Position;
        await PostgresServer.ExecuteAsync(database, "UPDATE billing.settings SET database_id = gen_random_uuid()");
        await Assert.ThrowsAsync<InvalidOperationException>(() => journal.Outbox.SaveCursorAsync("alerts", position, Ct));
    }

    private static async Task<List<string>> ReadAllAsync(PostgresJournal journal, OutboxPosition after, int limit)
    {
        List<string> read = [];
        while (await journal.Outbox.ReadSideEffectsAsync(after, limit, Ct) is { Count: > 0 } page)
        {
            read.AddRange(page.Select(e => $"{e.Row.Grain.Key} {e.Row.Seq}"));
            after = page[^1].Position;
        }

        return read;
    }

    private async Task<(PostgresJournal Journal, IJournalWriter Writer, string Database)> OpenAsync()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        PostgresJournal journal = await Fixture.OpenAsync(database);
        return (journal, await journal.OpenWriterAsync(0, null, Ct), database);
    }
}
