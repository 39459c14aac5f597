using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Brings a schema up to this release by numbered SQL files, each in its own transaction, one host at a time.
/// </summary>
internal static class Migrator
{
    private const string Journal = "billing";

    /// <summary>The journal's migrations of this release, by number.</summary>
    public static IReadOnlyList<Migration> All { get; } = Read("Migrations");

    /// <summary>Applies what is missing of the journal. The caller holds the setup lock.</summary>
    /// <exception cref="JournalSetupException">The database was migrated by a newer release, or by another one's files.</exception>
    public static Task ApplyAsync(NpgsqlConnection connection, ILogger logger, CancellationToken ct) => ApplyAsync(connection, Journal, All, logger, ct);

    /// <summary>Applies what is missing of a schema. The caller holds the setup lock.</summary>
    /// <exception cref="JournalSetupException">The database was migrated by a newer release, or by another one's files.</exception>
    public static async Task ApplyAsync(NpgsqlConnection connection, string schema, IReadOnlyList<Migration> all, ILogger logger, CancellationToken ct)
    {
        await ExecuteAsync(
            connection,
            $"""
            CREATE SCHEMA IF NOT EXISTS {schema};
            CREATE TABLE IF NOT EXISTS {schema}.migrations (
                number     integer     PRIMARY KEY,
                name       text        NOT NULL,
                checksum   bytea       NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now());
            """,
            ct);
        Dictionary<int, (string Name, byte[] Checksum)> applied = [];
        await using (NpgsqlCommand read = new($"SELECT number, name, checksum FROM {schema}.migrations", connection))
        await using (NpgsqlDataReader reader = await read.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetFieldValue<byte[]>(2)));
            }
        }

        foreach ((int number, (string name, _)) in applied.Where(a => a.Key > all.Count))
        {
            throw new JournalSetupException(
                $"The database was migrated by a newer release (it has migration {number}, {name}; this release knows {all.Count}): start that release, or restore a backup from before.");
        }

        foreach (Migration migration in all)
        {
            if (!applied.TryGetValue(migration.Number, out (string Name, byte[] Checksum) found))
            {
                await ApplyAsync(connection, schema, migration, ct);
                Log.Migrated(logger, migration.Name);
            }
            else if (!found.Checksum.AsSpan().SequenceEqual(migration.Checksum))
            {
                throw new JournalSetupException(
                    $"The database has another migration {migration.Number} ({found.Name}) than this release ({migration.Name}): it was set up by a build with other files, so use that build or another database.");
            }
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, string schema, Migration migration, CancellationToken ct)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, migration.Sql, ct);
        await using NpgsqlCommand record = new($"INSERT INTO {schema}.migrations (number, name, checksum) VALUES ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = migration.Number }, new() { Value = migration.Name }, new() { Value = migration.Checksum } },
        };
        await record.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The files of a folder, by number.</summary>
    public static IReadOnlyList<Migration> Read(string folder)
    {
        Assembly assembly = typeof(Migrator).Assembly;
        string place = $".{folder}.";
        List<Migration> migrations = [];
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.Contains(place, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using StreamReader reader = new(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            string sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            string name = resource[(resource.IndexOf(place, StringComparison.Ordinal) + place.Length)..];
            migrations.Add(new Migration(migrations.Count + 1, name, sql, SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
        }

        return migrations;
    }
}

/// <summary>One numbered SQL file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Name">The file's name.</param>
/// <param name="Sql">Its text.</param>
/// <param name="Checksum">SHA-256 of the text.</param>
internal sealed record Migration(int Number, string Name, string Sql, byte[] Checksum);
