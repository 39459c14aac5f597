using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

public sealed class VerifierTests(Server server)
{
    [Fact]
    public async Task A_journal_as_it_was_written_is_whole()
    {
        string database = await this.WriteAsync();
        VerifyResult result = await ChainVerifier.VerifyAsync(database, Ct);
        Assert.True(result.IsWhole);
        Assert.Equal((3, 15, 1), (result.Grains, result.Rows, result.Snapshots));
        Assert.Empty(result.Broken);
    }

    [Theory]
    [InlineData("UPDATE billing.journal SET data = '{\"n\":77}' WHERE grain = 'account/b' AND seq = 3", 3)]
    [InlineData("UPDATE billing.journal SET data = data || ' ' WHERE grain = 'account/b' AND seq = 3", 3)]
    [InlineData("UPDATE billing.journal SET actor = 'me' WHERE grain = 'account/b' AND seq = 2", 2)]
    [InlineData("UPDATE billing.journal SET actor = repeat('me', 3000) WHERE grain = 'account/b' AND seq = 2", 2)]
    [InlineData("UPDATE billing.journal SET at = at + '1 microsecond' WHERE grain = 'account/b' AND seq = 5", 5)]
    [InlineData("UPDATE billing.journal SET request_id = NULL WHERE grain = 'account/b' AND seq = 1", 1)]
    [InlineData("UPDATE billing.journal SET hash = '' WHERE grain = 'account/b' AND seq = 3", 3)]
    [InlineData("DELETE FROM billing.journal WHERE grain = 'account/b' AND seq = 1", 2)]
    [InlineData("DELETE FROM billing.journal WHERE grain = 'account/b' AND seq = 3", 4)]
    [InlineData("DELETE FROM billing.journal WHERE grain = 'account/b' AND seq >= 4", 4)]
    [InlineData("UPDATE billing.journal SET grain = 'account/b', seq = 6, request_id = 'x' WHERE grain = 'account/c' AND seq = 5", 6)]
    [InlineData("UPDATE billing.journal AS j SET data = o.data, hash = o.hash FROM billing.journal AS o WHERE j.grain = 'account/b' AND j.seq = 5 AND o.grain = 'account/c' AND o.seq = 5", 5)]
    [InlineData("UPDATE billing.snapshots SET hash = sha256('x')", 4)]
    public async Task What_was_changed_is_found(string change, long seq)
    {
        string database = await this.WriteAsync();
        await PostgresServer.ExecuteAsync(database, change);
        VerifyResult result = await ChainVerifier.VerifyAsync(database, Ct);
        Assert.False(result.IsWhole);
        BrokenGrain broken = Assert.Single(result.Broken);
        Assert.Equal((GrainId.Account("b"), seq), (broken.Grain, broken.Seq));
        Assert.NotEmpty(broken.Reason);
    }

    [Fact]
    public async Task Every_broken_grain_is_named_once()
    {
        string database = await this.WriteAsync();
        await PostgresServer.ExecuteAsync(database, "UPDATE billing.journal SET type = 'other' WHERE seq IN (2, 4)");
        VerifyResult result = await ChainVerifier.VerifyAsync(database, Ct);
        Assert.Equal(3, result.BrokenCount);
        Assert.Equal(["account/a", "account/b", "account/c"], result.Broken.Select(b => b.Grain.Path), StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_numbers_of_commit_order_may_change()
    {
        string database = await this.WriteAsync();
        await PostgresServer.ExecuteAsync(database, "UPDATE billing.journal SET tx = '1'");
        Assert.True((await ChainVerifier.VerifyAsync(database, Ct)).IsWhole);
    }

    [Fact]
    public async Task A_snapshot_whose_row_is_gone_is_not_loaded()
    {
        string database = await this.WriteAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        Assert.Equal(4, (await journal.LoadAsync(GrainId.Account("b"), Ct)).Snapshot?.Seq);
        await PostgresServer.ExecuteAsync(database, "DELETE FROM billing.journal WHERE grain = 'account/b' AND seq >= 4");
        StoredGrain stored = await journal.LoadAsync(GrainId.Account("b"), Ct);
        Assert.Null(stored.Snapshot);
        Assert.Equal(3, stored.Rows.Count);
    }

    private async Task<string> WriteAsync()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        await using PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        foreach (string account in new[] { "a", "b", "c" })
        {
            JournalRow[] rows = Rows(GrainId.Account(account), 5);
            await Fixture.WriteAsync(writer, rows);
            if (account == "b")
            {
                await journal.SaveSnapshotsAsync([SnapshotOf(rows[3])], Ct);
            }
        }

        return database;
    }
}
