using Npgsql;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

public sealed class ViewTests(Server server)
{
    private const long Unit = Money.NanosPerUnit;
    private static readonly GrainId Grain = GrainId.Account("acme");

    private static readonly Event[] Story =
    [
        new AccountOpened("EUR", "Europe/Berlin", 1, 0, "default", []),
        new CreditPosted { Kind = CreditKind.Topup, AmountNanos = 10 * Unit, BalanceNanos = 10 * Unit, GrantNanos = 10 * Unit, Reference = "pi_1" },
        new Charged
        {
            AmountNanos = 103_080_000,
            BalanceNanos = (10 * Unit) - 103_080_000,
            TotalSpentNanos = 103_080_000,
            Meter = "api_request",
            Quantity = 1,
            Key = "k1",
            Workspace = "w1",
            PriceVersion = "v1",
            Usage = new Usage
            {
                Model = "m", InputTokens = 6548, OutputTokens = 108, CachedTokens = 3, ReasoningTokens = 4, Endpoint = "/e", Method = "POST",
                Session = "s", Source = "sdk", DurationMs = 12, Status = 200, Outcome = "completed",
            },
        },
        new LowBalanceCrossed(1, 2),
        new ChargeReversed
        {
            Charge = 3, AmountNanos = 3_080_000, ReversedNanos = 3_080_000, BalanceNanos = (10 * Unit) - 100_000_000, TotalSpentNanos = 100_000_000,
            ChargedAtNanos = Epoch, Meter = "api_request", Reason = "too much",
        },
        new HoldCaptured
        {
            Hold = 77, AmountNanos = Unit, BalanceNanos = (9 * Unit) - 100_000_000, TotalSpentNanos = Unit + 100_000_000, Meter = "agent_execution",
            Quantity = 2, PlacedAtNanos = Epoch, Final = true,
        },
        new CreditPosted { Kind = CreditKind.PaymentRefund, AmountNanos = -2 * Unit, BalanceNanos = (7 * Unit) - 100_000_000, Reason = "changed mind" },
        new GrantExpired { Grant = 2, AmountNanos = (7 * Unit) - 100_000_000, BalanceNanos = 0, DueAtNanos = Epoch },
        new CreditPosted { Kind = CreditKind.Dispute, AmountNanos = -1, BalanceNanos = -1 },
    ];

    [Fact]
    public async Task A_statement_shows_every_change_of_the_balance_and_sums_to_it()
    {
        (PostgresJournal journal, string database) = await this.WriteAsync();
        await using PostgresJournal ended = journal;
        IReadOnlyList<AccountTransaction> all = (await journal.Transactions.ReadAsync("acme", TransactionFilter.All, long.MaxValue, 100, Ct)).Entries;
        Assert.Equal([9, 8, 7, 6, 5, 3, 2], all.Select(t => t.Seq));
        Assert.Equal(["dispute", "expiry", "payment_refund", "capture", "reversal", "charge", "topup"], all.Select(t => t.Kind), StringComparer.Ordinal);
        Assert.Equal(-1, all.Sum(t => t.AmountNanos));
        long balance = 0;
        foreach (AccountTransaction entry in all.Reverse())
        {
            balance += entry.AmountNanos;
            Assert.Equal(balance, entry.BalanceNanos);
        }

        Assert.Equal([null, null, null, 6L, 3L, 3L, null], all.Select(t => t.Charge));
        Assert.Equal([null, null, null, 77L, null, null, null], all.Select(t => t.Hold));
        Assert.Equal([null, 2L, null, null, null, null, 2L], all.Select(t => t.Grant));
        AccountTransaction charge = all[5];
        Assert.Equal(
            (Epoch + 2000, "k1", "w1", "api_request", 1, "test", "r2"),
            (charge.AtNanos, charge.Key, charge.Workspace, charge.Meter, charge.Quantity, charge.Actor, charge.RequestId));
        Assert.Equal(("pi_1", "too much"), (all[6].Reference, all[4].Reason));
        Assert.Equal("-0.103080000 9.896920000", await PostgresServer.ScalarAsync<string>(
            database, "SELECT amount || ' ' || balance FROM billing.transactions WHERE account = 'acme' AND seq = 3"));
    }

