using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Events that have to do something elsewhere, in commit order, each grain's by seq, each at least once. A row is shown only
/// when no transaction that began before its own can still commit, so that nothing appears behind a reader: a long transaction
/// anywhere on the server, in whatever database, holds all of it back.
/// </summary>
public sealed class Outbox
{
    internal const string ReadSql = $"""
        SELECT j.tx, j.grain, {RowReader.Columns}
        FROM billing.journal AS j
        WHERE {Operations.ByCommit} AND j.type IN ('key_created', 'low_balance_crossed')
          AND (j.tx, j.grain, j.seq) > ($1, $2, $3) AND j.tx < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY j.tx, j.grain, j.seq LIMIT $4
        """;

    private readonly PostgresJournal journal;

    internal Outbox(PostgresJournal journal) => this.journal = journal;

    /// <summary>What comes after a position.</summary>
    /// <param name="after">The last one that was done.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<SideEffect>> ReadSideEffectsAsync(OutboxPosition after, int limit, CancellationToken ct) =>
        this.journal.ReadAsync<IReadOnlyList<SideEffect>>(
            ReadSql,
            p =>
            {
                p.Add(new NpgsqlParameter<ulong> { NpgsqlDbType = NpgsqlDbType.Xid8, TypedValue = after.Tx });
                p.Add(new NpgsqlParameter<string> { TypedValue = after.Grain });
                p.Add(new NpgsqlParameter<long> { TypedValue = after.Seq });
                p.Add(new NpgsqlParameter<int> { TypedValue = limit });
            },
            static async (reader, ct) =>
            {
                List<SideEffect> effects = [];
                while (await reader.ReadAsync(ct))
                {
                    GrainId grain = new(reader.GetString(1));
                    JournalRow row = RowReader.Read(reader, grain, first: 2);
                    effects.Add(new SideEffect(new OutboxPosition(reader.GetFieldValue<ulong>(0), grain.Path, row.Seq), row));
                }

                return effects;
            },
            ct);

    /// <summary>How far a reader has come; the start when it is new, or when its position is another database's.</summary>
    /// <param name="name">The reader's name.</param>
    /// <param name="ct">Gives up.</param>
    public Task<OutboxPosition> ReadCursorAsync(string name, CancellationToken ct) => this.journal.ReadAsync(
        "SELECT tx, grain, seq FROM billing.outbox_cursor WHERE name = $1 AND database_id = (SELECT database_id FROM billing.settings)",
        p => p.Add(new NpgsqlParameter<string> { TypedValue = name }),
        static async (reader, ct) => await reader.ReadAsync(ct)
            ? new OutboxPosition(reader.GetFieldValue<ulong>(0), reader.GetString(1), reader.GetInt64(2))
            : OutboxPosition.Start,
        ct);

    /// <summary>Keeps how far a reader has come; an earlier position than the one kept changes nothing.</summary>
    /// <param name="name">The reader's name.</param>
    /// <param name="done">The last one that was done.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="InvalidOperationException">The database was restored under this host, which must be started again.</exception>
    public async Task SaveCursorAsync(string name, OutboxPosition done, CancellationToken ct)
    {
        bool same = await this.journal.ReadAsync(
            """
            WITH s AS (SELECT database_id FROM billing.settings WHERE database_id = $5),
            saved AS (
                INSERT INTO billing.outbox_cursor AS old (name, tx, grain, seq, database_id) SELECT $1, $2, $3, $4, s.database_id FROM s
                ON CONFLICT (name) DO UPDATE SET tx = excluded.tx, grain = excluded.grain, seq = excluded.seq, database_id = excluded.database_id
                WHERE old.database_id <> excluded.database_id OR (old.tx, old.grain, old.seq) < (excluded.tx, excluded.grain, excluded.seq))
            SELECT EXISTS (SELECT FROM s)
            """,
            p =>
            {
                p.Add(new NpgsqlParameter<string> { TypedValue = name });
                p.Add(new NpgsqlParameter<ulong> { NpgsqlDbType = NpgsqlDbType.Xid8, TypedValue = done.Tx });
                p.Add(new NpgsqlParameter<string> { TypedValue = done.Grain });
                p.Add(new NpgsqlParameter<long> { TypedValue = done.Seq });
                p.Add(new NpgsqlParameter<Guid> { TypedValue = this.journal.DatabaseId });
            },
            static async (reader, ct) => await reader.ReadAsync(ct) && reader.GetBoolean(0),
            ct);
        if (!same)
        {
            throw new InvalidOperationException("The database was restored while this host ran: start the host again.");
        }
    }
}

/// <summary>A place in commit order.</summary>
/// <param name="Tx">The number of the transaction that wrote the row.</param>
/// <param name="Grain">The row's grain.</param>
/// <param name="Seq">The row's number.</param>
public sealed record OutboxPosition(ulong Tx, string Grain, long Seq)
{
    /// <summary>Before everything.</summary>
    public static readonly OutboxPosition Start = new(0, "", 0);
}

/// <summary>One event that has to do something elsewhere.</summary>
/// <param name="Position">Where it stands; to be kept once it is done.</param>
/// <param name="Row">The event's row; grain and seq are its stable id.</param>
public sealed record SideEffect(OutboxPosition Position, JournalRow Row);
