using OrleansBilling.Conformance.Journals;
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

    [Theory]
    [InlineData("DELETE FROM billing.journal WHERE grain = 'account/c' AND seq > 3", 5, "ends with row 3")]
    [InlineData("DELETE FROM billing.journal WHERE grain = 'account/c'", 5, "no rows")]
    public async Task What_was_cut_off_is_found_by_a_head_kept_elsewhere(string change, long seq, string says)
    {
        string database = await this.WriteAsync();
        GrainHead[] heads = [.. new[] { "a", "b", "c" }.Select(a => new GrainHead(GrainId.Account(a), HeadOf(Rows(GrainId.Account(a), 5)[4])))];
        VerifyResult before = await ChainVerifier.VerifyAsync(database, heads, Ct);
        await PostgresServer.ExecuteAsync(database, change);

        VerifyResult blind = await ChainVerifier.VerifyAsync(database, Ct);
        VerifyResult after = await ChainVerifier.VerifyAsync(database, heads, Ct);

        Assert.Equal((true, 3), (before.IsWhole, before.Heads));
        Assert.True(blind.IsWhole);
        BrokenGrain broken = Assert.Single(after.Broken);
        Assert.Equal((GrainId.Account("c"), seq), (broken.Grain, broken.Seq));
        Assert.Contains(says, broken.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_was_changed_and_computed_anew_is_found_by_its_earlier_heads_also_after_it_went_on()
    {
        string database = await this.WriteAsync();
        JournalRow[] old = Rows(GrainId.Account("c"), 5);
        await PostgresServer.ExecuteAsync(database, "DELETE FROM billing.journal WHERE grain = 'account/c'");
        JournalRow[] anew = [Row(GrainId.Account("c"), default, data: "{\"n\":77}"), .. new JournalRow[5]];
        for (int i = 1; i < anew.Length; i++)
        {
            anew[i] = Row(GrainId.Account("c"), HeadOf(anew[i - 1]));
        }

        await using (PostgresJournal journal = await OpenAsync(database))
        {
            await Fixture.WriteAsync(await journal.OpenWriterAsync(0, null, Ct), anew);
        }

        GrainHead[] heads = [new(GrainId.Account("c"), HeadOf(old[2])), new(GrainId.Account("c"), HeadOf(old[4])), new(GrainId.Account("c"), HeadOf(anew[5]))];
        VerifyResult blind = await ChainVerifier.VerifyAsync(database, heads[2..], Ct);
        VerifyResult result = await ChainVerifier.VerifyAsync(database, heads, Ct);

        Assert.True(blind.IsWhole);
        BrokenGrain broken = Assert.Single(result.Broken);
        Assert.Equal((GrainId.Account("c"), 3, 1), (broken.Grain, broken.Seq, result.BrokenCount));
        Assert.Contains("computed anew", broken.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_number_of_heads_is_checked()
    {
        string database = await this.WriteAsync();
        GrainHead good = new(GrainId.Account("a"), HeadOf(Rows(GrainId.Account("a"), 5)[4]));
        GrainHead bad = good with { Grain = GrainId.Account("nobody") };

        VerifyResult result = await ChainVerifier.VerifyAsync(database, Enumerable.Repeat(good, 2500).Append(bad), Ct);

        Assert.Equal((2501, 1), (result.Heads, result.BrokenCount));
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
