using Npgsql;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

public sealed class WriterTests(Server server)
{
    private static readonly GrainId Grain = GrainId.Account("a");

    [Fact]
    public async Task A_writer_that_is_blocked_by_a_frozen_writer_ends_it_and_writes()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database, shared: true);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        await using NpgsqlConnection frozen = await HoldFirstRowAsync(database, Grain, "billing-writer/frozen/0");

        // Where all is slow the server ends the statement before anybody has looked; then the batch is sent again, as a host sends it.
        AppendResult result = await writer.AppendAsync(Rows(Grain, 1), Ct);
        for (int sent = 1; result is AppendResult.Passing && sent < 30; sent++)
        {
            result = await writer.AppendAsync(Rows(Grain, 1), Ct);
        }

        Assert.IsType<AppendResult.Committed>(result);
        await using NpgsqlCommand commit = new("COMMIT", frozen);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => commit.ExecuteNonQueryAsync(Ct));
    }

    [Fact]
    public async Task A_session_that_is_no_writer_is_left_alone_and_the_batch_may_be_sent_again()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        await using NpgsqlConnection holder = await HoldFirstRowAsync(database, Grain, "psql");
        AppendResult.Passing passing = Assert.IsType<AppendResult.Passing>(await writer.AppendAsync(Rows(Grain, 1), Ct));
        Assert.Contains("57014", passing.Reason, StringComparison.Ordinal);
        await using NpgsqlCommand rollback = new("ROLLBACK", holder);
        await rollback.ExecuteNonQueryAsync(Ct);
        await WriteAsync(writer, Rows(Grain, 1));
    }

    [Fact]
    public async Task A_session_ended_in_the_middle_of_an_append_is_in_doubt_and_has_written_nothing()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        await using NpgsqlConnection holder = await HoldFirstRowAsync(database, Grain, "psql");
        Task<AppendResult> append = writer.AppendAsync(Rows(Grain, 1), Ct);
        await UntilAsync(database, $"SELECT cardinality(pg_blocking_pids({writer.Identity.ProcessId})) > 0");
        await PostgresServer.ScalarAsync<bool>(database, $"SELECT pg_terminate_backend({writer.Identity.ProcessId})");
        await Assert.ThrowsAsync<JournalInDoubtException>(() => append);
        await holder.DisposeAsync();
        await Assert.ThrowsAsync<JournalInDoubtException>(() => writer.PingAsync(Ct));
        IJournalWriter next = await journal.OpenWriterAsync(0, writer.Identity, Ct);
        Assert.Equal(default, (await next.ReadHeadsAsync([Grain], Ct))[0]);
        await WriteAsync(next, Rows(Grain, 1));
    }

    [Fact]
    public async Task An_append_that_is_given_up_leaves_its_session()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        await using NpgsqlConnection holder = await HoldFirstRowAsync(database, Grain, "psql");
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task<AppendResult> append = writer.AppendAsync(Rows(Grain, 1), giveUp.Token);
        await UntilAsync(database, $"SELECT cardinality(pg_blocking_pids({writer.Identity.ProcessId})) > 0");
        await giveUp.CancelAsync();
        await Assert.ThrowsAsync<JournalInDoubtException>(() => append);
        IJournalWriter next = await journal.OpenWriterAsync(0, writer.Identity, Ct);
        Assert.Equal(0, await PostgresServer.ScalarAsync<long>(database, $"SELECT count(*) FROM pg_stat_activity WHERE pid = {writer.Identity.ProcessId}"));
        await next.PingAsync(Ct);
    }

    [Fact]
    public async Task A_new_session_ends_the_one_it_follows_even_in_the_middle_of_its_transaction()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database, shared: true);
        IJournalWriter first = await journal.OpenWriterAsync(0, null, Ct);
        await using NpgsqlConnection holder = await HoldFirstRowAsync(database, Grain, "psql");
        Task<AppendResult> append = first.AppendAsync(Rows(Grain, 1), Ct);
        await UntilAsync(database, $"SELECT cardinality(pg_blocking_pids({first.Identity.ProcessId})) > 0");
        IJournalWriter next = await journal.OpenWriterAsync(0, first.Identity, Ct);
        await Assert.ThrowsAsync<JournalInDoubtException>(() => append);
        await holder.DisposeAsync();
        Assert.Equal(default, (await next.ReadHeadsAsync([Grain], Ct))[0]);
    }

    [Theory]
    [InlineData(false, false, "set both to Shared")]
    [InlineData(false, true, "configured to be alone")]
    [InlineData(true, false, "set this host to Shared")]
    public async Task A_host_that_is_kept_out_is_told_by_whom_and_what_to_do(bool first, bool second, string told)
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal holder = await OpenAsync(database, "holder", first);
        await using PostgresJournal other = await OpenAsync(database, "other", second);
        IJournalWriter writer = await holder.OpenWriterAsync(0, null, Ct);
        JournalOccupiedException refused = await Assert.ThrowsAsync<JournalOccupiedException>(() => other.OpenWriterAsync(0, null, Ct));
        Assert.Contains("billing-writer/holder/0", refused.Message, StringComparison.Ordinal);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        await writer.PingAsync(Ct);
    }

    [Fact]
    public async Task A_host_alone_waits_for_the_session_of_one_that_has_just_gone()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal gone = await OpenAsync(database, "gone");
        await using PostgresJournal next = await OpenAsync(database, "next");
        IJournalWriter writer = await gone.OpenWriterAsync(0, null, Ct);
        Task<IJournalWriter> opening = next.OpenWriterAsync(0, null, Ct);
        await UntilAsync(database, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'billing-writer/next/0' AND query LIKE '%pg_try_advisory_lock%')");
        await writer.DisposeAsync();
        await (await opening).PingAsync(Ct);
    }

    [Fact]
    public async Task What_another_host_wrote_is_followed_once_it_was_loaded_and_refused_before()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal a = await OpenAsync(database, "a", shared: true);
        await using PostgresJournal b = await OpenAsync(database, "b", shared: true);
        IJournalWriter first = await a.OpenWriterAsync(0, null, Ct);
        IJournalWriter second = await b.OpenWriterAsync(0, null, Ct);
        JournalRow[] rows = Rows(Grain, 5);
        await WriteAsync(first, rows[0]);
        await WriteAsync(second, rows[1], rows[2]);
        JournalRow fork = Row(Grain, HeadOf(rows[0]), data: "{\"fork\":1}");
        AppendResult.Refused refused = Assert.IsType<AppendResult.Refused>(await first.AppendAsync([fork, Row(Grain, HeadOf(fork))], Ct));
        Assert.Equal([new Refusal(Grain, null)], refused.Refusals);
        JournalRow onFork = Row(Grain, new Head(3, fork.Hash));
        Assert.IsType<AppendResult.Refused>(await first.AppendAsync([onFork], Ct));
        onFork.Previous = fork.Hash;
        Assert.IsType<AppendResult.Refused>(await first.AppendAsync([onFork], Ct));
        Assert.Equal(3, (await a.LoadAsync(Grain, Ct)).Rows.Count);
        rows[3].Previous = rows[2].Hash;
        await WriteAsync(first, rows[3]);
        await WriteAsync(second, rows[4]);
    }

    [Fact]
    public async Task A_time_below_a_microsecond_is_rejected()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        JournalRow row = Rows(Grain, 1)[0] with { AtNanos = Epoch + 1 };
        Assert.IsType<AppendResult.Rejected>(await writer.AppendAsync([row], Ct));
    }

    [Fact]
    public async Task Text_of_every_character_comes_back_as_it_was()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        string all = string.Concat(Enumerable.Range(1, 0xD7FF).Concat([0xE000, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF]).Select(c => ((char)c).ToString())) + "🙂{}\\\"',NULL";
        string id = "NULL,\"{}'\\\t\r\n\u0001\u2028🙂";
        JournalRow first = Row(Grain, default, data: all, requestId: id, actor: "{\"null\"}\\");
        JournalRow second = Row(Grain, HeadOf(first), data: new string('x', 3_000_000), requestId: "NULL", actor: "");
        await WriteAsync(writer, first, second);
        IReadOnlyList<JournalRow> rows = (await journal.LoadAsync(Grain, Ct)).Rows;
        Assert.Equal((id, "NULL"), (rows[0].RequestId, rows[1].RequestId));
        Assert.Equal((first.Actor, ""), (rows[0].Actor, rows[1].Actor));
        Assert.Equal(first.Data, rows[0].Data);
        Assert.Equal(second.Data, rows[1].Data);
        Assert.Equal(2, (await journal.FindRequestsAsync([new(Grain, id), new(Grain, "NULL")], Ct)).Count(r => r is not null));
    }

    [Fact]
    public async Task A_host_whose_listening_session_is_ended_hears_again()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal asking = await OpenAsync(database, "asking", shared: true);
        await using PostgresJournal hearing = await OpenAsync(database, "hearing", shared: true);
        TaskCompletionSource<GrainId> heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        hearing.RestRequested = grain => heard.TrySetResult(grain);
        await PostgresServer.ScalarAsync<bool>(
            database, "SELECT bool_and(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE application_name = 'billing-listener/hearing'");
        await UntilAsync(database, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'billing-listener/hearing' AND query LIKE 'LISTEN%' AND state = 'idle')");
        await asking.AskForRestAsync(Grain, Ct);
        Assert.Equal(Grain, await heard.Task.WaitAsync(Ct));
    }
}
