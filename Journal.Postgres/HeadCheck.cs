using Npgsql;
using NpgsqlTypes;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Compares heads that were kept elsewhere with the rows that are there. All of them count, not only each grain's last: a chain
/// that was changed, computed anew and continued has a good last head and no good earlier one.
/// </summary>
internal static class HeadCheck
{
    private const int BatchSize = 1000;

    // Values in the select list, not joins: whatever the statistics say, each is one look into the primary key.
    private const string Sql = """
        SELECT c.grain, c.seq, c.stored IS NOT NULL, (SELECT max(j.seq) FROM billing.journal AS j WHERE j.grain = c.grain)
        FROM (
            SELECT h.grain, h.seq, h.hash, (SELECT j.hash FROM billing.journal AS j WHERE j.grain = h.grain AND j.seq = h.seq) AS stored
            FROM unnest($1::text[], $2::bigint[], $3::bytea[]) WITH ORDINALITY AS h (grain, seq, hash, place)
            ORDER BY h.place) AS c
        WHERE c.stored IS DISTINCT FROM c.hash
        """;

    /// <summary>Checks heads, each grain's oldest first, and reports the first of each grain that is not there.</summary>
    /// <returns>How many were checked.</returns>
    public static async Task<long> RunAsync(NpgsqlConnection connection, IEnumerable<GrainHead> heads, Action<BrokenGrain> report, CancellationToken ct)
    {
        long count = 0;
        HashSet<string> reported = new(StringComparer.Ordinal);
        foreach (GrainHead[] batch in heads.Chunk(BatchSize))
        {
            count += batch.Length;
            await using NpgsqlCommand command = new(Sql, connection)
            {
                Parameters =
                {
                    Arrays.Of(NpgsqlDbType.Text, batch, static h => h.Grain.Path),
                    Arrays.Of(NpgsqlDbType.Bigint, batch, static h => h.Head.Seq),
                    Arrays.Of(NpgsqlDbType.Bytea, batch, static h => h.Head.Hash.ToArray()),
                },
            };
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                if (reported.Add(reader.GetString(0)))
                {
                    long seq = reader.GetInt64(1);
                    long last = await reader.IsDBNullAsync(3, ct) ? 0 : reader.GetInt64(3);
                    report(new BrokenGrain(new GrainId(reader.GetString(0)), seq, Reason(seq, reader.GetBoolean(2), last)));
                }
            }
        }

        return count;
    }

    private static string Reason(long seq, bool isThere, long last) =>
        isThere ? $"Row {seq} is not the row that a signed head knows: the chain was changed and its hashes computed anew."
        : last == 0 ? $"A signed head knows of row {seq}, but the grain has no rows: all of it was removed."
        : last < seq ? $"A signed head knows of row {seq}, but the chain ends with row {last}: rows were cut off."
        : $"A signed head knows of row {seq}, which is missing.";
}
