using System.Text.Json;
using Npgsql;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>Reads what is stored, by plain SQL.</summary>
public static class JournalReader
{
    /// <summary>All rows of some accounts, by account and seq.</summary>
    public static async Task<List<Row>> ReadAsync(string connectionString, IReadOnlyList<string> accounts)
    {
        await using NpgsqlConnection connection = await OpenAsync(connectionString);
        await using NpgsqlCommand command = new(
            "SELECT grain, seq, type, request_id, data FROM billing.journal WHERE grain = ANY ($1) ORDER BY grain, seq", connection)
        {
            Parameters = { new() { Value = accounts.Select(a => $"account/{a}").ToArray() } },
        };
        List<Row> rows = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(new Row(
                reader.GetString(0),
                reader.GetInt64(1),
                reader.GetString(2),
                await reader.IsDBNullAsync(3) ? null : reader.GetString(3),
                JsonDocument.Parse(reader.GetString(4)).RootElement));
        }

        return rows;
    }

    /// <summary>What the view that people query says otherwise than the rows.</summary>
    public static async Task<List<string>> DifferencesOfViewAsync(string connectionString, IEnumerable<Row> rows)
    {
        Dictionary<(string Grain, long Seq), Row> expected = rows
            .Where(r => r.Type is "credit_posted" or "grant_expired" or "charged" or "charge_reversed" or "hold_captured")
            .ToDictionary(r => (r.Grain, r.Seq));
        string[] grains = [.. expected.Keys.Select(k => k.Grain).Distinct(StringComparer.Ordinal)];
        await using NpgsqlConnection connection = await OpenAsync(connectionString);
        await using NpgsqlCommand command = new(
            "SELECT grain, seq, amount, balance, request_id FROM billing.transactions WHERE grain = ANY ($1)", connection)
        {
            Parameters = { new() { Value = grains } },
        };
        List<string> wrongs = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            if (!expected.Remove((reader.GetString(0), reader.GetInt64(1)), out Row? row))
            {
                wrongs.Add($"billing.transactions shows row {reader.GetInt64(1)} of {reader.GetString(0)}, which is none");
                continue;
            }

            long sign = row.Type is "charged" or "grant_expired" or "hold_captured" ? -1 : 1;
            if (Money.FromUnits(reader.GetDecimal(2)) != sign * row.Get("amountNanos") || Money.FromUnits(reader.GetDecimal(3)) != row.Get(Row.Balance)
                || (await reader.IsDBNullAsync(4) ? null : reader.GetString(4)) != row.RequestId)
            {
                wrongs.Add($"billing.transactions shows row {row.Seq} of {row.Grain} with other numbers than the journal");
            }
        }

        wrongs.AddRange(expected.Values.Select(r => $"billing.transactions does not show row {r.Seq} of {r.Grain}"));
        return wrongs;
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
