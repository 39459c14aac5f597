using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Reads what an account used from the projected sums of <c>billing.usage_hourly</c>.</summary>
public sealed class UsageReader
{
    /// <summary>The most that one page may have.</summary>
    public const int MaxLimit = 1000;

    /// <summary>The most rows of the table that one page adds up.</summary>
    public const int MaxRowsSeen = 1_000_000;

    private readonly PostgresJournal journal;

    internal UsageReader(PostgresJournal journal) => this.journal = journal;

    /// <summary>One page, by period and value.</summary>
    /// <param name="query">What is wanted.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null where more than <see cref="MaxRowsSeen"/> rows would have to be added up.</returns>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<UsageFigure>?> ReadAsync(UsageQuery query, CancellationToken ct)
    {
        if (query.Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, $"A page has 1 to {MaxLimit} entries.");
        }

        return this.journal.ReadAsync<IReadOnlyList<UsageFigure>?>(
            Sql(query.Group),
            p =>
            {
                p.Add(new NpgsqlParameter<string> { TypedValue = query.Account });
                p.Add(Arrays.Of(NpgsqlDbType.TimestampTz, query.BoundariesNanos, PgTime.FromNanos));
                foreach (string? text in new[] { query.Key, query.Workspace, query.Meter, query.Model, query.Endpoint })
                {
                    p.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)text ?? DBNull.Value });
                }

                p.Add(new NpgsqlParameter<int> { TypedValue = query.After?.Period ?? 0 });
                p.Add(new NpgsqlParameter<string> { TypedValue = query.After?.Value ?? "" });
                p.Add(new NpgsqlParameter<bool> { TypedValue = query.After?.Other ?? true });
                p.Add(new NpgsqlParameter<int> { TypedValue = query.Limit });
                p.Add(new NpgsqlParameter<int> { TypedValue = MaxRowsSeen + 1 });
            },
            static async (reader, ct) =>
            {
                List<UsageFigure> page = [];
                while (await reader.ReadAsync(ct))
                {
                    if (reader.GetDecimal(15) > MaxRowsSeen)
                    {
                        return null;
                    }

                    page.Add(new UsageFigure(reader.GetInt32(0), reader.GetString(1), reader.GetBoolean(2), FiguresReader.Read(reader, 3)) { Quantity = reader.GetDecimal(14) });
                }

                return page;
            },
            ct);
    }

    // By account and bucket, which walks the primary key.
    internal static string Sql(UsageGroup group)
    {
        string column = group switch
        {
            UsageGroup.None => "''::text",
            UsageGroup.Meter => "u.meter",
            UsageGroup.Endpoint => "u.endpoint",
            UsageGroup.Model => "u.model",
            UsageGroup.Key => "u.key",
            UsageGroup.Workspace => "u.workspace",
        };
        string other = group is UsageGroup.None or UsageGroup.Key ? "false" : "u.other";
        string rows = group is UsageGroup.None ? "" : "AND (u.meter <> '' OR u.other)";
        return $"""
            SELECT g.* FROM (
                SELECT width_bucket(u.bucket, $2::timestamptz[]) AS period, {column} AS value, {other} AS other,
                       {FiguresReader.Columns}, sum(u.quantity), sum(count(*)) OVER ()
                FROM (
                    SELECT u.* FROM billing.usage_hourly AS u
                    WHERE u.account = $1 AND u.bucket >= ($2::timestamptz[])[1] AND u.bucket < ($2::timestamptz[])[cardinality($2::timestamptz[])] {rows}
                      AND ($3 IS NULL OR u.key = $3) AND ($4 IS NULL OR u.workspace = $4) AND ($5 IS NULL OR u.meter = $5)
                      AND ($6 IS NULL OR u.model = $6) AND ($7 IS NULL OR u.endpoint = $7)
                    LIMIT $12) AS u
                GROUP BY 1, 2, 3) AS g
            WHERE (g.period, g.value, g.other) > ($8, $9, $10)
            ORDER BY g.period, g.value, g.other LIMIT $11
            """;
    }
}

/// <summary>What sums of use are split by.</summary>
public enum UsageGroup
{
    /// <summary>By nothing: all of an account, credit included.</summary>
    None,

    /// <summary>By meter.</summary>
    Meter,

    /// <summary>By the vendor's endpoint.</summary>
    Endpoint,

    /// <summary>By model.</summary>
    Model,

    /// <summary>By key.</summary>
    Key,

    /// <summary>By workspace.</summary>
    Workspace,
}

/// <summary>Which sums of use.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="BoundariesNanos">Where periods begin, in order, in nanos since the Unix epoch; the last is where the last one ends.</param>
public sealed record UsageQuery(string Account, IReadOnlyList<long> BoundariesNanos)
{
    /// <summary>What they are split by.</summary>
    public UsageGroup Group { get; init; }

    /// <summary>Of this key only.</summary>
    public string? Key { get; init; }

    /// <summary>Of this workspace only.</summary>
    public string? Workspace { get; init; }

    /// <summary>Of this meter only.</summary>
    public string? Meter { get; init; }

    /// <summary>Of this model only.</summary>
    public string? Model { get; init; }

    /// <summary>Of this endpoint only.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The last one of the page before; null to start.</summary>
    public UsagePlace? After { get; init; }

    /// <summary>How many at most, 1 to <see cref="UsageReader.MaxLimit"/>.</summary>
    public int Limit { get; init; } = UsageReader.MaxLimit;
}

/// <summary>Where a sum stands among others.</summary>
/// <param name="Period">The number of its period, from 1.</param>
/// <param name="Value">What it is of.</param>
/// <param name="Other">Whether it is of all that found no room.</param>
public sealed record UsagePlace(int Period, string Value, bool Other);

/// <summary>A sum of use.</summary>
/// <param name="Period">The number of its period, from 1.</param>
/// <param name="Value">The meter, endpoint, model, key or workspace; empty where there was none.</param>
/// <param name="Other">Whether it is of all that found no room in its hour, and is of no one value.</param>
/// <param name="Figures">The sums.</param>
public sealed record UsageFigure(int Period, string Value, bool Other, Figures Figures)
{
    /// <summary>Of the meter, as charged and captured.</summary>
    public decimal Quantity { get; init; }

    /// <summary>Where it stands.</summary>
    public UsagePlace Place => new(this.Period, this.Value, this.Other);
}