    [Fact]
    public async Task A_statement_is_read_by_pages_and_of_one_account_only()
    {
        (PostgresJournal journal, _) = await this.WriteAsync();
        await using PostgresJournal ended = journal;
        List<long> seen = [];
        for (long? cursor = long.MaxValue; cursor is { } before;)
        {
            TransactionPage page = await journal.Transactions.ReadAsync("acme", TransactionFilter.All, before, 3, Ct);
            Assert.InRange(page.Entries.Count, 1, 3);
            seen.AddRange(page.Entries.Select(t => t.Seq));
            cursor = page.Next;
        }

        Assert.Equal([9, 8, 7, 6, 5, 3, 2], seen);
        Assert.Empty((await journal.Transactions.ReadAsync("acm", TransactionFilter.All, long.MaxValue, 3, Ct)).Entries);
        Assert.Equal(7, (await journal.Transactions.ReadAsync("acme2", TransactionFilter.All, long.MaxValue, 30, Ct)).Entries.Count);
    }

    [Fact]
    public async Task Usage_shows_every_charge_with_what_was_used()
    {
        (PostgresJournal journal, string database) = await this.WriteAsync();
        await journal.DisposeAsync();
        Assert.Equal(
            "3 charge 0.103080000 f api_request 1 k1 w1 m 6548 108 3 4 /e POST s sdk 12 200 completed v1 r2; 6 capture 1.000000000 f agent_execution 2 0 0 0 0 r5",
            await PostgresServer.ScalarAsync<string>(
                database,
                """
                SELECT string_agg(concat_ws(' ', seq, kind, amount, internal, meter, quantity, key, workspace, model, input_tokens, output_tokens,
                    cached_tokens, reasoning_tokens, endpoint, method, session, source, duration_ms, status, outcome, price_version, request_id), '; ' ORDER BY seq)
                FROM billing.usage WHERE account = 'acme'
                """));
    }

    [Fact]
    public async Task A_page_is_read_backwards_along_the_primary_key()
    {
        (PostgresJournal journal, string database) = await this.WriteAsync();
        await journal.DisposeAsync();
        await using NpgsqlConnection connection = new(database);
        await connection.OpenAsync(Ct);
        await using NpgsqlCommand explain = new(
            "EXPLAIN " + TransactionSql.Replace("$1", "'account/acme'", StringComparison.Ordinal).Replace("$2", "1000", StringComparison.Ordinal).Replace("$3", "10", StringComparison.Ordinal),
            connection);
        await using (NpgsqlCommand settings = new("SET enable_seqscan = off; SET enable_bitmapscan = off", connection))
        {
            await settings.ExecuteNonQueryAsync(Ct);
        }

        List<string> plan = [];
        await using NpgsqlDataReader reader = await explain.ExecuteReaderAsync(Ct);
        while (await reader.ReadAsync(Ct))
        {
            plan.Add(reader.GetString(0));
        }

        Assert.Contains(plan, line => line.Contains("Index Scan Backward using journal_pkey", StringComparison.Ordinal));
        Assert.Contains(plan, line => line.Contains("Index Cond: ((grain = 'account/acme'::text) AND (seq < 1000))", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, line => line.Contains("Sort", StringComparison.Ordinal));
    }

    private const string TransactionSql = "SELECT t.seq, t.amount FROM billing.transactions AS t WHERE t.grain = $1 AND t.seq < $2 ORDER BY t.seq DESC LIMIT $3";

    private async Task<(PostgresJournal Journal, string Database)> WriteAsync()
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        PostgresJournal journal = await OpenAsync(database);
        IJournalWriter writer = await journal.OpenWriterAsync(0, null, Ct);
        await Fixture.WriteAsync(writer, Rows(Grain, Story));
        await Fixture.WriteAsync(writer, Rows(GrainId.Account("acme2"), Story));
        return (journal, database);
    }
}
