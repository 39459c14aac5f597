using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>When keys were last used for what the journal does not record, beside it: one row a key, written now and then.</summary>
public sealed class KeyUses
{
    // In the order of the primary key, so that two hosts never wait for each other in a circle.
    private const string WriteSql = """
        INSERT INTO billing.key_uses AS old (account, key, used_at)
        SELECT n.account, n.key, n.used_at FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS n(account, key, used_at)
        ORDER BY n.account COLLATE "C", n.key COLLATE "C"
        ON CONFLICT (account, key) DO UPDATE SET used_at = excluded.used_at WHERE old.used_at < excluded.used_at
        """;

    private readonly PostgresJournal journal;

    internal KeyUses(PostgresJournal journal) => this.journal = journal;

    /// <summary>Records uses; one that is older than what is recorded changes nothing.</summary>
    /// <param name="uses">The uses, each key once.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task WriteAsync(IReadOnlyList<KeyUse> uses, CancellationToken ct) => this.journal.ReadAsync(
        WriteSql,
        p =>
        {
            p.Add(Arrays.Of(NpgsqlDbType.Text, uses, static u => u.Account));
            p.Add(Arrays.Of(NpgsqlDbType.Text, uses, static u => u.Key));
            p.Add(Arrays.Of(NpgsqlDbType.TimestampTz, uses, static u => PgTime.FromNanos(u.AtNanos)));
        },
        static (_, _) => Task.FromResult(0),
        ct);

    /// <summary>The uses of an account's keys, in nanos since the Unix epoch, by the key's public id.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyDictionary<string, long>> ReadAsync(string account, CancellationToken ct) => this.journal.ReadAsync<IReadOnlyDictionary<string, long>>(
        "SELECT key, used_at FROM billing.key_uses WHERE account = $1",
        p => p.Add(new NpgsqlParameter<string> { TypedValue = account }),
        static async (reader, ct) =>
        {
            Dictionary<string, long> uses = new(StringComparer.Ordinal);
            while (await reader.ReadAsync(ct))
            {
                uses.Add(reader.GetString(0), PgTime.ToNanos(reader.GetFieldValue<long>(1)));
            }

            return uses;
        },
        ct);
}

/// <summary>A use of a key.</summary>
/// <param name="Account">The account it belongs to.</param>
/// <param name="Key">Its public id.</param>
/// <param name="AtNanos">When, in nanos since the Unix epoch.</param>
public sealed record KeyUse(string Account, string Key, long AtNanos);
