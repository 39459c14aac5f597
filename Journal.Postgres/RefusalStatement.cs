using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Finds every reason for which a batch was, or would be, refused.</summary>
internal sealed class RefusalStatement : IDisposable
{
    internal const string Sql = """
        SELECT q.n, q.taken, q.repeated
        FROM (SELECT r.n,
                     (SELECT true FROM billing.journal AS j WHERE j.grain = r.grain AND j.seq = r.seq) AS taken,
                     (SELECT true FROM billing.journal AS j WHERE j.grain = r.grain AND j.request_id = r.request_id) AS repeated
              FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS r(grain, seq, request_id, n) OFFSET 0) AS q
        WHERE q.taken OR q.repeated
        """;

    private readonly NpgsqlCommand command;
    private readonly NpgsqlParameter<string[]> grains = Arrays.Slot<string>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<long[]> seqs = Arrays.Slot<long>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<string?[]> requestIds = Arrays.Slot<string?>(NpgsqlDbType.Text);

    public RefusalStatement(NpgsqlConnection connection) =>
        this.command = new NpgsqlCommand(Sql, connection) { Parameters = { this.grains, this.seqs, this.requestIds } };

    /// <inheritdoc/>
    public void Dispose() => this.command.Dispose();

    /// <summary>Prepares it on its session.</summary>
    public Task PrepareAsync(CancellationToken ct) => this.command.PrepareAsync(ct);

    /// <summary>Every refusal, each once.</summary>
    /// <param name="rows">The batch.</param>
    /// <param name="fenced">Grains that are known to be refused by the fence.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<List<Refusal>> FindAsync(IReadOnlyList<JournalRow> rows, HashSet<GrainId> fenced, CancellationToken ct)
    {
        this.grains.TypedValue = [.. rows.Select(r => r.Grain.Path)];
        this.seqs.TypedValue = [.. rows.Select(r => r.Seq)];
        this.requestIds.TypedValue = [.. rows.Select(r => r.RequestId)];
        HashSet<RequestKey> repeated = FindRepeatsInside(rows);
        await using NpgsqlDataReader reader = await this.command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            JournalRow row = rows[(int)reader.GetInt64(0) - 1];
            if (!await reader.IsDBNullAsync(1, ct))
            {
                fenced.Add(row.Grain);
            }

            if (!await reader.IsDBNullAsync(2, ct))
            {
                repeated.Add(new RequestKey(row.Grain, row.RequestId!));
            }
        }

        await reader.CloseAsync();
        return [.. fenced.Select(g => new Refusal(g, null)), .. repeated.Select(r => new Refusal(r.Grain, r.RequestId))];
    }

    private static HashSet<RequestKey> FindRepeatsInside(IReadOnlyList<JournalRow> rows)
    {
        HashSet<RequestKey> seen = [];
        return [.. rows.Where(r => r.RequestId is not null).Select(r => new RequestKey(r.Grain, r.RequestId!)).Where(k => !seen.Add(k))];
    }
}
