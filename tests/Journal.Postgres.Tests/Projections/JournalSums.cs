using OrleansBilling.Testing;

namespace OrleansBilling.Journal.Postgres.Tests.Projections;

/// <summary>Adds the journal up in SQL, row by row, and holds the projected sums against that.</summary>
internal static class JournalSums
{
    // A bucket is an hour of UTC, and a quarter of one while the account's zone is not whole hours off it.
    private const string Expected = """
        WITH e AS (
            SELECT substr(j.grain, 9) AS account, j.at, j.type, j.data::json AS d,
                   (SELECT CASE WHEN z.data::json ->> 'zone' IN ('Asia/Kolkata', 'Asia/Kathmandu') THEN interval '15 minutes' END FROM billing.journal AS z
                    WHERE z.grain = j.grain AND z.seq < j.seq AND z.type IN ('account_opened', 'zone_set') ORDER BY z.seq DESC LIMIT 1) AS part,
                   CASE j.type WHEN 'charge_reversed'
                       THEN (SELECT c.data::json FROM billing.journal AS c WHERE c.grain = j.grain AND c.seq = (j.data::json ->> 'charge')::bigint)
                       ELSE j.data::json END -> 'usage' AS u,
                   COALESCE((j.data::json ->> 'amountNanos')::numeric, 0) AS amount,
                   j.type NOT IN ('credit_posted', 'grant_expired') AS is_use
            FROM billing.journal AS j
            WHERE left(j.grain, 8) = 'account/' AND j.type IN ('charged', 'hold_placed', 'hold_captured', 'charge_reversed', 'credit_posted', 'grant_expired')),
        sums AS (
            SELECT e.account, date_bin(COALESCE(e.part, '1 hour'), e.at, '2000-01-01 00:00:00Z') AS bucket, COALESCE(e.d ->> 'meter', '') AS meter, COALESCE(e.u ->> 'endpoint', '') AS endpoint,
                   COALESCE(e.u ->> 'model', '') AS model, COALESCE(e.d ->> 'key', '') AS key, COALESCE(e.d ->> 'workspace', '') AS workspace, false AS other,
                   count(*) FILTER (WHERE e.type = 'hold_placed' OR (e.type = 'charged' AND e.d ->> 'lateHold' IS NULL)) AS requests,
                   count(*) FILTER (WHERE e.type = 'charge_reversed') AS reversals,
                   sum(CASE WHEN e.type IN ('charged', 'hold_captured') THEN COALESCE((e.d ->> 'quantity')::numeric, 0) ELSE 0 END) AS quantity,
                   sum(CASE WHEN e.type IN ('charged', 'hold_captured') THEN COALESCE((e.u ->> 'inputTokens')::numeric, 0) ELSE 0 END) AS input_tokens,
                   sum(CASE WHEN e.type IN ('charged', 'hold_captured') THEN COALESCE((e.u ->> 'outputTokens')::numeric, 0) ELSE 0 END) AS output_tokens,
                   sum(CASE WHEN e.type IN ('charged', 'hold_captured') THEN COALESCE((e.u ->> 'cachedTokens')::numeric, 0) ELSE 0 END) AS cached_tokens,
                   sum(CASE WHEN e.type IN ('charged', 'hold_captured') THEN COALESCE((e.u ->> 'reasoningTokens')::numeric, 0) ELSE 0 END) AS reasoning_tokens,
                   sum(CASE WHEN e.type IN ('charged', 'hold_captured') THEN e.amount ELSE 0 END) AS charged,
                   sum(CASE WHEN e.type = 'charge_reversed' THEN e.amount ELSE 0 END) AS reversed,
                   sum(CASE WHEN e.type = 'credit_posted' THEN GREATEST(e.amount, 0) ELSE 0 END) AS granted,
                   sum(CASE WHEN e.type = 'credit_posted' THEN GREATEST(-e.amount, 0) ELSE 0 END) AS debited,
                   sum(CASE WHEN e.type = 'grant_expired' THEN e.amount ELSE 0 END) AS expired
            FROM e GROUP BY 1, 2, 3, 4, 5, 6, 7)
        """;

    private const string Columns =
        "requests, reversals, quantity, input_tokens, output_tokens, cached_tokens, reasoning_tokens, charged, reversed, granted, debited, expired";

    private const string Hourly = $"""
        {Expected},
        kept AS (SELECT account, bucket, meter, endpoint, model, key, workspace, other, {Columns} FROM billing.usage_hourly)
        SELECT (SELECT count(*) FROM (SELECT * FROM sums EXCEPT SELECT * FROM kept) AS missing) + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM sums) AS more)
        """;

    private const string Accounts = """
        SELECT count(*) FROM (SELECT DISTINCT j.grain FROM billing.journal AS j WHERE left(j.grain, 8) = 'account/') AS g
        LEFT JOIN billing.account_totals AS t ON 'account/' || t.account = g.grain
        WHERE t.seq IS DISTINCT FROM (SELECT max(j.seq) FROM billing.journal AS j WHERE j.grain = g.grain)
           OR t.balance IS DISTINCT FROM COALESCE((
                SELECT (j.data::json ->> 'balanceNanos')::numeric FROM billing.journal AS j
                WHERE j.grain = g.grain AND j.data::json ->> 'balanceNanos' IS NOT NULL ORDER BY j.seq DESC LIMIT 1), 0)
        """;

