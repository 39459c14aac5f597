using Npgsql;
using NpgsqlTypes;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What the projection of usage reads, on one session.</summary>
/// <param name="session">The session.</param>
internal sealed class UsageSource(NpgsqlConnection session)
{
    // What the projection takes nothing from, it does not fetch. The prefix is compared in a way that no index on grains serves, so
    // that rows are found by block ranges of the commit order.
    internal const string RowsSql = $"SELECT substr(j.grain, 9), {Columns} FROM billing.journal AS j WHERE {InRange} AND left(j.grain, 8) = 'account/'";

    // The first rows as they lie, which is nearly the order in which they were committed. One that has nearly all of them before it
    // bounds the portion: stray new rows among old ones, in space that was freed there, do not count.
    internal const string BoundarySql = $"""
        SELECT count(*), percentile_disc(0.9) WITHIN GROUP (ORDER BY t.tx) FROM (SELECT j.tx FROM billing.journal AS j WHERE {InRange} LIMIT $3) AS t
        """;

    internal const string AccountsSql = """
        WITH RECURSIVE g AS (
            (SELECT j.grain, 1 AS n FROM billing.journal AS j WHERE j.grain > $1 AND j.grain < 'account0' ORDER BY j.grain LIMIT 1)
            UNION ALL
            SELECT next.grain, g.n + 1 FROM g CROSS JOIN LATERAL (
                SELECT j.grain FROM billing.journal AS j WHERE j.grain > g.grain AND j.grain < 'account0' ORDER BY j.grain LIMIT 1) AS next
            WHERE g.n < $2)
        SELECT g.grain FROM g ORDER BY g.n
        """;

    internal const string RowsAfterSql = $"""
        SELECT q.account, j.* FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS q(account, after, last)
        CROSS JOIN LATERAL (
            SELECT {Columns} FROM billing.journal AS j
            WHERE j.grain = 'account/' || q.account AND j.seq > q.after AND j.seq <= q.last ORDER BY j.seq LIMIT $4) AS j
        LIMIT $4
        """;

    internal const string StatesSql = """
        SELECT q.account, t.seq, t.bucket, t.combinations, t.part_hours, t.currency, t.mode, t.status, t.day, t.day_requests, t.day_charged
        FROM unnest($1::text[]) AS q(account)
        CROSS JOIN LATERAL (SELECT * FROM billing.account_totals AS t WHERE t.account = q.account OFFSET 0) AS t
        """;

    internal const string CombinationsSql = """
        SELECT u.meter, u.endpoint, u.model, u.key, u.workspace FROM billing.usage_hourly AS u
        WHERE u.account = $1 AND u.bucket = $2 AND u.meter <> '' AND NOT u.other
        """;

    internal const string ChargesSql = """
        SELECT q.n, j.type, j.data FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS q(account, seq, n)
        CROSS JOIN LATERAL (
            SELECT j.type, j.data FROM billing.journal AS j WHERE j.grain = 'account/' || q.account AND j.seq = q.seq OFFSET 0) AS j
        """;

    // Selected, so that the bounds are worked out once and not for every row.
    private const string InRange = "xid8send(j.tx) >= (SELECT xid8send($1)) AND xid8send(j.tx) < (SELECT xid8send($2))";

    private const string Columns = """
        j.seq, j.at, j.type,
        CASE WHEN j.type IN ('charged', 'hold_placed', 'hold_captured', 'charge_reversed', 'credit_posted', 'grant_expired', 'account_opened', 'zone_set') THEN j.data END AS data
        """;

    private const string MomentSql = """
        SELECT s.database_id, statement_timestamp(), pg_snapshot_xmin(pg_current_snapshot()), pg_snapshot_xmax(pg_current_snapshot()),
               c.database_id, c.step, c.tx, c.as_of, c.sweep
        FROM billing.settings AS s LEFT JOIN billing.usage_cursor AS c ON true
        """;

    /// <summary>
    /// Has the block ranges that are full put into the index of the commit order: until then, all of them would be read again by
    /// every step. Autovacuum does so too, but only from time to time.
    /// </summary>
    public async Task SummarizeAsync(CancellationToken ct)
    {
        try
        {
            await using NpgsqlCommand command = new("SELECT brin_summarize_new_values('billing.journal_commit_order')", session);
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // The table is being vacuumed, which does it as well.
        }
    }

    /// <summary>Where things stand.</summary>
    public async Task<UsageMoment> ReadMomentAsync(CancellationToken ct)
    {
        await using NpgsqlCommand command = new(MomentSql, session);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        UsagePosition? position = await reader.IsDBNullAsync(4, ct)
            ? null
            : new UsagePosition(
                reader.GetGuid(4), reader.GetInt64(5), reader.GetFieldValue<ulong>(6), reader.IsDBNull(7) ? null : reader.GetFieldValue<long>(7), reader.IsDBNull(8) ? null : reader.GetString(8));
        return new UsageMoment(reader.GetGuid(0), reader.GetFieldValue<long>(1), reader.GetFieldValue<ulong>(2), reader.GetFieldValue<ulong>(3), position);
    }

