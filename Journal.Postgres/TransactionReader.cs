using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Reads the statement of one account, newest first, from the view <c>billing.transactions</c>.</summary>
public sealed class TransactionReader
{
    /// <summary>The most that one page may have.</summary>
    public const int MaxLimit = 1000;

    /// <summary>The most rows that one page looks at, so that a filter which few rows pass ends in time.</summary>
    public const int MaxRowsSeen = 50_000;

    // By grain and seq, which walks the primary key backwards and stops at the limit.
    internal const string Sql = """
        SELECT t.seq, t.at, t.kind, (t.amount * 1000000000)::bigint, (t.balance * 1000000000)::bigint, t.charge, t.hold, t."grant",
               t.key, t.workspace, t.meter, t.quantity, t.reference, t.reason, t.actor, t.request_id
        FROM billing.transactions AS t
        WHERE t.grain = $1 AND t.seq < $2 AND t.seq >= $3
          AND ($5 IS NULL OR t.kind = $5) AND ($6 IS NULL OR t.key = $6) AND ($7 IS NULL OR t.workspace = $7)
          AND ($8 IS NULL OR t.meter = $8) AND ($9 IS NULL OR t.reference = $9)
        ORDER BY t.seq DESC LIMIT $4
        """;

    private readonly PostgresJournal journal;

    internal TransactionReader(PostgresJournal journal) => this.journal = journal;

    /// <summary>One page. It may have fewer entries than asked for, or none, and still have a next one.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="filter">Which entries.</param>
    /// <param name="cursor">The page before's <see cref="TransactionPage.Next"/>, or <see cref="long.MaxValue"/> to start.</param>
    /// <param name="limit">How many at most, 1 to <see cref="MaxLimit"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<TransactionPage> ReadAsync(string account, TransactionFilter filter, long cursor, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        GrainId grain = GrainId.Account(account);
        AccountHistory history = this.journal.History;
        long first = filter.FromNanos is { } from ? await history.ReadEntryAtAsync(grain, from - 1, ct) + 1 : 1;
        long last = filter.UntilNanos is { } until ? await history.ReadEntryAtAsync(grain, until - 1, ct)
            : cursor == long.MaxValue ? await history.ReadHeadAsync(grain, ct)
            : cursor - 1;
        long before = Math.Min(cursor, last + 1);
        long lowest = Math.Max(first, before - MaxRowsSeen);
        if (before <= first)
        {
            return new TransactionPage([], null);
        }

        IReadOnlyList<AccountTransaction> entries = await this.ReadAsync(grain, filter, before, lowest, limit, ct);
        long next = entries.Count == limit ? entries[^1].Seq : lowest;
        return new TransactionPage(entries, next > first ? next : null);
    }

    /// <summary>Whether an account has any rows.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<bool> IsOpenAsync(string account, CancellationToken ct) => await this.journal.History.ReadHeadAsync(GrainId.Account(account), ct) > 0;

    private Task<IReadOnlyList<AccountTransaction>> ReadAsync(
        GrainId grain, TransactionFilter filter, long before, long lowest, int limit, CancellationToken ct) => this.journal.ReadAsync<IReadOnlyList<AccountTransaction>>(
        Sql,
        p =>
        {
            p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path });
            p.Add(new NpgsqlParameter<long> { TypedValue = before });
            p.Add(new NpgsqlParameter<long> { TypedValue = lowest });
            p.Add(new NpgsqlParameter<int> { TypedValue = limit });
            foreach (string? text in new[] { filter.Kind, filter.Key, filter.Workspace, filter.Meter, filter.Reference })
            {
                p.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)text ?? DBNull.Value });
            }
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

/// <summary>Which entries of a statement; all that is given has to hold.</summary>
public sealed record TransactionFilter
{
    /// <summary>All entries.</summary>
    public static readonly TransactionFilter All = new();

    /// <summary>At this moment or later, in nanos since the Unix epoch.</summary>
    public long? FromNanos { get; init; }

    /// <summary>Before this moment.</summary>
    public long? UntilNanos { get; init; }

    /// <summary>Of this kind: <see cref="AccountTransaction.Kind"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>Of this key.</summary>
    public string? Key { get; init; }

    /// <summary>Of this workspace.</summary>
    public string? Workspace { get; init; }

    /// <summary>Of this meter.</summary>
    public string? Meter { get; init; }

    /// <summary>With this payment, ticket or invoice.</summary>
    public string? Reference { get; init; }
}

/// <summary>A part of a statement.</summary>
/// <param name="Entries">Newest first.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record TransactionPage(IReadOnlyList<AccountTransaction> Entries, long? Next);
