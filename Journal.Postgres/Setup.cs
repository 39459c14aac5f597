using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Makes a database ready for this release, or refuses it.</summary>
internal static class Setup
{
    /// <summary>The first number of this project's advisory locks, so that they meet no other program's.</summary>
    public const int LockSpace = 0x0B111;

    private const int SetupLock = -1;

    // Restored rows carry numbers of another server's transactions, which say nothing here: they may lie in this one's future.
    // What a reader had delivered becomes 1, the rest 2; both come before every number that a server gives out.
    private const string Rebase = """
        WITH first AS (SELECT tx, grain, seq FROM billing.outbox_cursor ORDER BY tx, grain, seq LIMIT 1)
        UPDATE billing.journal AS j
        SET tx = CASE WHEN EXISTS (SELECT FROM first AS f WHERE (j.tx, j.grain, j.seq) <= (f.tx, f.grain, f.seq)) THEN '1'::xid8 ELSE '2'::xid8 END
        WHERE j.type IN ('key_created', 'low_balance_crossed')
        """;

    /// <summary>Checks the server, applies migrations, and reads the settings.</summary>
    public static async Task<StoredSettings> RunAsync(NpgsqlConnection connection, PostgresJournalOptions options, ILogger logger, CancellationToken ct)
    {
        await CheckServerAsync(connection, ct);
        await LockAsync(connection, ct);
        await Migrator.ApplyAsync(connection, logger, ct);
        return await ReadSettingsAsync(connection, options, logger, ct);
    }

    /// <summary>Waits until no other host sets the database up; the lock is the session's.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using NpgsqlCommand take = new($"SELECT pg_advisory_lock({LockSpace}, {SetupLock})", connection);
        await take.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Refuses a server that may lose what it has confirmed, or lags behind it.</summary>
    /// <exception cref="JournalSetupException">It is configured so.</exception>
    public static async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        // A session and its lock can be had on a standby too, and would confirm reads that are old.
        await using (NpgsqlCommand ask = new("SELECT pg_is_in_recovery()", connection))
        {
            if (await ask.ExecuteScalarAsync(ct) is true)
            {
                throw new JournalSetupException(
                    "PostgreSQL is in recovery: this is a standby, which takes no writes and may lag behind. Connect to the primary, or promote this server.");
            }
        }

        await using NpgsqlCommand read = new(
            """
            SELECT name || ' = ' || setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting <> 'on'
            UNION ALL SELECT 'server_encoding = ' || setting FROM pg_settings WHERE name = 'server_encoding' AND setting <> 'UTF8'
            """,
            connection);
        List<string> wrong = [];
        await using NpgsqlDataReader reader = await read.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            wrong.Add(reader.GetString(0));
        }

        if (wrong.Count > 0)
        {
            throw new JournalSetupException(
                $"PostgreSQL runs with {string.Join(" and ", wrong)}: it could lose or change what it has confirmed. Set fsync and full_page_writes to on in postgresql.conf and use a database with encoding UTF8.");
        }
    }

    private static async Task<StoredSettings> ReadSettingsAsync(NpgsqlConnection connection, PostgresJournalOptions options, ILogger logger, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await using NpgsqlCommand where = new(
            "SELECT s.system_identifier || '/' || d.oid FROM pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database()", connection);
        string cluster = (string)(await where.ExecuteScalarAsync(ct))!;
        await using NpgsqlCommand insert = new("INSERT INTO billing.settings (cluster, lanes) VALUES ($1, $2) ON CONFLICT DO NOTHING", connection)
        {
            Parameters = { new() { Value = cluster }, new() { Value = options.Lanes } },
        };
        await insert.ExecuteNonQueryAsync(ct);
        await using NpgsqlCommand move = new(
            "UPDATE billing.settings SET cluster = $1, database_id = gen_random_uuid() WHERE cluster <> $1", connection)
        {
            Parameters = { new() { Value = cluster } },
        };
        if (await move.ExecuteNonQueryAsync(ct) > 0)
        {
            await RebaseAsync(connection, ct);
            Log.Rebased(logger);
        }

        await using NpgsqlCommand read = new("SELECT database_id, lanes FROM billing.settings", connection);
        StoredSettings settings;
        await using (NpgsqlDataReader reader = await read.ExecuteReaderAsync(ct))
        {
            await reader.ReadAsync(ct);
            settings = new StoredSettings(reader.GetGuid(0), reader.GetInt32(1));
        }

        await transaction.CommitAsync(ct);
        return settings;
    }

    private static async Task RebaseAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using NpgsqlCommand renumber = new(Rebase, connection);
        await renumber.ExecuteNonQueryAsync(ct);
        await using NpgsqlCommand cursors = new(
            "UPDATE billing.outbox_cursor SET tx = '2', grain = '', seq = 0, database_id = (SELECT database_id FROM billing.settings)", connection);
        await cursors.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>What the database says about itself.</summary>
/// <param name="DatabaseId">Its identity; another one after a restore.</param>
/// <param name="Lanes">Its writer lanes.</param>
internal sealed record StoredSettings(Guid DatabaseId, int Lanes);
