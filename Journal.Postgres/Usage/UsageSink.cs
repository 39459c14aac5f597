using Npgsql;
using NpgsqlTypes;
using AllTotals = System.Collections.Generic.KeyValuePair<(string Currency, string Mode), OrleansBilling.Journal.Postgres.AllSums>;
using HourTotals = System.Collections.Generic.KeyValuePair<(long Hour, string Currency, string Mode), OrleansBilling.Journal.Postgres.HourSums>;
using TopTotals = (OrleansBilling.Journal.Postgres.TopEntry Entry, OrleansBilling.Journal.Postgres.TopSums Sums);

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Writes steps of the projection of usage: in one transaction and one message, which moves the cursor and adds up, or does nothing
/// where another host moved the cursor first.
/// </summary>
internal sealed class UsageSink
{
    // Only where this step was written: $1 is its number. Before it is committed nobody else can write another one.
    internal const string TrimSql = """
        DELETE FROM billing.top_daily AS t USING (
            SELECT o.day, o.kind, o.currency, o.mode, o.value,
                   row_number() OVER (PARTITION BY o.day, o.kind, o.currency, o.mode ORDER BY o.charged DESC, o.requests DESC, o.value) AS place
            FROM billing.top_daily AS o WHERE o.day = ANY ($2)) AS p
        WHERE p.place > $3 AND t.day = p.day AND t.kind = p.kind AND t.currency = p.currency AND t.mode = p.mode AND t.value = p.value
          AND EXISTS (SELECT FROM billing.usage_cursor AS c WHERE c.step = $1)
        """;

    private const string MovedSql = """
        UPDATE billing.usage_cursor AS c SET step = $3, tx = $4, as_of = GREATEST(c.as_of, $5), sweep = $6
        WHERE c.database_id = $1 AND c.step = $2 AND c.database_id = (SELECT s.database_id FROM billing.settings AS s)
        RETURNING 1
        """;

    // Steps are numbered from the time on: after the tables were emptied, no number comes again that a host may have in mind.
    private const string StartSql = """
        INSERT INTO billing.usage_cursor AS c (database_id, step, tx, sweep)
        SELECT s.database_id, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, $1, '' FROM billing.settings AS s
        ON CONFLICT (one) DO UPDATE SET database_id = excluded.database_id, step = GREATEST(c.step + 1, excluded.step), tx = excluded.tx, sweep = excluded.sweep
        WHERE c.database_id <> excluded.database_id
        """;

    private const int FirstColumn = 7;

    private readonly UsageTable<HourlyRow> hourly = UsageTables.Hourly();
    private readonly UsageTable<UsageAccountBatch> accounts = UsageTables.Accounts();
    private readonly UsageTable<HourTotals> hours = UsageTables.Hours();
    private readonly UsageTable<AllTotals> all = UsageTables.All();
    private readonly UsageTable<TopTotals> tops = UsageTables.Tops();
    private readonly List<HourlyRow> rows = [];
    private readonly string usualSql;
    private readonly string wideSql;

    public UsageSink()
    {
        this.usualSql = this.StepSql(false);
        this.wideSql = this.StepSql(true);
    }

    /// <summary>
    /// Begins to sweep, in a database where nothing was projected, and in a restored copy, which numbers its transactions anew: there,
    /// what counted already counts no second time.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="tx">Every transaction with a smaller number has ended: where it goes on in commit order afterwards.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task StartAsync(NpgsqlConnection session, ulong tx, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(StartSql, session) { Parameters = { Tx(tx) } };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Writes a step.</summary>
    /// <param name="session">The session.</param>
    /// <param name="start">The position that it follows.</param>
    /// <param name="to">The position that it leads to.</param>
    /// <param name="changed">The accounts that something was added to.</param>
    /// <param name="totals">What is added to the sums over all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False where another host wrote a step after that position: nothing was written.</returns>
    public async Task<bool> WriteAsync(
        NpgsqlConnection session, UsagePosition start, UsagePosition to, IReadOnlyList<UsageAccountBatch> changed, UsageTotals totals, CancellationToken ct)
    {
        try
        {
            await using NpgsqlBatch batch = new(session);
            this.Fill(batch, start, to, changed, totals);
            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            bool isMoved = reader.GetBoolean(0);
            while (await reader.NextResultAsync(ct))
            {
            }

            return isMoved;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Another host's step is being written.
            return false;
        }
        finally
        {
            this.rows.Clear();
            this.hourly.Clear();
            this.accounts.Clear();
            this.hours.Clear();
            this.all.Clear();
            this.tops.Clear();
        }
    }

    private void Fill(NpgsqlBatch batch, UsagePosition start, UsagePosition to, IReadOnlyList<UsageAccountBatch> changed, UsageTotals totals)
    {
        foreach (UsageAccountBatch account in changed)
        {
            foreach (UsageBucket bucket in account.Buckets)
            {
                foreach (UsageEntry entry in bucket.Entries)
                {
                    this.rows.Add(new HourlyRow(account.Account, bucket.Start, entry));
                }
            }
        }

        IReadOnlyList<TopTotals> highest = totals.Tops;
        bool isWide = this.hourly.Take(this.rows) | this.accounts.Take(changed) | this.hours.Take([.. totals.Hours]) | this.all.Take([.. totals.All]) | this.tops.Take(highest);
        NpgsqlBatchCommand step = new(isWide ? this.wideSql : this.usualSql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = start.DatabaseId },
                new NpgsqlParameter<long> { TypedValue = start.Step },
                new NpgsqlParameter<long> { TypedValue = to.Step },
                Tx(to.Tx),
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)to.AsOfMicros ?? DBNull.Value },
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)to.Sweep ?? DBNull.Value },
            },
        };
        this.hourly.AddTo(step.Parameters, isWide);
        this.accounts.AddTo(step.Parameters, isWide);
        this.hours.AddTo(step.Parameters, isWide);
        this.all.AddTo(step.Parameters, isWide);
        this.tops.AddTo(step.Parameters, isWide);
        batch.BatchCommands.Add(step);
        if (highest.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(TrimSql)
            {
                Parameters =
                {
                    new NpgsqlParameter<long> { TypedValue = to.Step },
                    Arrays.Of(NpgsqlDbType.Date, highest.Select(static t => t.Entry.Day).Distinct().ToArray(), static d => d),
                    new NpgsqlParameter<int> { TypedValue = UsageTotals.TopMax },
                },
            });
        }
    }

    private string StepSql(bool isWide)
    {
        int first = FirstColumn;
        return $"""
            WITH moved AS (
            {MovedSql}),
            hourly AS (
            {Part(this.hourly)}),
            accounts AS (
            {Part(this.accounts)}),
            hours AS (
            {Part(this.hours)}),
            totals AS (
            {Part(this.all)}),
            tops AS (
            {Part(this.tops)})
            SELECT EXISTS (SELECT FROM moved)
            """;

        string Part<T>(UsageTable<T> table)
        {
            string sql = table.Sql(first, isWide);
            first += table.Parameters;
            return sql;
        }
    }

    private static NpgsqlParameter<ulong> Tx(ulong number) => new() { NpgsqlDbType = NpgsqlDbType.Xid8, TypedValue = number };
}
