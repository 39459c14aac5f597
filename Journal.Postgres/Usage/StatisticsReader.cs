using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Reads what all accounts but the vendor's own came to, from projected sums: as quickly for a million accounts as for one.</summary>
public sealed class StatisticsReader
{
    /// <summary>How many accounts, models and endpoints can be asked for.</summary>
    public const int MaxTop = 100;

    internal const string TotalsSql = """
        SELECT t.currency, t.mode, t.active, t.suspended, t.closed, t.balance, t.requests, t.reversals, t.charged, t.reversed, t.granted, t.debited, t.expired
        FROM billing.totals AS t ORDER BY t.currency, t.mode
        """;

    internal const string PeriodsSql = $"""
        SELECT width_bucket(u.hour, $1::timestamptz[]) AS period, u.currency, u.mode, sum(u.opened)::bigint, {FiguresReader.Columns}
        FROM billing.totals_hourly AS u
        WHERE u.hour >= ($1::timestamptz[])[1] AND u.hour < ($1::timestamptz[])[cardinality($1::timestamptz[])]
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """;

    internal const string TopSql = """
        SELECT p.kind, p.currency, p.mode, p.value, p.requests, p.charged FROM (
            SELECT t.kind, t.currency, t.mode, t.value, sum(t.requests)::bigint AS requests, sum(t.charged) AS charged,
                   row_number() OVER (PARTITION BY t.kind, t.currency, t.mode ORDER BY sum(t.charged) DESC, sum(t.requests) DESC, t.value) AS place
            FROM billing.top_daily AS t WHERE t.day >= $1 AND t.day <= $2
            GROUP BY t.kind, t.currency, t.mode, t.value) AS p
        WHERE p.place <= $3 ORDER BY p.kind, p.currency, p.mode, p.place
        """;

    private readonly PostgresJournal journal;

    internal StatisticsReader(PostgresJournal journal) => this.journal = journal;

    /// <summary>What accounts are now, by currency and mode.</summary>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<AccountTotals>> ReadTotalsAsync(CancellationToken ct) => this.journal.ReadAsync<IReadOnlyList<AccountTotals>>(
        TotalsSql,
        static _ => { },
        static async (reader, ct) =>
        {
            List<AccountTotals> totals = [];
            while (await reader.ReadAsync(ct))
            {
                totals.Add(new AccountTotals(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetDecimal(5), new Figures
                {
                    Requests = reader.GetInt64(6),
                    Reversals = reader.GetInt64(7),
                    ChargedNanos = reader.GetDecimal(8),
                    ReversedNanos = reader.GetDecimal(9),
                    GrantedNanos = reader.GetDecimal(10),
                    DebitedNanos = reader.GetDecimal(11),
                    ExpiredNanos = reader.GetDecimal(12),
                }));
            }

            return totals;
        },
        ct);

    /// <summary>What was done in periods of whole hours of UTC; those in which nothing was are left out.</summary>
    /// <param name="boundariesNanos">Where periods begin, in order, in nanos since the Unix epoch; the last is where the last one ends.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<PeriodTotals>> ReadPeriodsAsync(IReadOnlyList<long> boundariesNanos, CancellationToken ct) => this.journal.ReadAsync<IReadOnlyList<PeriodTotals>>(
        PeriodsSql,
        p => p.Add(Arrays.Of(NpgsqlDbType.TimestampTz, boundariesNanos, PgTime.FromNanos)),
        static async (reader, ct) =>
        {
            List<PeriodTotals> periods = [];
            while (await reader.ReadAsync(ct))
            {
                periods.Add(new PeriodTotals(reader.GetInt32(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), FiguresReader.Read(reader, 4)));
            }

            return periods;
        },
        ct);

    /// <summary>
    /// The accounts, models and endpoints with the highest charges over whole days of UTC, reversed or not, of each currency and
    /// mode. of each day the first 200 count.
    /// </summary>
    /// <param name="first">The first day.</param>
    /// <param name="last">The last one.</param>
    /// <param name="top">How many of each, 1 to <see cref="MaxTop"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<TopFigure>> ReadTopAsync(DateOnly first, DateOnly last, int top, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top, MaxTop);
        return this.journal.ReadAsync<IReadOnlyList<TopFigure>>(
            TopSql,
            p =>
            {
                p.Add(new NpgsqlParameter<DateOnly> { TypedValue = first });
                p.Add(new NpgsqlParameter<DateOnly> { TypedValue = last });
                p.Add(new NpgsqlParameter<int> { TypedValue = top });
            },
            static async (reader, ct) =>
            {
                List<TopFigure> figures = [];
                while (await reader.ReadAsync(ct))
                {
                    figures.Add(new TopFigure(
                        reader.GetString(0) switch
                        {
                            TopEntry.Account => TopKind.Account,
                            TopEntry.Model => TopKind.Model,
                            _ => TopKind.Endpoint,
                        },
                        reader.GetString(1),
                        reader.GetString(2),
                        reader.GetString(3),
                        reader.GetInt64(4),
                        reader.GetDecimal(5)));
                }

                return figures;
            },
            ct);
    }
}

/// <summary>What the accounts of a currency and mode are now, and came to.</summary>
/// <param name="Currency">The currency.</param>
/// <param name="Mode">live or test.</param>
/// <param name="Active">How many are in use.</param>
/// <param name="Suspended">How many are suspended.</param>
/// <param name="Closed">How many are closed.</param>
/// <param name="BalanceNanos">All balances together.</param>
/// <param name="Figures">What was ever done, but for tokens.</param>
public sealed record AccountTotals(string Currency, string Mode, long Active, long Suspended, long Closed, decimal BalanceNanos, Figures Figures);

/// <summary>What was done in a period.</summary>
/// <param name="Period">Its number, from 1.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Mode">live or test.</param>
/// <param name="Opened">How many accounts were opened.</param>
/// <param name="Figures">The sums.</param>
public sealed record PeriodTotals(int Period, string Currency, string Mode, long Opened, Figures Figures);

/// <summary>What stands among the highest.</summary>
public enum TopKind
{
    /// <summary>An account.</summary>
    Account,

    /// <summary>A model.</summary>
    Model,

    /// <summary>An endpoint.</summary>
    Endpoint,
}

/// <summary>One with high charges.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Mode">live or test.</param>
/// <param name="Value">The account, model or endpoint.</param>
/// <param name="Requests">Its requests.</param>
/// <param name="ChargedNanos">What was charged.</param>
public sealed record TopFigure(TopKind Kind, string Currency, string Mode, string Value, long Requests, decimal ChargedNanos);
