using System.Security.Cryptography;
using System.Text;
using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Tables of prices by number, counted from 1: the same text has the same number on every host and for ever. Kept beside the
/// journal, whose rows name them; never changed and never deleted.
/// </summary>
public sealed class PriceVersions
{
    private readonly PostgresJournal journal;

    internal PriceVersions(PostgresJournal journal) => this.journal = journal;

    /// <summary>The number of a table, which becomes the next version where it is new.</summary>
    /// <param name="table">The table, in one form only, since other text is another version.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<int> ClaimAsync(string table, CancellationToken ct)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(table));
        while (true)
        {
            // Hosts that start at once may want the same number: one gets it, the others look again.
            int? number = await this.journal.ReadAsync<int?>(
                """
                WITH made AS (
                    INSERT INTO billing.price_versions (number, digest, data)
                    SELECT COALESCE(max(v.number), 0) + 1, $1, $2 FROM billing.price_versions AS v
                    HAVING NOT EXISTS (SELECT FROM billing.price_versions AS known WHERE known.digest = $1)
                    ON CONFLICT DO NOTHING RETURNING number)
                SELECT number FROM made UNION ALL SELECT number FROM billing.price_versions WHERE digest = $1
                """,
                p =>
                {
                    p.Add(new NpgsqlParameter<byte[]> { TypedValue = digest });
                    p.Add(new NpgsqlParameter<string> { TypedValue = table });
                },
                static async (reader, ct) => await reader.ReadAsync(ct) ? reader.GetInt32(0) : null,
                ct);
            if (number is { } known)
            {
                return known;
            }
        }
    }

    /// <summary>The versions after one, by number.</summary>
    /// <param name="after">The last one that is known already, or 0.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<(int Number, string Table)>> ReadAsync(int after, CancellationToken ct) =>
        this.journal.ReadAsync<IReadOnlyList<(int Number, string Table)>>(
            "SELECT number, data FROM billing.price_versions WHERE number > $1 ORDER BY number",
            p => p.Add(new NpgsqlParameter<int> { TypedValue = after }),
            static async (reader, ct) =>
            {
                List<(int Number, string Table)> versions = [];
                while (await reader.ReadAsync(ct))
                {
                    versions.Add((reader.GetInt32(0), reader.GetString(1)));
                }

                return versions;
            },
            ct);
}
