using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What the runner reads, and the snapshots it keeps.</summary>
public sealed partial class PostgresJournal
{
    // One statement sees one instant. Rows are looked up by scalar subqueries and laterals, because a join was seen to be planned the
    // wrong way round, over all of a grain's rows, when the statistics were old. A grain's snapshot, if any, is its first row; a
    // snapshot whose row does not exist is not there.
    internal const string LoadSql = $"""
        SELECT q.n, r.* FROM unnest($1::text[]) WITH ORDINALITY AS q(grain, n)
        CROSS JOIN LATERAL (
            WITH s AS MATERIALIZED (
                SELECT s.seq, s.at, s.hash, s.data FROM billing.snapshots AS s
                WHERE s.grain = q.grain AND s.hash = (SELECT j.hash FROM billing.journal AS j WHERE j.grain = q.grain AND j.seq = s.seq))
            SELECT s.seq, s.at, NULL AS type, NULL AS actor, NULL AS request_id, s.data AS request_hash, NULL AS data, s.hash FROM s
            UNION ALL
            (SELECT {RowReader.Columns} FROM billing.journal AS j
             WHERE j.grain = q.grain AND j.seq > COALESCE((SELECT s.seq FROM s), 0) ORDER BY j.seq LIMIT $2)) AS r
        """;

    internal const string ReadRowsSql = $"""
        SELECT {RowReader.Columns} FROM billing.journal AS j WHERE j.grain = $1 AND j.seq > $2 ORDER BY j.seq LIMIT $3
        """;

    internal const string ReadLastRowsSql = $"""
        SELECT {RowReader.Columns} FROM billing.journal AS j WHERE j.grain = $1 ORDER BY j.seq DESC LIMIT $2
        """;

    internal const string ReadRowSql = $"SELECT {RowReader.Columns} FROM billing.journal AS j WHERE j.grain = $1 AND j.seq = $2";

    internal const string FindRequestsSql = $"""
        SELECT q.n, {RowReader.Columns}
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS q(grain, request_id, n)
        CROSS JOIN LATERAL (SELECT * FROM billing.journal AS j
                            WHERE j.grain = q.grain AND j.request_id = q.request_id OFFSET 0) AS j
        """;

    internal const string ReadRequestIdsSql =
        "SELECT j.seq, j.request_id FROM billing.journal AS j WHERE j.grain = $1 AND j.seq > $2 ORDER BY j.seq LIMIT $3";

