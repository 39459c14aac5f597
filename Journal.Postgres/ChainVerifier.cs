using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Proves the journal: every grain's rows are numbered from 1 without a gap, each row's hash follows from the row before, and
/// every snapshot is of a row that exists. Rows cut off a chain's end show only where a snapshot, or a head kept elsewhere, knew of them.
/// </summary>
public sealed class ChainVerifier
{
    /// <summary>The most broken grains that are named; all are counted.</summary>
    public const int NamedMax = 1000;

    private const string RowsSql = $"SELECT j.grain, {RowReader.Columns} FROM billing.journal AS j ORDER BY j.grain, j.seq";

    private const string SnapshotsSql = """
        SELECT s.grain, s.seq, j.hash IS NOT NULL, COALESCE(j.hash = s.hash, false)
        FROM billing.snapshots AS s LEFT JOIN billing.journal AS j ON j.grain = s.grain AND j.seq = s.seq
        """;

    private readonly List<BrokenGrain> broken = [];
    private long brokenCount;
    private long grains;
    private long rows;
    private long snapshots;

    private ChainVerifier()
    {
    }

    /// <summary>Reads the whole journal once, in memory of fixed size. Hosts may write meanwhile.</summary>
    /// <param name="connectionString">The journal's database.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked, or holds no journal.</exception>
    public static async Task<VerifyResult> VerifyAsync(string connectionString, CancellationToken ct)
    {
        Sessions sessions = new(new PostgresJournalOptions { ConnectionString = connectionString, HostName = "verify" });
        try
        {
            await using NpgsqlConnection connection = sessions.Maintenance();
            await connection.OpenAsync(ct);
            ChainVerifier verifier = new();
            await verifier.VerifyRowsAsync(connection, ct);
            await verifier.VerifySnapshotsAsync(connection, ct);
            return new VerifyResult(verifier.grains, verifier.rows, verifier.snapshots, verifier.brokenCount, verifier.broken);
        }
        catch (Exception e) when (ServerErrors.IsOutage(e))
        {
            throw ServerErrors.Unavailable(e);
        }
        finally
        {
            await sessions.Pool.DisposeAsync();
        }
    }

    private async Task VerifyRowsAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(RowsSql, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        string? path = null;
        GrainId grain = default;
        Head head = default;
        bool isBroken = false;
        while (await reader.ReadAsync(ct))
        {
            string next = reader.GetString(0);
            if (!string.Equals(next, path, StringComparison.Ordinal))
            {
                path = next;
                grain = new GrainId(next);
                head = default;
                isBroken = false;
                this.grains++;
            }

            this.rows++;
            JournalRow row = RowReader.Read(reader, grain, first: 1);
            if (!isBroken && Reason(head, row) is { } reason)
            {
                // What follows a break says nothing more.
                isBroken = true;
                this.Report(new BrokenGrain(grain, row.Seq, reason));
            }

            head = new Head(row.Seq, row.Hash);
        }
    }

    private async Task VerifySnapshotsAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using NpgsqlCommand command = new(SnapshotsSql, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            this.snapshots++;
            if (!reader.GetBoolean(3))
            {
                this.Report(new BrokenGrain(
                    new GrainId(reader.GetString(0)),
                    reader.GetInt64(1),
                    reader.GetBoolean(2)
                        ? "The snapshot was made of another row than the one that is there."
                        : "The snapshot was made of a row that is not there: rows were cut off, or the snapshot is foreign."));
            }
        }
    }

    private static string? Reason(in Head head, JournalRow row) =>
        row.Seq != head.Seq + 1 ? $"Row {head.Seq + 1} is missing."
        : !Follows(head, row) ? $"Row {row.Seq} does not follow from row {head.Seq}: one of them was changed, or the row belongs to another chain."
        : null;

    private static bool Follows(in Head head, JournalRow row)
    {
        try
        {
            return ChainHash.Next(head.Hash, row) == row.Hash;
        }
        catch (ArgumentException)
        {
            // No row with a text of that length was ever written.
            return false;
        }
    }

    private void Report(BrokenGrain grain)
    {
        this.brokenCount++;
        if (this.broken.Count < NamedMax)
        {
            this.broken.Add(grain);
        }
    }
}

/// <summary>What a proof found.</summary>
/// <param name="Grains">Grains read.</param>
/// <param name="Rows">Rows read.</param>
/// <param name="Snapshots">Snapshots read.</param>
/// <param name="BrokenCount">Breaks found: one per chain at most, and one per snapshot.</param>
/// <param name="Broken">The first of them, <see cref="ChainVerifier.NamedMax"/> at most.</param>
public sealed record VerifyResult(long Grains, long Rows, long Snapshots, long BrokenCount, IReadOnlyList<BrokenGrain> Broken)
{
    /// <summary>Whether everything is as it was written.</summary>
    public bool IsWhole => this.BrokenCount == 0;
}

/// <summary>A grain that is not as it was written.</summary>
/// <param name="Grain">The grain.</param>
/// <param name="Seq">The row at which it shows.</param>
/// <param name="Reason">What shows.</param>
public sealed record BrokenGrain(GrainId Grain, long Seq, string Reason);
