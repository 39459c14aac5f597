using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>All accounts by id, status and tier: a projection of the journal, in the table <c>billing.accounts</c>.</summary>
public sealed class AccountDirectory
{
    /// <summary>The most that one page may have.</summary>
    public const int MaxLimit = 1000;

    private const int StepRows = 1000;

    internal const string ListSql = ListStart + ListEnd;
    internal const string ListByStatusSql = ListStart + "AND a.status = $4 " + ListByStatusEnd;
    internal const string ListByTierSql = ListStart + "AND a.tier = $4 " + ListByTierEnd;
    internal const string ListByBothSql = ListStart + "AND a.status = $4 AND a.tier = $5 " + ListByStatusEnd;

    private const string ListStart = """
        SELECT a.account, a.status, a.tier, a.currency, a.opened_at, a.changed_at
        FROM billing.accounts AS a WHERE a.account > $1 AND a.account < $2
        """ + " ";

    private const string ListEnd = "ORDER BY a.account LIMIT $3";

    // The sort is by all columns of the index that serves it, so that the index is what serves it.
    private const string ListByStatusEnd = "ORDER BY a.status, a.account LIMIT $3";
    private const string ListByTierEnd = "ORDER BY a.tier, a.account LIMIT $3";

    private readonly PostgresJournal journal;

    internal AccountDirectory(PostgresJournal journal) => this.journal = journal;

    /// <summary>
    /// Brings the directory a step nearer to the journal. What is committed is seen once no transaction that began before it,
    /// anywhere on the server, can still commit.
    /// </summary>
    /// <param name="ct">Gives up.</param>
    /// <returns>Whether more may be waiting.</returns>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<bool> ProjectAsync(CancellationToken ct) => this.journal.ReadAsync(
        "SELECT billing.project_accounts($1)",
        static p => p.Add(new NpgsqlParameter<int> { TypedValue = StepRows }),
        static async (reader, ct) => await reader.ReadAsync(ct) && reader.GetInt32(0) == StepRows,
        ct);

    /// <summary>One page, by id.</summary>
    /// <param name="query">Which accounts.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<ListedAccount>> ListAsync(AccountQuery query, CancellationToken ct)
    {
        if (query.Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, $"A page has 1 to {MaxLimit} entries.");
        }

        string sql = (query.Status, query.Tier) switch
        {
            (null, null) => ListSql,
            (_, null) => ListByStatusSql,
            (null, _) => ListByTierSql,
            _ => ListByBothSql,
        };
        return this.journal.ReadAsync<IReadOnlyList<ListedAccount>>(
            sql,
            p =>
            {
                // A cursor lies among the ids of the prefix; the start of the prefix itself is still to come.
                p.Add(new NpgsqlParameter<string> { TypedValue = query.After is { } after && string.CompareOrdinal(after, query.Prefix) >= 0 ? after : Before(query.Prefix) });
                p.Add(new NpgsqlParameter<string> { TypedValue = query.Prefix + "\x7f" });
                p.Add(new NpgsqlParameter<int> { TypedValue = query.Limit });
                foreach (string filter in new[] { query.Status, query.Tier }.OfType<string>())
                {
                    p.Add(new NpgsqlParameter<string> { TypedValue = filter });
                }
            },
            static async (reader, ct) =>
            {
                List<ListedAccount> page = [];
                while (await reader.ReadAsync(ct))
                {
                    page.Add(new ListedAccount(
                        reader.GetString(0),
                        reader.GetString(1),
                        reader.GetString(2),
                        reader.GetString(3),
                        PgTime.ToNanos(reader.GetFieldValue<long>(4)),
                        PgTime.ToNanos(reader.GetFieldValue<long>(5))));
                }

                return page;
            },
            ct);
    }

    // The last text before all that begin with the prefix: ids are ASCII, so the character before its last one and the highest.
    private static string Before(string prefix) => prefix.Length == 0 ? "" : prefix[..^1] + (char)(prefix[^1] - 1) + "\x7f";
}

/// <summary>Which accounts.</summary>
public sealed record AccountQuery
{
    /// <summary>How their ids begin; ASCII.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The page before's last id; null to start.</summary>
    public string? After { get; init; }

    /// <summary>active, suspended or closed; null is any.</summary>
    public string? Status { get; init; }

    /// <summary>The tier; null is any.</summary>
    public string? Tier { get; init; }

    /// <summary>How many at most, 1 to <see cref="AccountDirectory.MaxLimit"/>.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>An account as the directory has it.</summary>
/// <param name="Account">Its id.</param>
/// <param name="Status">active, suspended or closed.</param>
/// <param name="Tier">Its tier.</param>
/// <param name="Currency">Its currency.</param>
/// <param name="OpenedAtNanos">When it was opened, in nanos since the Unix epoch.</param>
/// <param name="ChangedAtNanos">When its status or tier last changed.</param>
public sealed record ListedAccount(string Account, string Status, string Tier, string Currency, long OpenedAtNanos, long ChangedAtNanos);