    // In the grains' order, so that two hosts never wait for each other in a circle.
    internal const string SaveSnapshotsSql = """
        INSERT INTO billing.snapshots AS old (grain, seq, at, hash, data)
        SELECT DISTINCT ON (n.grain COLLATE "C") n.grain, n.seq, n.at, n.hash, n.data
        FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::bytea[], $5::bytea[]) AS n(grain, seq, at, hash, data)
        WHERE n.hash = (SELECT j.hash FROM billing.journal AS j WHERE j.grain = n.grain AND j.seq = n.seq)
        ORDER BY n.grain COLLATE "C", n.seq DESC
        ON CONFLICT (grain) DO UPDATE SET seq = excluded.seq, at = excluded.at, hash = excluded.hash, data = excluded.data
        WHERE old.seq <= excluded.seq
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct)
    {
        if (grains.Count == 0)
        {
            return [];
        }

        StoredGrain[] stored = await this.ReadAsync(
            LoadSql,
            p =>
            {
                p.Add(Arrays.Of(NpgsqlDbType.Text, grains, static g => g.Path));
                p.Add(new NpgsqlParameter<long> { TypedValue = maxRows });
            },
            async (reader, ct) =>
            {
                StoredSnapshot?[] snapshots = new StoredSnapshot?[grains.Count];
                List<JournalRow>?[] rows = new List<JournalRow>?[grains.Count];
                while (await reader.ReadAsync(ct))
                {
                    int i = (int)reader.GetInt64(0) - 1;
                    if (reader.IsDBNull(3))
                    {
                        snapshots[i] = new StoredSnapshot(
                            grains[i], reader.GetInt64(1), RowReader.ReadHash(reader, 8), PgTime.ToNanos(reader.GetFieldValue<long>(2)), reader.GetFieldValue<byte[]>(6));
                    }
                    else
                    {
                        (rows[i] ??= []).Add(RowReader.Read(reader, grains[i], first: 1));
                    }
                }

                return Array.ConvertAll(Enumerable.Range(0, grains.Count).ToArray(), i => new StoredGrain(snapshots[i], rows[i] ?? []));
            },
            ct);
        for (int i = 0; i < stored.Length; i++)
        {
            this.known.Learn(grains[i], stored[i] switch
            {
                { Rows: [.., JournalRow last] } => new Head(last.Seq, last.Hash),
                { Snapshot: { } start } => new Head(start.Seq, start.Hash),
                _ => default,
            });
        }

        return stored;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct)
    {
        List<JournalRow> rows = await this.ReadAsync(
            ReadRowsSql,
            p =>
            {
                p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path });
                p.Add(new NpgsqlParameter<long> { TypedValue = after });
                p.Add(new NpgsqlParameter<long> { TypedValue = maxRows });
            },
            async (reader, ct) =>
            {
                List<JournalRow> rows = [];
                while (await reader.ReadAsync(ct))
                {
                    rows.Add(RowReader.Read(reader, grain));
                }

                return rows;
            },
            ct);
        if (rows is [.., JournalRow last])
        {
            this.known.Learn(grain, new Head(last.Seq, last.Hash));
        }

        return rows;
    }

    /// <summary>A grain's newest rows, the last one first, whatever state its chain is in.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="maxRows">The most rows, 1 or more.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public Task<IReadOnlyList<JournalRow>> ReadLastRowsAsync(GrainId grain, int maxRows, CancellationToken ct) => this.ReadAsync<IReadOnlyList<JournalRow>>(
        ReadLastRowsSql,
        p =>
        {
            p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path });
            p.Add(new NpgsqlParameter<long> { TypedValue = maxRows });
        },
        async (reader, ct) =>
        {
            List<JournalRow> rows = [];
            while (await reader.ReadAsync(ct))
            {
                rows.Add(RowReader.Read(reader, grain));
            }

            return rows;
        },
        ct);

    /// <inheritdoc/>
    public Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) => this.ReadAsync(
        ReadRowSql,
        p =>
        {
            p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path });
            p.Add(new NpgsqlParameter<long> { TypedValue = seq });
        },
        async (reader, ct) => await reader.ReadAsync(ct) ? RowReader.Read(reader, grain) : null,
        ct);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        return await this.ReadAsync(
            FindRequestsSql,
            p =>
            {
                p.Add(Arrays.Of(NpgsqlDbType.Text, requests, static r => r.Grain.Path));
                p.Add(Arrays.Of(NpgsqlDbType.Text, requests, static r => r.RequestId));
            },
            async (reader, ct) =>
            {
                JournalRow?[] rows = new JournalRow?[requests.Count];
                while (await reader.ReadAsync(ct))
                {
                    int i = (int)reader.GetInt64(0) - 1;
                    rows[i] = RowReader.Read(reader, requests[i].Grain, first: 1);
                }

                return rows;
            },
            ct);
    }

    /// <inheritdoc/>
    public Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct) => this.ReadAsync(
        ReadRequestIdsSql,
        p =>
        {
            p.Add(new NpgsqlParameter<string> { TypedValue = grain.Path });
            p.Add(new NpgsqlParameter<long> { TypedValue = afterSeq });
            p.Add(new NpgsqlParameter<long> { TypedValue = rowsMax });
        },
        async (reader, ct) =>
        {
            List<string> ids = [];
            long last = afterSeq;
            while (await reader.ReadAsync(ct))
            {
                last = reader.GetInt64(0);
                if (!await reader.IsDBNullAsync(1, ct))
                {
                    ids.Add(reader.GetString(1));
                }
            }

            return new RequestIds(ids, last);
        },
        ct);

    /// <inheritdoc/>
    public async Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct)
    {
        if (snapshots.Count == 0)
        {
            return;
        }

        await this.ReadAsync(
            SaveSnapshotsSql,
            p =>
            {
                p.Add(Arrays.Of(NpgsqlDbType.Text, snapshots, static s => s.Grain.Path));
                p.Add(Arrays.Of(NpgsqlDbType.Bigint, snapshots, static s => s.Seq));
                p.Add(Arrays.Of(NpgsqlDbType.TimestampTz, snapshots, static s => PgTime.FromNanos(s.AtNanos)));
                p.Add(Arrays.Of(NpgsqlDbType.Bytea, snapshots, static s => s.Hash.ToArray()));
                p.Add(Arrays.Of(NpgsqlDbType.Bytea, snapshots, static s => s.Data));
            },
            static (_, _) => Task.FromResult(0),
            ct);
    }
}
