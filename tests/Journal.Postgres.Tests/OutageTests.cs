using Npgsql;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>What a server does to a host when it is killed, configured wrongly, or ends sessions; each test has its own server.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private static readonly GrainId Grain = GrainId.Account("a");

    private PostgresServer? server;

    private PostgresServer Postgres => this.server!;

    public async ValueTask InitializeAsync() => this.server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => this.Postgres.DisposeAsync();

    [Fact]
    public async Task What_was_committed_is_there_after_the_server_was_killed_and_the_host_goes_on()
    {
        await using PostgresJournal journal = await OpenAsync(await this.Postgres.CreateDatabaseAsync(), shared: true);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        JournalRow[] rows = Rows(Grain, 3);
        await WriteAsync(writer, rows[0], rows[1]);
        Assert.Equal(2, (await journal.LoadAsync(Grain, Ct)).Rows.Count);

        await this.Postgres.KillAsync();
        await Assert.ThrowsAsync<JournalInDoubtException>(() => writer.AppendAsync([rows[2]], Ct));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.LoadAsync(Grain, Ct));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.OpenWriterAsync(0, writer.Identity, Ct));

        await this.Postgres.StartAgainAsync();
        IJournalWriter next = await journal.OpenWriterAsync(0, writer.Identity, Ct);
        Assert.Equal(HeadOf(rows[1]), (await next.ReadHeadsAsync([Grain], Ct))[0]);
        await WriteAsync(next, rows[2]);
        Assert.Equal(3, (await journal.LoadAsync(Grain, Ct)).Rows.Count);
    }

    [Theory]
    [InlineData("fsync")]
    [InlineData("full_page_writes")]
    public async Task A_server_that_may_lose_what_it_confirmed_is_refused(string setting)
    {
        string database = await this.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        await PostgresServer.ExecuteAsync(database, $"ALTER SYSTEM SET {setting} = off");
        await PostgresServer.ExecuteAsync(database, "SELECT pg_reload_conf()");
        await UntilAsync(database, $"SELECT current_setting('{setting}') = 'off'");
        JournalSetupException refused = await Assert.ThrowsAsync<JournalSetupException>(() => OpenAsync(database, "b"));
        Assert.Contains($"{setting} = off", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalSetupException>(() => journal.OpenWriterAsync(0, null, Ct));
    }

    [Fact]
    public async Task A_standby_is_refused_by_a_host_that_starts_and_by_one_that_was_led_to_it()
    {
        string database = await this.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);

        await this.Postgres.RestartAsStandbyAsync();
        JournalSetupException led = await Assert.ThrowsAsync<JournalSetupException>(() => journal.OpenWriterAsync(0, writer.Identity, Ct));
        JournalSetupException started = await Assert.ThrowsAsync<JournalSetupException>(() => OpenAsync(database, "b"));
        Assert.All(new[] { led, started }, refused => Assert.Contains("standby", refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_several_servers_the_primary_is_taken()
    {
        await using PostgresServer standby = await PostgresServer.StartAsync();
        await standby.RestartAsStandbyAsync();
        NpgsqlConnectionStringBuilder both = new(this.Postgres.ConnectionString("postgres"));
        both.Host = $"127.0.0.1:{new NpgsqlConnectionStringBuilder(standby.ConnectionString("postgres")).Port},127.0.0.1:{both.Port}";
        await using PostgresJournal journal = await OpenAsync(both.ConnectionString, shared: true);
        JournalRow[] rows = Rows(Grain, 1);
        await WriteAsync(await journal.OpenWriterAsync(0, null, Ct), rows);
        Assert.Single((await journal.LoadAsync(Grain, Ct)).Rows);
    }

    [Fact]
    public async Task After_a_lost_session_nothing_is_read_on_a_connection_from_before()
    {
        string database = await this.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        await journal.ReadClockAsync(Ct);
        const string Pooled = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'billing/a'";
        Assert.Equal(1, await PostgresServer.ScalarAsync<long>(database, Pooled));

        await journal.OpenWriterAsync(0, writer.Identity, Ct);
        await UntilAsync(database, $"SELECT ({Pooled}) = 0");
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_in_doubt_and_found_afterwards()
    {
        string database = await this.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);

        // With a standby that never answers, a commit is done here but not yet confirmed.
        await PostgresServer.ExecuteAsync(database, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await PostgresServer.ExecuteAsync(database, "SELECT pg_reload_conf()");
        await UntilCommitsWaitAsync(database);
        JournalRow row = Rows(Grain, 1)[0];
        Task<AppendResult> append = writer.AppendAsync([row], Ct);
        await UntilAsync(database, $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {writer.Identity.ProcessId} AND wait_event = 'SyncRep')");
        await PostgresServer.ScalarAsync<bool>(database, $"SELECT pg_terminate_backend({writer.Identity.ProcessId})");
        await Assert.ThrowsAsync<JournalInDoubtException>(() => append);

        await PostgresServer.ExecuteAsync(database, "ALTER SYSTEM RESET synchronous_standby_names");
        await PostgresServer.ExecuteAsync(database, "SELECT pg_reload_conf()");
        IJournalWriter next = await journal.OpenWriterAsync(0, writer.Identity, Ct);
        Assert.Equal(HeadOf(row), (await next.ReadHeadsAsync([Grain], Ct))[0]);
        AppendResult.Refused again = Assert.IsType<AppendResult.Refused>(await next.AppendAsync([row], Ct));
        Assert.Equal([new Refusal(Grain, null), new Refusal(Grain, "r0")], again.Refusals);
    }

    // The server's checkpointer has commits wait, some time after sessions know the setting: until then one after another goes through.
    private static async Task UntilCommitsWaitAsync(string database)
    {
        bool waits = false;
        while (!waits)
        {
            await using NpgsqlConnection probe = new(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
            await probe.OpenAsync(Ct);
            await using NpgsqlCommand write = new("SELECT pg_logical_emit_message(true, 'probe', '')", probe);
            Task commit = write.ExecuteNonQueryAsync(Ct);
            while (!waits && !commit.IsCompleted)
            {
                waits = await PostgresServer.ScalarAsync<bool>(
                    database, $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {probe.ProcessID} AND wait_event = 'SyncRep')");
            }

            if (waits)
            {
                await PostgresServer.ScalarAsync<bool>(database, $"SELECT pg_terminate_backend({probe.ProcessID}, 10000)");
                await Assert.ThrowsAnyAsync<NpgsqlException>(() => commit);
            }
        }
    }
}
