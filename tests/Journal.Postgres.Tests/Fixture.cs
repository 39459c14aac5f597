using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;
using OrleansBilling.Testing;
using Xunit;

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>Journals, and rows for them.</summary>
internal static class Fixture
{
    public const long Epoch = 1_760_000_000_000_000_000;

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<PostgresJournal> OpenAsync(string database, string host = "a", bool shared = false, int lanes = 1, TimeProvider? time = null) => PostgresJournal.OpenAsync(
        new PostgresJournalOptions { ConnectionString = database, HostName = host, Shared = shared, Lanes = lanes },
        time ?? TimeProvider.System,
        NullLogger<PostgresJournal>.Instance,
        Ct);

    public static JournalRow Row(GrainId grain, Head after, string type = "charged", string data = "{}", string? requestId = null, string actor = "test")
    {
        JournalRow row = new(
            grain, after.Seq + 1, Epoch + (after.Seq * 1000), type, actor, requestId, requestId is null ? null : new byte[32], Encoding.UTF8.GetBytes(data));
        row.Hash = ChainHash.Next(after.Hash, row);
        return row;
    }

    public static JournalRow[] Rows(GrainId grain, int count, string type = "charged")
    {
        JournalRow[] rows = new JournalRow[count];
        for (int i = 0; i < count; i++)
        {
            rows[i] = Row(grain, i == 0 ? default : HeadOf(rows[i - 1]), type, $"{{\"n\":{i}}}", $"r{i}");
        }

        return rows;
    }

    public static JournalRow[] Rows(GrainId grain, params Event[] events)
    {
        JournalRow[] rows = new JournalRow[events.Length];
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        for (int i = 0; i < events.Length; i++)
        {
            buffer.ResetWrittenCount();
            EventJson.Write(events[i], buffer);
            rows[i] = Row(grain, i == 0 ? default : HeadOf(rows[i - 1]), EventJson.TypeName(events[i]), Encoding.UTF8.GetString(buffer.WrittenSpan), $"r{i}");
        }

        return rows;
    }

    public static Head HeadOf(JournalRow row) => new(row.Seq, row.Hash);

    public static StoredSnapshot SnapshotOf(JournalRow row) => new(row.Grain, row.Seq, row.Hash, row.AtNanos, [1, 2, 3]);

    public static async Task WriteAsync(IJournalWriter writer, params JournalRow[] rows) =>
        Assert.IsType<AppendResult.Committed>(await writer.AppendAsync(rows, Ct));

    /// <summary>Asks until the answer is true. What never becomes true is named after five minutes, longer than any of it takes.</summary>
    public static async Task UntilAsync(string database, string sql)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await PostgresServer.ScalarAsync<bool>(database, sql))
        {
            Ct.ThrowIfCancellationRequested();
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(5), $"Waited five minutes for this to be true: {sql}");
        }
    }

    /// <summary>A session that has written a grain's first row and not committed.</summary>
    public static async Task<NpgsqlConnection> HoldFirstRowAsync(string database, GrainId grain, string applicationName)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(database) { Pooling = false, ApplicationName = applicationName }.ConnectionString);
        await connection.OpenAsync(Ct);
        await using NpgsqlCommand begin = new(
            $"BEGIN; INSERT INTO billing.journal (grain, seq, at, type, actor, hash, data) VALUES ('{grain}', 1, now(), 'held', '', '', '')", connection);
        await begin.ExecuteNonQueryAsync(Ct);
        return connection;
    }
}
