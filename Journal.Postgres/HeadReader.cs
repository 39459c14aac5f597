using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Reads which chains have grown since a point in commit order, and to where, for one host at a time: the first that asks keeps
/// a session with a lock on it until it is disposed or the session breaks. One call at a time.
/// </summary>
public sealed class HeadReader : IAsyncDisposable
{
    // From each grain's last row to the next grain's: one look into the primary key per grain, however many rows there are.
    internal const string AllSql = """
        WITH RECURSIVE h AS (
            (SELECT j.grain, j.seq, j.hash FROM billing.journal AS j ORDER BY j.grain DESC, j.seq DESC LIMIT 1)
            UNION ALL
            SELECT n.grain, n.seq, n.hash FROM h CROSS JOIN LATERAL (
                SELECT j.grain, j.seq, j.hash FROM billing.journal AS j WHERE j.grain < h.grain ORDER BY j.grain DESC, j.seq DESC LIMIT 1) AS n)
        SELECT h.grain, h.seq, h.hash FROM h
        """;

    // Rows that were restored from another server carry numbers that may lie in this one's future: they are not new.
    internal const string ChangedSql = """
        SELECT DISTINCT ON (j.grain) j.grain, j.seq, j.hash
        FROM billing.journal AS j
        WHERE xid8send(j.tx) >= xid8send($1) AND xid8send(j.tx) < xid8send(pg_snapshot_xmax(pg_current_snapshot()))
        ORDER BY j.grain, j.seq DESC
        """;

    // Whatever the statistics say: changes are found by block ranges alone, heads by the primary key alone.
    internal const string PlansSql = """
        SELECT set_config('enable_seqscan', 'off', false), set_config('enable_indexscan', $1, false), set_config('enable_bitmapscan', $2, false)
        """;

    private const int TurnLock = -2;

    // A server that was set back in time, or a standby that took over, is another timeline: it gives out numbers again.
    private const string PositionSql = """
        SELECT s.database_id || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8), pg_snapshot_xmin(pg_current_snapshot())
        FROM billing.settings AS s
        """;

    private readonly Sessions sessions;
    private NpgsqlConnection? session;

    internal HeadReader(Sessions sessions) => this.sessions = sessions;

    /// <summary>Takes or keeps the turn, and says how far the journal has come: every row before that is committed and can be seen.</summary>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null when it is another host's turn.</returns>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<HeadPosition?> TryBeginAsync(CancellationToken ct) => this.TryAsync(async () =>
    {
        if (this.session is null)
        {
            this.session = this.sessions.Maintenance();
            await this.session.OpenAsync(ct);
            await using NpgsqlCommand take = new($"SELECT pg_try_advisory_lock({Setup.LockSpace}, {TurnLock})", this.session);
            if (!(bool)(await take.ExecuteScalarAsync(ct))!)
            {
                await this.DisposeAsync();
                return null;
            }
        }

        await using NpgsqlCommand command = new(PositionSql, this.session);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new HeadPosition(reader.GetString(0), reader.GetFieldValue<ulong>(1));
    });

    /// <summary>
    /// Gives the head of each grain with rows since a position; a row that was not committed then may be given again. Gives all
    /// heads where there is no such position in this database, as after a restore.
    /// </summary>
    /// <param name="since">Where an earlier read began; null for all.</param>
    /// <param name="now">Where this one begins.</param>
    /// <param name="take">Receives them, one by one.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task ReadAsync(HeadPosition? since, HeadPosition now, Action<GrainHead> take, CancellationToken ct) => this.TryAsync(async () =>
    {
        bool known = since is not null && since.Database == now.Database && since.Tx <= now.Tx;
        await using (NpgsqlCommand plans = new(PlansSql, this.session) { Parameters = { OnOff(!known), OnOff(known) } })
        {
            await plans.ExecuteNonQueryAsync(ct);
        }

        await using NpgsqlCommand command = new(known ? ChangedSql : AllSql, this.session);
        if (known)
        {
            command.Parameters.Add(new NpgsqlParameter<ulong> { NpgsqlDbType = NpgsqlDbType.Xid8, TypedValue = since!.Tx });
        }

        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            take(new GrainHead(new GrainId(reader.GetString(0)), new Head(reader.GetInt64(1), RowReader.ReadHash(reader, 2))));
        }

        return known;
    });

    /// <summary>Leaves the turn to others.</summary>
    public async ValueTask DisposeAsync()
    {
        if (this.session is { } open)
        {
            this.session = null;
            await open.DisposeAsync();
        }
    }

    private static NpgsqlParameter<string> OnOff(bool on) => new() { TypedValue = on ? "on" : "off" };

    // Whatever went wrong, the next call starts on a new session.
    private async Task<T> TryAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e)
        {
            await this.DisposeAsync();
            if (ServerErrors.IsOutage(e))
            {
                throw ServerErrors.Unavailable(e);
            }

            throw;
        }
    }
}

/// <summary>A point in a database's commit order.</summary>
/// <param name="Database">The database's identity and the server's timeline.</param>
/// <param name="Tx">Every transaction with a smaller number has ended.</param>
public sealed record HeadPosition(string Database, ulong Tx);

/// <summary>How far a grain's chain has come.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="Head">Its last row.</param>
public readonly record struct GrainHead(GrainId Grain, Head Head);
