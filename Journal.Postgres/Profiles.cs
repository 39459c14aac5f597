using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What is personal of accounts: beside the journal, and gone when it is erased, but for backups of the database.</summary>
public sealed class Profiles
{
    private readonly PostgresJournal journal;

    internal Profiles(PostgresJournal journal) => this.journal = journal;

    /// <summary>An account's profile, or null where there is none.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<StoredProfile?> ReadAsync(string account, CancellationToken ct) => this.journal.ReadAsync(
        "SELECT data, changed_at FROM billing.profiles WHERE account = $1 AND data IS NOT NULL",
        p => p.Add(new NpgsqlParameter<string> { TypedValue = account }),
        static async (reader, ct) => await reader.ReadAsync(ct) ? new StoredProfile(reader.GetString(0), PgTime.ToNanos(reader.GetFieldValue<long>(1))) : null,
        ct);

    /// <summary>Sets or erases a profile, unless a later row of the account did so already.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="seq">The number of the account's row that says so.</param>
    /// <param name="data">The profile as JSON; null erases it.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task WriteAsync(string account, long seq, string? data, CancellationToken ct) => this.journal.ReadAsync(
        """
        INSERT INTO billing.profiles AS p (account, seq, data) VALUES ($1, $2, $3)
        ON CONFLICT (account) DO UPDATE SET seq = excluded.seq, data = excluded.data, changed_at = excluded.changed_at WHERE p.seq < excluded.seq
        """,
        p =>
        {
            p.Add(new NpgsqlParameter<string> { TypedValue = account });
            p.Add(new NpgsqlParameter<long> { TypedValue = seq });
            p.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)data ?? DBNull.Value });
        },
        static (_, _) => Task.FromResult(0),
        ct);
}

/// <summary>A profile as it is stored.</summary>
/// <param name="Data">JSON.</param>
/// <param name="ChangedAtNanos">When it was set, in nanos since the Unix epoch.</param>
public sealed record StoredProfile(string Data, long ChangedAtNanos);
