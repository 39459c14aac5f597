using Npgsql;
using NpgsqlTypes;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Writes one step of the projection of usage: one statement, which moves the cursor and adds up, or does nothing where another
/// host moved the cursor first.
/// </summary>
/// <param name="session">The session.</param>
internal sealed class UsageSink(NpgsqlConnection session)
{
    internal const string StepSql = """
        WITH moved AS (
            UPDATE billing.usage_cursor AS c SET step = c.step + 1, tx = $3, as_of = GREATEST(c.as_of, $4), sweep = $5
            WHERE c.database_id = $1 AND c.step = $2 AND c.database_id = (SELECT s.database_id FROM billing.settings AS s)
            RETURNING 1),
        hourly AS (
            INSERT INTO billing.usage_hourly AS u (
                account, bucket, meter, endpoint, model, key, workspace, other, requests, reversals,
                quantity, input_tokens, output_tokens, cached_tokens, reasoning_tokens, charged, reversed, granted, debited, expired)
            SELECT n.* FROM moved CROSS JOIN unnest(
                $6::text[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::boolean[], $14::bigint[], $15::bigint[],
                $16::numeric[], $17::numeric[], $18::numeric[], $19::numeric[], $20::numeric[], $21::numeric[], $22::numeric[], $23::numeric[], $24::numeric[], $25::numeric[]) AS n
            ON CONFLICT ON CONSTRAINT usage_hourly_pkey DO UPDATE SET
                requests = u.requests + excluded.requests, reversals = u.reversals + excluded.reversals, quantity = u.quantity + excluded.quantity,
                input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
                cached_tokens = u.cached_tokens + excluded.cached_tokens, reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens,
                charged = u.charged + excluded.charged, reversed = u.reversed + excluded.reversed, granted = u.granted + excluded.granted,
                debited = u.debited + excluded.debited, expired = u.expired + excluded.expired),
        accounts AS (
            INSERT INTO billing.account_totals AS a (
                account, seq, bucket, combinations, part_hours, currency, mode, status, day, day_requests, day_charged, requests, balance, charged)
            SELECT n.* FROM moved CROSS JOIN unnest(
                $26::text[], $27::bigint[], $28::timestamptz[], $29::int[], $30::boolean[], $31::text[], $32::text[], $33::text[], $34::date[], $35::bigint[],
                $36::numeric[], $37::bigint[], $38::numeric[], $39::numeric[]) AS n
            ON CONFLICT (account) DO UPDATE SET
                seq = excluded.seq, bucket = excluded.bucket, combinations = excluded.combinations, part_hours = excluded.part_hours,
                currency = excluded.currency, mode = excluded.mode, status = excluded.status, day = excluded.day,
                day_requests = excluded.day_requests, day_charged = excluded.day_charged,
                requests = a.requests + excluded.requests, balance = a.balance + excluded.balance, charged = a.charged + excluded.charged),
        hours AS (
            INSERT INTO billing.totals_hourly AS t (
                hour, currency, mode, opened, requests, reversals, input_tokens, output_tokens, cached_tokens, reasoning_tokens, charged, reversed, granted, debited, expired)
            SELECT n.* FROM moved CROSS JOIN unnest(
                $40::timestamptz[], $41::text[], $42::text[], $43::bigint[], $44::bigint[], $45::bigint[],
                $46::numeric[], $47::numeric[], $48::numeric[], $49::numeric[], $50::numeric[], $51::numeric[], $52::numeric[], $53::numeric[], $54::numeric[]) AS n
            ON CONFLICT (hour, currency, mode) DO UPDATE SET
                opened = t.opened + excluded.opened, requests = t.requests + excluded.requests, reversals = t.reversals + excluded.reversals,
                input_tokens = t.input_tokens + excluded.input_tokens, output_tokens = t.output_tokens + excluded.output_tokens,
                cached_tokens = t.cached_tokens + excluded.cached_tokens, reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
                charged = t.charged + excluded.charged, reversed = t.reversed + excluded.reversed, granted = t.granted + excluded.granted,
                debited = t.debited + excluded.debited, expired = t.expired + excluded.expired),
        totals AS (
            INSERT INTO billing.totals AS t (
                currency, mode, active, suspended, closed, requests, reversals, balance, charged, reversed, granted, debited, expired)
            SELECT n.* FROM moved CROSS JOIN unnest(
                $55::text[], $56::text[], $57::bigint[], $58::bigint[], $59::bigint[], $60::bigint[], $61::bigint[],
                $62::numeric[], $63::numeric[], $64::numeric[], $65::numeric[], $66::numeric[], $67::numeric[]) AS n
            ON CONFLICT (currency, mode) DO UPDATE SET
                active = t.active + excluded.active, suspended = t.suspended + excluded.suspended, closed = t.closed + excluded.closed,
                requests = t.requests + excluded.requests, reversals = t.reversals + excluded.reversals, balance = t.balance + excluded.balance,
                charged = t.charged + excluded.charged, reversed = t.reversed + excluded.reversed, granted = t.granted + excluded.granted,
                debited = t.debited + excluded.debited, expired = t.expired + excluded.expired),
        tops AS (
            INSERT INTO billing.top_daily AS t (day, kind, currency, mode, value, requests, charged)
            SELECT n.* FROM moved CROSS JOIN unnest($68::date[], $69::text[], $70::text[], $71::text[], $72::text[], $73::bigint[], $74::numeric[]) AS n
            ON CONFLICT (day, kind, currency, mode, value) DO UPDATE SET
                requests = excluded.requests + CASE WHEN t.kind = 'account' THEN 0 ELSE t.requests END,
                charged = excluded.charged + CASE WHEN t.kind = 'account' THEN 0 ELSE t.charged END)
        SELECT EXISTS (SELECT FROM moved)
        """;

