using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Takes a lane over: the previous session's end is made sure of, then the lane's lock is taken on this one.</summary>
/// <param name="connection">The new session.</param>
/// <param name="lane">The lane.</param>
/// <param name="shared">Whether in company.</param>
/// <param name="time">Measures waiting.</param>
/// <param name="logger">Hears of sessions that had to be ended.</param>
internal sealed class WriterSession(NpgsqlConnection connection, int lane, bool shared, TimeProvider time, ILogger logger)
{
    // The session of a host that has just crashed may be there a moment longer.
    private const int LockAttempts = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private const string Micros = "(extract(epoch FROM backend_start) * 1000000)::bigint";

    /// <summary>Does so, and names the new session.</summary>
    /// <exception cref="JournalOccupiedException">The lock is held in a way that excludes this host.</exception>
    public async Task<WriterIdentity> TakeOverAsync(WriterIdentity? previous, CancellationToken ct)
    {
        WriterIdentity self = await this.IdentifyAsync(ct);
        if (previous is not null)
        {
            await this.EndAsync(previous, ct);
        }

        // An operator may have turned this off for other work on the same server.
        await this.ExecuteAsync("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'", ct);
        for (int attempt = 1; !await this.TryLockAsync(ct); attempt++)
        {
            if (attempt == LockAttempts)
            {
                throw await this.OccupiedAsync(ct);
            }

            await Task.Delay(Interval, time, ct);
        }

        return self;
    }

    private async Task<WriterIdentity> IdentifyAsync(CancellationToken ct)
    {
        await using NpgsqlCommand command = new($"SELECT pid, {Micros} FROM pg_stat_activity WHERE pid = pg_backend_pid()", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new WriterIdentity(lane, reader.GetInt32(0), reader.GetInt64(1));
    }

    // A session leaves pg_stat_activity after its transaction has been committed or rolled back.
    private async Task EndAsync(WriterIdentity previous, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND {Micros} = $2", connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = previous.ProcessId }, new NpgsqlParameter<long> { TypedValue = previous.StartedMicros } },
        };
        bool told = false;
        while (await command.ExecuteScalarAsync(ct) is not null)
        {
            if (!told)
            {
                Log.PreviousEnded(logger, lane, previous.ProcessId);
                told = true;
            }

            await Task.Delay(Interval / 10, time, ct);
        }
    }

    private async Task<bool> TryLockAsync(CancellationToken ct)
    {
        await using NpgsqlCommand command = new(
            shared ? "SELECT pg_try_advisory_lock_shared($1, $2)" : "SELECT pg_try_advisory_lock($1, $2)", connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = Setup.LockSpace }, new NpgsqlParameter<int> { TypedValue = lane } },
        };
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<JournalOccupiedException> OccupiedAsync(CancellationToken ct)
    {
        await using NpgsqlCommand command = new(
            """
            SELECT COALESCE(string_agg(a.application_name || ' (server process ' || a.pid || ')', ', '), ''), COALESCE(bool_or(l.mode LIKE 'Share%'), false)
            FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid = $2 AND l.objsubid = 2
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            connection)
        {
            Parameters =
            {
                new NpgsqlParameter<uint> { NpgsqlDbType = NpgsqlDbType.Oid, TypedValue = Setup.LockSpace },
                new NpgsqlParameter<uint> { NpgsqlDbType = NpgsqlDbType.Oid, TypedValue = (uint)lane },
            },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        string holders = reader.GetString(0);
        bool company = reader.GetBoolean(1);
        return new JournalOccupiedException(
            (company, shared) switch
            {
                (true, _) => $"Lane {lane} is written in company by {holders}, and this host is configured to be alone: stop the others, or set this host to Shared as they are.",
                (false, true) => $"Lane {lane} is written by {holders}, which is configured to be alone: stop that host, or set it to Shared as this one is.",
                (false, false) => $"Lane {lane} is written by {holders}: stop that host, or set both to Shared.",
            });
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