    private const string Totals = """
        WITH a AS (
            SELECT t.account, t.currency, t.mode, t.balance, (
                SELECT CASE j.type WHEN 'account_suspended' THEN 'suspended' WHEN 'account_closed' THEN 'closed' ELSE 'active' END FROM billing.journal AS j
                WHERE j.grain = 'account/' || t.account AND j.type IN ('account_opened', 'account_suspended', 'account_resumed', 'account_closed') ORDER BY j.seq DESC LIMIT 1) AS status
            FROM billing.account_totals AS t WHERE t.account <> 'system'),
        expected AS (
            SELECT a.currency, a.mode, count(*) FILTER (WHERE a.status = 'active') AS active, count(*) FILTER (WHERE a.status = 'suspended') AS suspended,
                   count(*) FILTER (WHERE a.status = 'closed') AS closed, sum(a.balance) AS balance
            FROM a GROUP BY 1, 2),
        used AS (
            SELECT t.currency, t.mode, sum(u.requests) AS requests, sum(u.reversals) AS reversals, sum(u.charged) AS charged, sum(u.reversed) AS reversed,
                   sum(u.granted) AS granted, sum(u.debited) AS debited, sum(u.expired) AS expired
            FROM billing.usage_hourly AS u JOIN a AS t USING (account) GROUP BY 1, 2)
        SELECT count(*) FROM expected AS e LEFT JOIN used AS u USING (currency, mode) FULL JOIN billing.totals AS t USING (currency, mode)
        WHERE (t.active, t.suspended, t.closed, t.balance, t.requests, t.reversals, t.charged, t.reversed, t.granted, t.debited, t.expired) IS DISTINCT FROM
              (e.active, e.suspended, e.closed, e.balance, COALESCE(u.requests, 0), COALESCE(u.reversals, 0), COALESCE(u.charged, 0), COALESCE(u.reversed, 0),
               COALESCE(u.granted, 0), COALESCE(u.debited, 0), COALESCE(u.expired, 0))
        """;

    private const string Hours = $"""
        WITH sums AS (
            SELECT u.bucket AS hour, a.currency, a.mode, sum(requests) AS requests, sum(reversals) AS reversals, sum(input_tokens), sum(output_tokens),
                   sum(cached_tokens), sum(reasoning_tokens), sum(u.charged), sum(reversed), sum(granted), sum(debited), sum(expired)
            FROM (SELECT account, date_trunc('hour', bucket, 'UTC') AS bucket, {Columns} FROM billing.usage_hourly WHERE account <> 'system') AS u
            JOIN (SELECT account, currency, mode FROM billing.account_totals) AS a USING (account) GROUP BY 1, 2, 3),
        kept AS (
            SELECT hour, currency, mode, requests, reversals, input_tokens, output_tokens, cached_tokens, reasoning_tokens, charged, reversed, granted, debited, expired
            FROM billing.totals_hourly WHERE requests > 0 OR reversals > 0 OR granted > 0 OR debited > 0 OR expired > 0 OR charged > 0)
        SELECT (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM sums) AS more)
             + abs((SELECT COALESCE(sum(requests), 0) FROM kept) - (SELECT COALESCE(sum(requests), 0) FROM sums))
             + (SELECT count(*) FROM billing.account_totals WHERE account <> 'system') - (SELECT COALESCE(sum(opened), 0) FROM billing.totals_hourly)
        """;

    private const string Tops = """
        WITH sums AS (
            SELECT (u.bucket AT TIME ZONE 'UTC')::date AS day, k.kind, a.currency, a.mode, k.value, sum(u.requests) AS requests, sum(u.charged) AS charged
            FROM billing.usage_hourly AS u JOIN billing.account_totals AS a USING (account)
            CROSS JOIN LATERAL (VALUES ('account', u.account), ('model', u.model), ('endpoint', u.endpoint)) AS k(kind, value)
            WHERE u.account <> 'system' AND k.value <> ''
            GROUP BY 1, 2, 3, 4, 5 HAVING sum(u.requests) > 0)
        SELECT count(*) FROM (SELECT * FROM sums EXCEPT SELECT day, kind, currency, mode, value, requests, charged FROM billing.top_daily) AS missing
        """;

    /// <summary>What differs, by table; nothing where everything is exact.</summary>
    /// <param name="database">The database.</param>
    public static async Task<string> DifferencesAsync(string database)
    {
        List<string> different = [];
        foreach ((string table, string sql) in new[] { ("usage_hourly", Hourly), ("account_totals", Accounts), ("totals", Totals), ("totals_hourly", Hours), ("top_daily", Tops) })
        {
            decimal count = await PostgresServer.ScalarAsync<decimal>(database, $"SELECT ({sql})::numeric");
            if (count != 0)
            {
                different.Add($"{table}: {count}");
            }
        }

        return string.Join(", ", different);
    }
}