    /// <summary>How many rows there are between two transactions, up to a number; and where, if there are so many, nearly all of these end.</summary>
    public async Task<(long Count, ulong Last)> ReadBoundaryAsync(ulong from, ulong until, int max, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(BoundarySql, session) { Parameters = { Tx(from), Tx(until), new NpgsqlParameter<long> { TypedValue = max } } };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? until : reader.GetFieldValue<ulong>(1));
    }

    /// <summary>Adds the accounts' rows between two transactions, as they lie.</summary>
    public Task<int> ReadRowsAsync(ulong from, ulong until, UsageBatch batch, CancellationToken ct) => ReadRowsAsync(
        new NpgsqlCommand(RowsSql, session) { Parameters = { Tx(from), Tx(until) } }, batch, ct);

    /// <summary>Adds rows of accounts after a row of each and up to another, each account's in order; some of them where there are more than asked for.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> ReadRowsAsync(IReadOnlyList<(string Account, long After, long Last)> accounts, int max, UsageBatch batch, CancellationToken ct) => ReadRowsAsync(
        new NpgsqlCommand(RowsAfterSql, session)
        {
            Parameters =
            {
                Arrays.Of(NpgsqlDbType.Text, accounts, static a => a.Account),
                Arrays.Of(NpgsqlDbType.Bigint, accounts, static a => a.After),
                Arrays.Of(NpgsqlDbType.Bigint, accounts, static a => a.Last),
                new NpgsqlParameter<long> { TypedValue = max },
            },
        },
        batch,
        ct);

    /// <summary>The accounts that come after a grain, by name.</summary>
    public async Task<List<string>> ReadAccountsAsync(string after, int max, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(AccountsSql, session)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = after }, new NpgsqlParameter<int> { TypedValue = max } },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        List<string> accounts = [];
        while (await reader.ReadAsync(ct))
        {
            accounts.Add(new GrainId(reader.GetString(0)).Key);
        }

        return accounts;
    }

    /// <summary>Where accounts stand; one that is new is not among them.</summary>
    public async Task<Dictionary<string, UsageAccount>> ReadStatesAsync(IReadOnlyCollection<string> wanted, CancellationToken ct)
    {
        string[] accounts = [.. wanted];
        await using NpgsqlCommand command = new(StatesSql, session) { Parameters = { Arrays.Of(NpgsqlDbType.Text, accounts, static a => a) } };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        Dictionary<string, UsageAccount> states = new(accounts.Length, StringComparer.Ordinal);
        while (await reader.ReadAsync(ct))
        {
            states.Add(reader.GetString(0), new UsageAccount
            {
                Seq = reader.GetInt64(1),
                Bucket = reader.GetFieldValue<long>(2),
                Combinations = reader.GetInt32(3),
                PartHours = reader.GetBoolean(4),
                Currency = reader.GetString(5),
                Mode = reader.GetString(6),
                Status = reader.GetString(7),
                Day = reader.GetFieldValue<DateOnly>(8),
                DayRequests = reader.GetInt64(9),
                DayCharged = (Int128)reader.GetDecimal(10),
            });
        }

        return states;
    }

    /// <summary>What a bucket of an account has.</summary>
    public async Task<HashSet<UsageCombination>> ReadCombinationsAsync(string account, long bucket, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(CombinationsSql, session)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = account },
                new NpgsqlParameter<long> { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = bucket },
            },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        HashSet<UsageCombination> found = [];
        while (await reader.ReadAsync(ct))
        {
            found.Add(new UsageCombination(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), false));
        }

        return found;
    }

    /// <summary>The rows that were reversed, in the order in which they are asked for; null where there is none.</summary>
    public async Task<(string Type, byte[] Data)?[]> ReadChargesAsync(IReadOnlyList<(string Account, long Seq)> charges, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(ChargesSql, session)
        {
            Parameters = { Arrays.Of(NpgsqlDbType.Text, charges, static c => c.Account), Arrays.Of(NpgsqlDbType.Bigint, charges, static c => c.Seq) },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        (string, byte[])?[] found = new (string, byte[])?[charges.Count];
        while (await reader.ReadAsync(ct))
        {
            found[reader.GetInt64(0) - 1] = (reader.GetString(1), reader.GetFieldValue<byte[]>(2));
        }

        return found;
    }

    private static async Task<int> ReadRowsAsync(NpgsqlCommand rows, UsageBatch batch, CancellationToken ct)
    {
        await using NpgsqlCommand command = rows;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        int count = 0;
        while (await reader.ReadAsync(ct))
        {
            count++;
            batch.Add(new UsageRow(
                reader.GetString(0), reader.GetInt64(1), PgTime.ToNanos(reader.GetFieldValue<long>(2)), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4)));
        }

        return count;
    }

    private static NpgsqlParameter<ulong> Tx(ulong number) => new() { NpgsqlDbType = NpgsqlDbType.Xid8, TypedValue = number };
}
