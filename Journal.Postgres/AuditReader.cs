using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Reads what was done to accounts, newest first: everything but what their customers' requests did.</summary>
public sealed class AuditReader
{
    /// <summary>The most that one page may have.</summary>
    public const int MaxLimit = 1000;

    /// <summary>The most rows that one page looks at.</summary>
    public const int MaxRowsSeen = 20_000;

    internal const string AllSql = $"""
        SELECT j.tx, j.grain, {RowReader.Columns}
        FROM billing.journal AS j
        WHERE {Operations.ByCommit} AND (j.tx, j.grain, j.seq) < ($1, $2, $3)
        ORDER BY j.tx DESC, j.grain DESC, j.seq DESC LIMIT $4
        """;

    internal const string OfGrainSql = $"""
        SELECT j.tx, j.grain, {RowReader.Columns}
        FROM billing.journal AS j
        WHERE {Operations.OfGrain} AND j.grain = $1 AND j.seq < $2
        ORDER BY j.seq DESC LIMIT $3
        """;

    private readonly PostgresJournal journal;

    internal AuditReader(PostgresJournal journal) => this.journal = journal;

    /// <summary>One page. It may have fewer rows than asked for, or none, and still have a next one.</summary>
    /// <param name="query">Which rows.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<AuditPage> ReadAsync(AuditQuery query, CancellationToken ct)
    {
        if (query.Limit is < 1 or > MaxLimit)
        {
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, $"A page has 1 to {MaxLimit} entries.");
        }

        List<JournalRow> rows = [];
        OutboxPosition? before = query.Before;
        for (int seen = 0; seen < MaxRowsSeen;)
        {
            IReadOnlyList<SideEffect> step = await this.ReadStepAsync(query.Account, before, ct);
            foreach (SideEffect found in step)
            {
                before = found.Position;
                if (query.Takes(found.Row))
                {
                    rows.Add(found.Row);
                    if (rows.Count == query.Limit)
                    {
                        return new AuditPage(rows, before);
                    }
                }
            }

            if (step.Count < MaxLimit)
            {
                return new AuditPage(rows, null);
            }

            seen += step.Count;
        }

        return new AuditPage(rows, before);
    }

    private Task<IReadOnlyList<SideEffect>> ReadStepAsync(string? account, OutboxPosition? before, CancellationToken ct) =>
        this.journal.ReadAsync<IReadOnlyList<SideEffect>>(
            account is null ? AllSql : OfGrainSql,
            p =>
            {
                if (account is null)
                {
                    p.Add(new NpgsqlParameter<ulong> { NpgsqlDbType = NpgsqlDbType.Xid8, TypedValue = before?.Tx ?? ulong.MaxValue });
                    p.Add(new NpgsqlParameter<string> { TypedValue = before?.Grain ?? "" });
                }
                else
                {
                    p.Add(new NpgsqlParameter<string> { TypedValue = GrainId.Account(account).Path });
                }

                p.Add(new NpgsqlParameter<long> { TypedValue = before?.Seq ?? long.MaxValue });
                p.Add(new NpgsqlParameter<int> { TypedValue = MaxLimit });
            },
            static async (reader, ct) =>
            {
                List<SideEffect> rows = [];
                while (await reader.ReadAsync(ct))
                {
                    GrainId grain = new(reader.GetString(1));
                    JournalRow row = RowReader.Read(reader, grain, first: 2);
                    rows.Add(new SideEffect(new OutboxPosition(reader.GetFieldValue<ulong>(0), grain.Path, row.Seq), row));
                }

                return rows;
            },
            ct);
}

/// <summary>Which rows; all that is given has to hold.</summary>
public sealed record AuditQuery
{
    /// <summary>Of one account.</summary>
    public string? Account { get; init; }

    /// <summary>Done by this key.</summary>
    public string? Actor { get; init; }

    /// <summary>Of this type.</summary>
    public string? Type { get; init; }

    /// <summary>At this moment or later, in nanos since the Unix epoch.</summary>
    public long? FromNanos { get; init; }

    /// <summary>Before this moment.</summary>
    public long? UntilNanos { get; init; }

    /// <summary>The page before's <see cref="AuditPage.Next"/>; null to start.</summary>
    public OutboxPosition? Before { get; init; }

    /// <summary>How many at most, 1 to <see cref="AuditReader.MaxLimit"/>.</summary>
    public int Limit { get; init; } = 50;

    internal bool Takes(JournalRow row) =>
        (this.Actor is null || row.Actor == this.Actor) && (this.Type is null || row.Type == this.Type)
        && (this.FromNanos is null || row.AtNanos >= this.FromNanos) && (this.UntilNanos is null || row.AtNanos < this.UntilNanos);
}

/// <summary>A part of the record.</summary>
/// <param name="Rows">Newest first, in the order of commits.</param>
/// <param name="Next">Where the next page starts; null on the last one.</param>
public sealed record AuditPage(IReadOnlyList<JournalRow> Rows, OutboxPosition? Next);
