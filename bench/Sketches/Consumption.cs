using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Sketches;

/// <summary>What has been used up to a moment; the difference of two is what was used between.</summary>
/// <param name="Rows">Rows in the journal.</param>
/// <param name="LogBytes">Write-ahead log.</param>
/// <param name="TableBytes">The journal's table.</param>
/// <param name="IndexBytes">Its indexes.</param>
/// <param name="SentBytes">TCP payload that PostgreSQL sent on connections which are open.</param>
/// <param name="ReceivedBytes">TCP payload that it received.</param>
/// <param name="PostgresCpu">CPU of its processes that are there.</param>
internal readonly partial record struct Consumption(
    long Rows, long LogBytes, long TableBytes, long IndexBytes, long SentBytes, long ReceivedBytes, TimeSpan PostgresCpu)
{
    private const string Ask = """
        SELECT (SELECT count(*) FROM billing.journal), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
               pg_table_size('billing.journal'), pg_indexes_size('billing.journal'),
               (SELECT array_agg(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid())
        """;

    /// <summary>Reads it.</summary>
    /// <param name="connectionString">The journal's database.</param>
    public static async Task<Consumption> ReadAsync(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString) { Pooling = false };
        (long sent, long received) = await SocketBytesAsync(settings.Port);
        await using NpgsqlConnection connection = new(settings.ConnectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(Ask, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        TimeSpan cpu = reader.GetFieldValue<int[]>(4).Aggregate(TimeSpan.Zero, static (sum, id) => sum + CpuOf(id));
        return new Consumption(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), sent, received, cpu);
    }

    /// <summary>TCP payload on the open connections of a server on this machine.</summary>
    /// <param name="port">Where it listens.</param>
    /// <returns>What the server sent and received.</returns>
    public static async Task<(long Sent, long Received)> SocketBytesAsync(int port)
    {
        string text = await ChildProcess.RunAsync("ss", "-tinH", string.Create(CultureInfo.InvariantCulture, $"( sport = :{port} )"));
        long Sum(Regex counter) => counter.Matches(text).Sum(static m => long.Parse(m.Groups["count"].ValueSpan, CultureInfo.InvariantCulture));
        return (Sum(SentCount()), Sum(ReceivedCount()));
    }

    /// <summary>CPU that a process has used; none when it is gone.</summary>
    /// <param name="processId">The process.</param>
    public static TimeSpan CpuOf(int processId)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat");
        if (!File.Exists(file))
        {
            return TimeSpan.Zero;
        }

        // After the name in parentheses, user and system time are the 12th and 13th, in hundredths of a second.
        string[] fields = File.ReadAllText(file).Split(") ")[^1].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex("bytes_sent:(?<count>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SentCount();

    [GeneratedRegex("bytes_received:(?<count>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReceivedCount();
}
