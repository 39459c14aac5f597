using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Reads rows as they are stored.</summary>
internal static class RowReader
{
    /// <summary>The columns of a row after its grain, in the order that <see cref="Read"/> takes them, of the journal as <c>j</c>.</summary>
    public const string Columns = "j.seq, j.at, j.type, j.actor, j.request_id, j.request_hash, j.data, j.hash";

    /// <summary>Reads one row whose columns start at <paramref name="first"/>.</summary>
    public static JournalRow Read(NpgsqlDataReader reader, GrainId grain, int first = 0) => new(
        grain,
        reader.GetInt64(first),
        PgTime.ToNanos(reader.GetFieldValue<long>(first + 1)),
        reader.GetString(first + 2),
        reader.GetString(first + 3),
        reader.IsDBNull(first + 4) ? null : reader.GetString(first + 4),
        reader.IsDBNull(first + 5) ? null : reader.GetFieldValue<byte[]>(first + 5),
        // The text's bytes as stored: reading them as a string would decode and encode them for nothing.
        reader.GetFieldValue<byte[]>(first + 6))
    {
        Hash = ReadHash(reader, first + 7),
    };

    /// <summary>Reads a chain hash; one of another length was tampered with, and becomes the hash that follows from nothing.</summary>
    public static ChainHash ReadHash(NpgsqlDataReader reader, int column) =>
        reader.GetFieldValue<byte[]>(column) is { Length: ChainHash.Bytes } bytes ? new ChainHash(bytes) : default;
}
