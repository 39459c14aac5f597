using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Looks back into an account's rows. A grain's rows never go back in time, so a moment is found by halving.</summary>
public sealed class AccountHistory
{
    internal const string HeadSql = "SELECT j.seq FROM billing.journal AS j WHERE j.grain = $1 ORDER BY j.seq DESC LIMIT 1";

    // The row at the middle is the first from there on: rows may be missing at the start where old ones were archived.
    internal const string EntryAtSql = $"""
        WITH RECURSIVE search (lo, hi) AS (
            SELECT 0::bigint, COALESCE(({HeadSql}), 0) + 1
            UNION ALL
            SELECT CASE WHEN m.at <= $2 THEN m.seq ELSE s.lo END, CASE WHEN m.at <= $2 THEN s.hi ELSE (s.lo + s.hi) / 2 END
            FROM search AS s
            CROSS JOIN LATERAL (
                SELECT j.seq, j.at FROM billing.journal AS j WHERE j.grain = $1 AND j.seq >= (s.lo + s.hi) / 2 ORDER BY j.seq LIMIT 1) AS m
            WHERE s.hi - s.lo > 1)
        SELECT lo FROM search ORDER BY hi - lo LIMIT 1
        """;

    // What was due by then, but was written later, when the account was next looked at: it is the first thing written then.
    internal const string LastDueSql = """
        SELECT COALESCE((
            SELECT j.seq FROM billing.journal AS j
            WHERE j.grain = $1 AND j.seq > $2
              AND (j.type NOT IN ('grant_expired', 'hold_expired') OR (j.data::json ->> 'dueAtNanos')::bigint > $3)
            ORDER BY j.seq LIMIT 1) - 1, (SELECT j.seq FROM billing.journal AS j WHERE j.grain = $1 ORDER BY j.seq DESC LIMIT 1))
        """;

    internal const string BalanceSql = """
        SELECT e.seq, e.at,
               COALESCE((
                   SELECT (j.data::json ->> 'balanceNanos')::bigint FROM billing.journal AS j
                   WHERE j.grain = $1 AND j.seq <= e.seq
                     AND j.type IN ('charged', 'hold_placed', 'hold_captured', 'hold_released', 'hold_expired', 'charge_reversed', 'credit_posted', 'grant_expired')
                   ORDER BY j.seq DESC LIMIT 1), 0),
               COALESCE((
                   SELECT (j.data::json ->> 'heldNanos')::bigint FROM billing.journal AS j
                   WHERE j.grain = $1 AND j.seq <= e.seq
                     AND j.type IN ('charged', 'hold_placed', 'hold_captured', 'hold_released', 'hold_expired', 'charge_reversed')
                   ORDER BY j.seq DESC LIMIT 1), 0)
        FROM billing.journal AS e WHERE e.grain = $1 AND e.seq = $2
        """;

    private readonly PostgresJournal journal;

    internal AccountHistory(PostgresJournal journal) => this.journal = journal;

    /// <summary>The number of a grain's last row, or 0.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<long> ReadHeadAsync(GrainId grain, CancellationToken ct) =>
        this.ReadNumberAsync(HeadSql, p => p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path }), ct);

    /// <summary>The number of a grain's last row at or before a moment, or 0.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="atNanos">The moment, in nanos since the Unix epoch.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<long> ReadEntryAtAsync(GrainId grain, long atNanos, CancellationToken ct) => this.ReadNumberAsync(
        EntryAtSql,
        p =>
        {
            p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path });
            p.Add(PgTime.Parameter(atNanos));
        },
        ct);

    /// <summary>An account's balance after a row.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="entry">The row's number.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null where there is no such row.</returns>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<PastBalance?> ReadBalanceAsync(string account, long entry, CancellationToken ct) => this.journal.ReadAsync(
        BalanceSql,
        p =>
        {
            p.Add(new NpgsqlParameter<string> { TypedValue = GrainId.Account(account).Path });
            p.Add(new NpgsqlParameter<long> { TypedValue = entry });
        },
        static async (reader, ct) => await reader.ReadAsync(ct)
            ? new PastBalance(reader.GetInt64(0), PgTime.ToNanos(reader.GetFieldValue<long>(1)), reader.GetInt64(2), reader.GetInt64(3))
            : null,
        ct);

    /// <summary>
    /// An account's balance at a moment: after all that was written by then, and all that was due by then. What is due and not
    /// yet written counts only once somebody has looked at the account.
    /// </summary>
    /// <param name="account">The account's id.</param>
    /// <param name="atNanos">The moment, in nanos since the Unix epoch.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null where the account was not open yet.</returns>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<PastBalance?> ReadBalanceAtAsync(string account, long atNanos, CancellationToken ct)
    {
        GrainId grain = GrainId.Account(account);
        long written = await this.ReadEntryAtAsync(grain, atNanos, ct);
        if (written == 0)
        {
            return null;
        }

        long last = await this.ReadNumberAsync(
            LastDueSql,
            p =>
            {
                p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path });
                p.Add(new NpgsqlParameter<long> { TypedValue = written });
                p.Add(new NpgsqlParameter<long> { TypedValue = atNanos });
            },
            ct);
        return await this.ReadBalanceAsync(account, last, ct);
    }

    private Task<long> ReadNumberAsync(string sql, Action<NpgsqlParameterCollection> bind, CancellationToken ct) => this.journal.ReadAsync(
        sql, bind, static async (reader, ct) => await reader.ReadAsync(ct) && !reader.IsDBNull(0) ? reader.GetInt64(0) : 0, ct);
}

/// <summary>What an account had.</summary>
/// <param name="Entry">The number of the last row that counts.</param>
/// <param name="AtNanos">When that was written, in nanos since the Unix epoch.</param>
/// <param name="BalanceNanos">The balance after it.</param>
/// <param name="HeldNanos">What was held of it.</param>
public sealed record PastBalance(long Entry, long AtNanos, long BalanceNanos, long HeldNanos);
