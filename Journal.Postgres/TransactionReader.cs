using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Reads the statement of one account, newest first, from the view <c>billing.transactions</c>.</summary>
public sealed class TransactionReader
{
    /// <summary>The most that one page may have.</summary>
    public const int MaxLimit = 1000;

    // By grain and seq, which walks the primary key backwards and stops at the limit.
    internal const string Sql = """
        SELECT t.seq, t.at, t.kind, (t.amount * 1000000000)::bigint, (t.balance * 1000000000)::bigint, t.charge, t.hold, t."grant",
               t.key, t.workspace, t.meter, t.quantity, t.reference, t.reason, t.actor, t.request_id
        FROM billing.transactions AS t
        WHERE t.grain = $1 AND t.seq < $2
        ORDER BY t.seq DESC LIMIT $3
        """;

    private readonly PostgresJournal journal;

    internal TransactionReader(PostgresJournal journal) => this.journal = journal;

    /// <summary>One page.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="before">Entries with smaller numbers; the last one of the page before, or <see cref="long.MaxValue"/> to start.</param>
    /// <param name="limit">How many at most, 1 to <see cref="MaxLimit"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<AccountTransaction>> ReadAsync(string account, long before, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        return this.journal.ReadAsync<IReadOnlyList<AccountTransaction>>(
            Sql,
            p =>
            {
                p.Add(new NpgsqlParameter<string> { TypedValue = GrainId.Account(account).Path });
                p.Add(new NpgsqlParameter<long> { TypedValue = before });
                p.Add(new NpgsqlParameter<int> { TypedValue = limit });
            },
            static async (reader, ct) =>
            {
                List<AccountTransaction> page = [];
                while (await reader.ReadAsync(ct))
                {
                    page.Add(Read(reader));
                }

                return page;
            },
            ct);
    }

    private static AccountTransaction Read(NpgsqlDataReader reader) => new()
    {
        Seq = reader.GetInt64(0),
        AtNanos = PgTime.ToNanos(reader.GetFieldValue<long>(1)),
        Kind = reader.GetString(2),
        AmountNanos = reader.GetInt64(3),
        BalanceNanos = reader.GetInt64(4),
        Charge = Number(reader, 5),
        Hold = Number(reader, 6),
        Grant = Number(reader, 7),
        Key = Text(reader, 8),
        Workspace = Text(reader, 9),
        Meter = Text(reader, 10),
        Quantity = reader.GetInt64(11),
        Reference = Text(reader, 12),
        Reason = Text(reader, 13),
        Actor = reader.GetString(14),
        RequestId = Text(reader, 15),
    };

    private static long? Number(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>One change of an account's balance.</summary>
public sealed record AccountTransaction
{
    /// <summary>Its row's number; also the cursor.</summary>
    public required long Seq { get; init; }

    /// <summary>When, in nanos since the Unix epoch.</summary>
    public required long AtNanos { get; init; }

    /// <summary>charge, capture, reversal, expiry, topup, bonus, refund, adjustment, payment_refund or dispute.</summary>
    public required string Kind { get; init; }

    /// <summary>The change: negative where it took credit.</summary>
    public required long AmountNanos { get; init; }

    /// <summary>The balance afterwards.</summary>
    public required long BalanceNanos { get; init; }

    /// <summary>The charge's number: this row's own, or the one that was reversed.</summary>
    public long? Charge { get; init; }

    /// <summary>The hold that was captured.</summary>
    public long? Hold { get; init; }

    /// <summary>The grant that was made or expired.</summary>
    public long? Grant { get; init; }

    /// <summary>The key that spent.</summary>
    public string? Key { get; init; }

    /// <summary>The workspace it was spent in.</summary>
    public string? Workspace { get; init; }

    /// <summary>The meter that counted.</summary>
    public string? Meter { get; init; }

    /// <summary>By how much; 0 where nothing was counted.</summary>
    public long Quantity { get; init; }

    /// <summary>The payment, ticket or invoice.</summary>
    public string? Reference { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Who caused it; empty for the system.</summary>
    public required string Actor { get; init; }

    /// <summary>The request id it answers.</summary>
    public string? RequestId { get; init; }
}
