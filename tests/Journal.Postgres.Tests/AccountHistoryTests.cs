using OrleansBilling.Account;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

public sealed class AccountHistoryTests(Server server)
{
    private const long Micro = 1000;
    private static readonly GrainId Grain = GrainId.Account("acme");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(64)]
    public async Task A_moment_is_found_by_halving_whatever_the_number_of_rows(int rows)
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        if (rows > 0)
        {
            await WriteAsync(writer, Rows(Grain, rows));
        }

        await WriteAsync(writer, Rows(GrainId.Account("acme2"), 100));

        // Row n was written n - 1 microseconds after the epoch.
        for (int i = -2; i <= rows + 1; i++)
        {
            long expected = Math.Clamp(i + 1, 0, rows);
            Assert.Equal(expected, await journal.History.ReadEntryAtAsync(Grain, Epoch + (i * Micro), Ct));
            Assert.Equal(expected, await journal.History.ReadEntryAtAsync(Grain, Epoch + (i * Micro) + 999, Ct));
        }

        Assert.Equal(rows, await journal.History.ReadHeadAsync(Grain, Ct));
    }

    [Fact]
    public async Task A_balance_counts_what_was_due_by_then_though_it_was_written_later()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);

        // Written 0, 1, 2, … microseconds after the epoch; the first expiry was due at once, the second a little later.
        await WriteAsync(writer, Rows(
            Grain,
            new AccountOpened("EUR", "UTC", 1, 0, "default", []),
            new CreditPosted { Kind = CreditKind.Topup, AmountNanos = 10, BalanceNanos = 10, GrantNanos = 10 },
            new HoldPlaced { AmountNanos = 4, BalanceNanos = 10, HeldNanos = 4, ExpiresAtNanos = Epoch + (2 * Micro), Meter = "m", Quantity = 1 },
            new HoldExpired(3, 4, 10, 0, Epoch + (2 * Micro) + 100),
            new GrantExpired { Grant = 2, AmountNanos = 10, BalanceNanos = 0, DueAtNanos = Epoch + (2 * Micro) + 500 },
            new CreditPosted { Kind = CreditKind.Bonus, AmountNanos = 7, BalanceNanos = 7, GrantNanos = 7 }));

        Assert.Null(await journal.History.ReadBalanceAtAsync("acme", Epoch - 1, Ct));
        Assert.Equal(new PastBalance(1, Epoch, 0, 0), await journal.History.ReadBalanceAtAsync("acme", Epoch, Ct));
        Assert.Equal(new PastBalance(2, Epoch + Micro, 10, 0), await journal.History.ReadBalanceAtAsync("acme", Epoch + Micro, Ct));
        Assert.Equal(new PastBalance(3, Epoch + (2 * Micro), 10, 4), await journal.History.ReadBalanceAtAsync("acme", Epoch + (2 * Micro), Ct));
        Assert.Equal(new PastBalance(4, Epoch + (3 * Micro), 10, 0), await journal.History.ReadBalanceAtAsync("acme", Epoch + (2 * Micro) + 100, Ct));
        Assert.Equal(new PastBalance(5, Epoch + (4 * Micro), 0, 0), await journal.History.ReadBalanceAtAsync("acme", Epoch + (2 * Micro) + 500, Ct));
        Assert.Equal(new PastBalance(6, Epoch + (5 * Micro), 7, 0), await journal.History.ReadBalanceAtAsync("acme", Epoch + (99 * Micro), Ct));
        Assert.Equal(new PastBalance(3, Epoch + (2 * Micro), 10, 4), await journal.History.ReadBalanceAsync("acme", 3, Ct));
        Assert.Null(await journal.History.ReadBalanceAsync("acme", 7, Ct));
    }

    [Fact]
    public async Task A_filter_that_few_rows_pass_is_read_in_pages_that_end_in_time()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        Event[] events = new Event[TransactionReader.MaxRowsSeen + 10];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = new Charged { AmountNanos = 1, BalanceNanos = 1, TotalSpentNanos = 1, Meter = i == 2 ? "rare" : "usual", Quantity = 1 };
        }

        // As many at once as a host writes: a statement that takes too long is ended by the server.
        foreach (JournalRow[] batch in Rows(Grain, events).Chunk(new EngineOptions().MaxBatchRows))
        {
            await WriteAsync(writer, batch);
        }

        TransactionFilter rare = new() { Meter = "rare" };
        TransactionPage first = await journal.Transactions.ReadAsync("acme", rare, long.MaxValue, 10, Ct);
        TransactionPage second = await journal.Transactions.ReadAsync("acme", rare, first.Next!.Value, 10, Ct);

        Assert.Empty(first.Entries);
        Assert.Equal(3, Assert.Single(second.Entries).Seq);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Each_part_of_a_filter_chooses()
    {
        await using PostgresJournal journal = await OpenAsync(await server.Postgres.CreateDatabaseAsync());
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        Charged charge = new() { AmountNanos = 1, BalanceNanos = 1, TotalSpentNanos = 1, Meter = "m", Quantity = 1 };
        await WriteAsync(writer, Rows(
            Grain,
            new CreditPosted { Kind = CreditKind.Topup, AmountNanos = 10, BalanceNanos = 10, Reference = "inv-1" },
            charge with { Key = "k1" },
            charge with { Workspace = "w1" },
            charge with { Meter = "other" },
            charge));

        await ChoosesAsync([1], new TransactionFilter { Kind = "topup" });
        await ChoosesAsync([1], new TransactionFilter { Reference = "inv-1" });
        await ChoosesAsync([2], new TransactionFilter { Key = "k1" });
        await ChoosesAsync([3], new TransactionFilter { Workspace = "w1" });
        await ChoosesAsync([4], new TransactionFilter { Meter = "other" });
        await ChoosesAsync([4, 3], new TransactionFilter { FromNanos = Epoch + (2 * Micro), UntilNanos = Epoch + (4 * Micro) });
        await ChoosesAsync([], new TransactionFilter { UntilNanos = Epoch });
        await ChoosesAsync([], new TransactionFilter { Key = "k1", Kind = "topup" });

        async Task ChoosesAsync(long[] seqs, TransactionFilter filter) =>
            Assert.Equal(seqs, (await journal.Transactions.ReadAsync("acme", filter, long.MaxValue, 10, Ct)).Entries.Select(e => e.Seq));
    }
}
