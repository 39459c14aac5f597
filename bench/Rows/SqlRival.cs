using System.Globalization;
using Npgsql;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Rows;

/// <summary>The deduct as one SQL statement: tables and text, shared by pgbench and Npgsql.</summary>
internal sealed class SqlRival
{
    /// <summary>What one deduct takes.</summary>
    public const long Amount = 1000;

    private readonly Lazy<Task<string>> seeded;

    public SqlRival(BenchContext bench)
    {
        this.seeded = new(() => SeedAsync(bench));
        this.Statement = BenchContext.Embedded("deduct.sql").Trim();
    }

    /// <summary>The database that the rivals share.</summary>
    public const string Database = "rival";

    /// <summary>The statement, with parameters @account, @amount and @request.</summary>
    public string Statement { get; }

    /// <summary>The connection string, once the accounts are there.</summary>
    public Task<string> SeededAsync() => this.seeded.Value;

    private static async Task<string> SeedAsync(BenchContext bench)
    {
        BenchPostgres postgres = await bench.Postgres;
        string connection = await postgres.CreateDatabaseAsync(Database);
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connection);
        foreach (string sql in new[]
        {
            BenchContext.Embedded("rival.sql"),
            string.Create(CultureInfo.InvariantCulture, $"INSERT INTO account SELECT i, 1000000000000000 FROM generate_series(1, {bench.Options.Accounts}) i"),
            "VACUUM ANALYZE account",
        })
        {
            await using NpgsqlCommand command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        return connection;
    }
}
