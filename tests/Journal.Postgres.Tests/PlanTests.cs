using Npgsql;
using OrleansBilling.Testing;
using Xunit;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>However old the statistics are, no statement reads all rows of a busy grain to find a few.</summary>
public sealed class PlanTests(Server server)
{
    // One row per grain, as on a first day; a grain that was alone; and no row at all.
    private const string ManyGrains = "INSERT INTO billing.journal (grain, seq, at, type, actor, request_id, request_hash, hash, data) SELECT 'account/' || i, 1, now(), 'charged', '', 'r' || i, '', '', '{}' FROM generate_series(1, 3000) AS i";
    private const string OneGrain = "INSERT INTO billing.journal (grain, seq, at, type, actor, request_id, request_hash, hash, data) SELECT 'account/a', i, now(), 'charged', '', 'r' || i, '', '', '{}' FROM generate_series(1, 1000) AS i";
    private const string Busy = "INSERT INTO billing.journal (grain, seq, at, type, actor, request_id, request_hash, hash, data) SELECT 'account/busy', i, now(), 'charged', '', 'r' || i, '', '', '{}' FROM generate_series(1, 20000) AS i";

    public static TheoryData<string, string, string> Statements
    {
        get
        {
            (string, string, string)[] statements =
            [
                ("text[], bigint", PostgresJournal.LoadSql, "seq"),
                ("text, bigint, bigint", PostgresJournal.ReadRowsSql, "seq"),
                ("text, bigint", PostgresJournal.ReadRowSql, "seq"),
                ("text, bigint", PostgresJournal.ReadLastRowsSql, "Backward"),
                ("text[], text[]", PostgresJournal.FindRequestsSql, "request_id"),
                ("text[], bigint[], timestamptz[], bytea[], bytea[]", PostgresJournal.SaveSnapshotsSql, "seq"),
                ("text[], bigint[], text[]", RefusalStatement.Sql, "seq|request_id"),
                ("int", HeadReader.AllSql, "Backward"),
                ("text[]", PostgresWriter.HeadsSql, "Backward"),
                ("text, bigint, bigint, int, text, text, text, text, text", TransactionReader.Sql, "seq <"),
                ("text", AccountHistory.HeadSql, "Backward"),
                ("text, timestamptz", AccountHistory.EntryAtSql, "Backward|seq >="),
                ("text, bigint, bigint", AccountHistory.LastDueSql, "Backward|seq >"),
                ("text, bigint", AccountHistory.BalanceSql, "seq"),
                ("xid8, text, bigint, int", Outbox.ReadSql, "ROW(tx"),
                ("xid8, text, bigint, int", AuditReader.AllSql, "ROW(tx"),
                ("text, bigint, int", AuditReader.OfGrainSql, "Backward using journal_operations_by_grain"),
            ];
            TheoryData<string, string, string> data = [];
            foreach ((string types, string sql, string wanted) in statements)
            {
                data.Add(types, sql, wanted);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Goes_to_its_rows_by_an_index(string types, string sql, string wanted)
    {
        foreach (string past in new[] { ManyGrains, OneGrain, "SELECT 1" })
        {
            string database = await server.Postgres.CreateDatabaseAsync();
            await (await OpenAsync(database)).DisposeAsync();
            await PostgresServer.ExecuteAsync(database, "ALTER TABLE billing.journal SET (autovacuum_enabled = off)");
            await PostgresServer.ExecuteAsync(database, past);
            await PostgresServer.ExecuteAsync(database, "ANALYZE");
            await PostgresServer.ExecuteAsync(database, Busy);
            string[] plan = await PlanAsync(database, types, sql);
            int scans = 0;
            for (int i = 0; i < plan.Length; i++)
            {
                Assert.DoesNotContain("Seq Scan", plan[i], StringComparison.Ordinal);
                if (plan[i].Contains("using journal_", StringComparison.Ordinal))
                {
                    scans++;
                    string scan = plan[i] + plan[i + 1];
                    Assert.True(
                        wanted.Split('|').Any(w => scan.Contains(w, StringComparison.Ordinal)),
                        $"After: {past}\n{string.Join('\n', plan)}\nreads too much in: {plan[i]}");
                }
            }

            Assert.NotEqual(0, scans);
        }
    }

    private static async Task<string[]> PlanAsync(string database, string types, string sql)
    {
        await using NpgsqlConnection connection = new(
            new NpgsqlConnectionStringBuilder(database) { Pooling = false, Options = Sessions.Plans }.ConnectionString);
        await connection.OpenAsync(Ct);
        await using NpgsqlCommand prepare = new($"PREPARE statement ({types}) AS {sql}", connection);
        await prepare.ExecuteNonQueryAsync(Ct);
        string nulls = string.Join(", ", types.Split(',').Select(_ => "NULL"));
        await using NpgsqlCommand explain = new($"EXPLAIN EXECUTE statement ({nulls})", connection);
        List<string> plan = [];
        await using NpgsqlDataReader reader = await explain.ExecuteReaderAsync(Ct);
        while (await reader.ReadAsync(Ct))
        {
            plan.Add(reader.GetString(0));
        }

        return [.. plan];
    }
}