    internal const string TrimSql = """
        DELETE FROM billing.top_daily AS t USING (
            SELECT o.day, o.kind, o.currency, o.mode, o.value,
                   row_number() OVER (PARTITION BY o.day, o.kind, o.currency, o.mode ORDER BY o.charged DESC, o.requests DESC, o.value) AS place
            FROM billing.top_daily AS o WHERE o.day = ANY ($1)) AS p
        WHERE p.place > $2 AND t.day = p.day AND t.kind = p.kind AND t.currency = p.currency AND t.mode = p.mode AND t.value = p.value
        """;

    // Steps are numbered from the time on: after the tables were emptied, no number comes again that a host may have in mind.
    private const string StartSql = """
        INSERT INTO billing.usage_cursor AS c (database_id, step, tx, sweep)
        SELECT s.database_id, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, $1, '' FROM billing.settings AS s
        ON CONFLICT (one) DO UPDATE SET database_id = excluded.database_id, step = c.step + 1, tx = excluded.tx, sweep = excluded.sweep
        WHERE c.database_id <> excluded.database_id
        """;

    /// <summary>
    /// Begins to sweep, in a database where nothing was projected, and in a restored copy, which numbers its transactions anew: there,
    /// what counted already counts no second time.
    /// </summary>
    /// <param name="tx">Every transaction with a smaller number has ended: where it goes on in commit order afterwards.</param>
    /// <param name="ct">Gives up.</param>
    public async Task StartAsync(ulong tx, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(StartSql, session) { Parameters = { Tx(tx) } };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Writes a step.</summary>
    /// <param name="start">The position that it follows.</param>
    /// <param name="to">The position that it leads to.</param>
    /// <param name="accounts">The accounts that something was added to.</param>
    /// <param name="totals">What is added to the sums over all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False where another host wrote a step after that position: nothing was written.</returns>
    public async Task<bool> WriteAsync(UsagePosition start, UsagePosition to, IReadOnlyList<UsageAccountBatch> accounts, UsageTotals totals, CancellationToken ct)
    {
        IReadOnlyList<(TopEntry Entry, TopSums Sums)> tops = totals.Tops;
        await using (NpgsqlCommand step = new(StepSql, session))
        {
            AddAccounts(step.Parameters, start, to, accounts);
            AddTotals(step.Parameters, totals, tops);
            try
            {
                if (!(bool)(await step.ExecuteScalarAsync(ct))!)
                {
                    return false;
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // Another host's step is being written.
                return false;
            }
        }

        if (tops.Count > 0)
        {
            // What a crash leaves too many of goes with the next step of that day.
            await using NpgsqlCommand trim = new(TrimSql, session)
            {
                Parameters =
                {
                    Arrays.Of(NpgsqlDbType.Date, tops.Select(static t => t.Entry.Day).Distinct().ToArray(), static d => d),
                    new NpgsqlParameter<int> { TypedValue = UsageTotals.TopMax },
                },
            };
            try
            {
                await trim.ExecuteNonQueryAsync(ct);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // Another host's step of that day is being written, and ends with this as well.
            }
        }

        return true;
    }

    private static void AddAccounts(NpgsqlParameterCollection p, UsagePosition start, UsagePosition to, IReadOnlyList<UsageAccountBatch> accounts)
    {
        (UsageAccountBatch Account, long Bucket, UsageCombination Of, UsageSums Sums)[] rows =
        [
            .. from account in accounts from bucket in account.Buckets from row in bucket.Sums select (account, bucket.Start, row.Combination, row.Sums),
        ];
        UsageSums[] sums = Array.ConvertAll(rows, static r => r.Sums);
        UsageSums[] totals = [.. accounts.Select(static a => a.Total())];
        p.Add(new NpgsqlParameter<Guid> { TypedValue = start.DatabaseId });
        p.Add(new NpgsqlParameter<long> { TypedValue = start.Step });
        p.Add(Tx(to.Tx));
        p.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)to.AsOfMicros ?? DBNull.Value });
        p.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)to.Sweep ?? DBNull.Value });
        p.Add(Arrays.Of(NpgsqlDbType.Text, rows, static r => r.Account.Account));
        p.Add(Arrays.Of(NpgsqlDbType.TimestampTz, rows, static r => r.Bucket));
        p.Add(Arrays.Of(NpgsqlDbType.Text, rows, static r => r.Of.Meter));
        p.Add(Arrays.Of(NpgsqlDbType.Text, rows, static r => r.Of.Endpoint));
        p.Add(Arrays.Of(NpgsqlDbType.Text, rows, static r => r.Of.Model));
        p.Add(Arrays.Of(NpgsqlDbType.Text, rows, static r => r.Of.Key));
        p.Add(Arrays.Of(NpgsqlDbType.Text, rows, static r => r.Of.Workspace));
        p.Add(Arrays.Of(NpgsqlDbType.Boolean, rows, static r => r.Of.Other));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, sums, static s => s.Requests));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, sums, static s => s.Reversals));
        p.Add(Sums(sums, static s => s.Quantity));
        AddSums(p, sums);
        p.Add(Arrays.Of(NpgsqlDbType.Text, accounts, static a => a.Account));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, accounts, static a => a.State.Seq));
        p.Add(Arrays.Of(NpgsqlDbType.TimestampTz, accounts, static a => a.State.Bucket));
        p.Add(Arrays.Of(NpgsqlDbType.Integer, accounts, static a => a.State.Combinations));
        p.Add(Arrays.Of(NpgsqlDbType.Boolean, accounts, static a => a.State.PartHours));
        p.Add(Arrays.Of(NpgsqlDbType.Text, accounts, static a => a.State.Currency));
        p.Add(Arrays.Of(NpgsqlDbType.Text, accounts, static a => a.State.Mode));
        p.Add(Arrays.Of(NpgsqlDbType.Text, accounts, static a => a.State.Status));
        p.Add(Arrays.Of(NpgsqlDbType.Date, accounts, static a => a.State.Day));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, accounts, static a => a.State.DayRequests));
        p.Add(Sums(accounts, static a => a.State.DayCharged));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, totals, static s => s.Requests));
        p.Add(Sums(totals, static s => s.Balance));
        p.Add(Sums(totals, static s => s.Charged));
    }

    private static void AddTotals(NpgsqlParameterCollection p, UsageTotals totals, IReadOnlyList<(TopEntry Entry, TopSums Sums)> tops)
    {
        KeyValuePair<(long Hour, string Currency, string Mode), HourSums>[] hours = [.. totals.Hours];
        KeyValuePair<(string Currency, string Mode), AllSums>[] all = [.. totals.All];
        UsageSums[] sums = Array.ConvertAll(hours, static h => h.Value.Sums);
        UsageSums[] whole = Array.ConvertAll(all, static a => a.Value.Sums);
        p.Add(Arrays.Of(NpgsqlDbType.TimestampTz, hours, static h => h.Key.Hour));
        p.Add(Arrays.Of(NpgsqlDbType.Text, hours, static h => h.Key.Currency));
        p.Add(Arrays.Of(NpgsqlDbType.Text, hours, static h => h.Key.Mode));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, hours, static h => h.Value.Opened));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, sums, static s => s.Requests));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, sums, static s => s.Reversals));
        AddSums(p, sums);
        p.Add(Arrays.Of(NpgsqlDbType.Text, all, static a => a.Key.Currency));
        p.Add(Arrays.Of(NpgsqlDbType.Text, all, static a => a.Key.Mode));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, all, static a => a.Value.Active));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, all, static a => a.Value.Suspended));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, all, static a => a.Value.Closed));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, whole, static s => s.Requests));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, whole, static s => s.Reversals));
        p.Add(Sums(whole, static s => s.Balance));
        AddMoney(p, whole);
        p.Add(Arrays.Of(NpgsqlDbType.Date, tops, static t => t.Entry.Day));
        p.Add(Arrays.Of(NpgsqlDbType.Text, tops, static t => t.Entry.Kind));
        p.Add(Arrays.Of(NpgsqlDbType.Text, tops, static t => t.Entry.Currency));
        p.Add(Arrays.Of(NpgsqlDbType.Text, tops, static t => t.Entry.Mode));
        p.Add(Arrays.Of(NpgsqlDbType.Text, tops, static t => t.Entry.Value));
        p.Add(Arrays.Of(NpgsqlDbType.Bigint, tops, static t => t.Sums.Requests));
        p.Add(Sums(tops, static t => t.Sums.Charged));
    }

    private static void AddSums(NpgsqlParameterCollection p, UsageSums[] sums)
    {
        p.Add(Sums(sums, static s => s.InputTokens));
        p.Add(Sums(sums, static s => s.OutputTokens));
        p.Add(Sums(sums, static s => s.CachedTokens));
        p.Add(Sums(sums, static s => s.ReasoningTokens));
        AddMoney(p, sums);
    }

    private static void AddMoney(NpgsqlParameterCollection p, UsageSums[] sums)
    {
        p.Add(Sums(sums, static s => s.Charged));
        p.Add(Sums(sums, static s => s.Reversed));
        p.Add(Sums(sums, static s => s.Granted));
        p.Add(Sums(sums, static s => s.Debited));
        p.Add(Sums(sums, static s => s.Expired));
    }

    private static NpgsqlParameter<decimal[]> Sums<T>(IReadOnlyList<T> items, Func<T, Int128> sum) => Arrays.Of(NpgsqlDbType.Numeric, items, item => (decimal)sum(item));

    private static NpgsqlParameter<ulong> Tx(ulong number) => new() { NpgsqlDbType = NpgsqlDbType.Xid8, TypedValue = number };
}
