namespace OrleansBilling.Bench.Sketches;

/// <summary>One way to store a batch.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Tables">What is created first.</param>
/// <param name="Insert">The statement; parameters: grain, seq, at, type, actor, request_id, request_hash, data, hash, all arrays.</param>
internal sealed record Variant(string Name, string Tables, string Insert)
{
    private const string Columns = """
        grain text COLLATE "C" NOT NULL, seq bigint NOT NULL, at timestamptz NOT NULL, tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
        type text NOT NULL, actor text NOT NULL, request_id text COLLATE "C", request_hash bytea, data bytea NOT NULL, hash bytea NOT NULL
        """;

    private const string RequestIndex = "CREATE UNIQUE INDEX ON journal (grain, request_id) WHERE request_id IS NOT NULL;";

    private const string Plain = $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)); {RequestIndex}";

    private const string Unnest = "unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS r (grain, seq, at, type, actor, request_id, request_hash, data, hash)";

    private const string InsertAll =
        $"INSERT INTO journal (grain, seq, at, type, actor, request_id, request_hash, data, hash) SELECT * FROM {Unnest}";

    private const string InsertListed =
        "INSERT INTO journal (grain, seq, at, type, actor, request_id, request_hash, data, hash) SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7), unnest($8), unnest($9)";

    /// <summary>Statements for the session before it writes.</summary>
    public string Session { get; init; } = "";

    /// <summary>Writer sessions at once, each with its own grains.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>Events of one grain that share a row, where there are that many.</summary>
    public int EventsPerRow { get; init; } = 1;

    /// <summary>All of them; each has the unique index unless it says otherwise.</summary>
    public static readonly IReadOnlyList<Variant> All =
    [
        new("plain", Plain, InsertAll),
        new("no request index", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq))", InsertAll),
        new("no index at all", $"CREATE TABLE journal ({Columns})", InsertAll),
        new("data as text", Plain.Replace("data bytea", "data text", StringComparison.Ordinal), InsertAll.Replace("SELECT *", "SELECT grain, seq, at, type, actor, request_id, request_hash, convert_from(data, 'UTF8'), hash", StringComparison.Ordinal)),
        new("wal_compression lz4", Plain, InsertAll) { Session = "SET wal_compression = lz4" },
        new("wal_compression pglz", Plain, InsertAll) { Session = "SET wal_compression = pglz" },
        new("two lanes", Plain, InsertAll) { Lanes = 2 },
        new("8 hash partitions", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)) PARTITION BY HASH (grain); {RequestIndex}" + string.Concat(Enumerable.Range(0, 8).Select(i => $"CREATE TABLE j{i} PARTITION OF journal FOR VALUES WITH (MODULUS 8, REMAINDER {i});")), InsertAll),
        new("8 partitions, two lanes", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)) PARTITION BY HASH (grain); {RequestIndex}" + string.Concat(Enumerable.Range(0, 8).Select(i => $"CREATE TABLE j{i} PARTITION OF journal FOR VALUES WITH (MODULUS 8, REMAINDER {i});")), InsertAll) { Lanes = 2 },
        new("predecessor check", Plain, InsertAll + " WHERE r.seq = 1 OR r.seq > 1 AND (EXISTS (SELECT FROM journal j WHERE j.grain = r.grain AND j.seq = r.seq - 1) OR r.seq - 1 = ANY ($2))"),
        new("table of heads", Plain + "CREATE TABLE head (grain text COLLATE \"C\" PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL) WITH (fillfactor = 50);", $"WITH h AS (INSERT INTO head SELECT DISTINCT ON (grain) grain, seq, hash FROM {Unnest} ORDER BY grain, seq DESC ON CONFLICT (grain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash RETURNING 1) {InsertAll}"),
        new("fillfactor 70 on indexes", Plain.Replace("PRIMARY KEY (grain, seq)", "PRIMARY KEY (grain, seq) WITH (fillfactor = 70)", StringComparison.Ordinal).Replace("WHERE request_id", "WITH (fillfactor = 70) WHERE request_id", StringComparison.Ordinal), InsertAll),
        new("request index on 16-byte digest", $"CREATE TABLE journal ({Columns}, rid uuid, PRIMARY KEY (grain, seq)); CREATE UNIQUE INDEX ON journal (rid);", $"INSERT INTO journal (grain, seq, at, type, actor, request_id, request_hash, data, hash, rid) SELECT *, md5(grain || request_id)::uuid FROM {Unnest}"),
        new("request index (request_id, grain)", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)); CREATE UNIQUE INDEX ON journal (request_id, grain) WHERE request_id IS NOT NULL;", InsertAll),
        new("grain as bigint", Plain.Replace("grain text COLLATE \"C\"", "grain bigint", StringComparison.Ordinal), InsertAll.Replace("SELECT *", "SELECT substr(grain, 13)::bigint, seq, at, type, actor, request_id, request_hash, data, hash", StringComparison.Ordinal)),
        new("grain bigint, (request_id, grain)", $"CREATE TABLE journal ({Columns.Replace("grain text COLLATE \"C\"", "grain bigint", StringComparison.Ordinal)}, PRIMARY KEY (grain, seq)); CREATE UNIQUE INDEX ON journal (request_id, grain);", InsertAll.Replace("SELECT *", "SELECT substr(grain, 13)::bigint, seq, at, type, actor, request_id, request_hash, data, hash", StringComparison.Ordinal)),
        new("unnest in the select list", Plain, InsertListed),
        new("list, (request_id, grain)", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)); CREATE UNIQUE INDEX ON journal (request_id, grain) WHERE request_id IS NOT NULL;", InsertListed),
        new("list, (request_id, grain), 2 lanes", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)); CREATE UNIQUE INDEX ON journal (request_id, grain) WHERE request_id IS NOT NULL;", InsertListed) { Lanes = 2 },
        new("list, (request_id, grain), tx by lane", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)); CREATE UNIQUE INDEX ON journal (request_id, grain) WHERE request_id IS NOT NULL;", InsertListed.Replace("hash)", "hash, tx)", StringComparison.Ordinal).Replace("unnest($9)", "unnest($9), pg_current_xact_id()", StringComparison.Ordinal)),
        new("no request hash, narrow data", $"CREATE TABLE journal ({Columns}, PRIMARY KEY (grain, seq)); {RequestIndex}", InsertAll.Replace("SELECT *", "SELECT grain, seq, at, type, actor, request_id, NULL, substr(data, 1, 60), hash", StringComparison.Ordinal)),
        new("16 events per row", Plain, InsertAll) { EventsPerRow = 16 },
        new("100 events per row", Plain, InsertAll) { EventsPerRow = 100 },
        new("synchronous_commit off (not durable)", Plain, InsertAll) { Session = "SET synchronous_commit = off" },
    ];
}
