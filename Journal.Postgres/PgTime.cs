using Npgsql;
using NpgsqlTypes;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Time as PostgreSQL sends it: microseconds since the start of 2000.</summary>
internal static class PgTime
{
    private const long EpochMicros = 946_684_800_000_000;

    /// <summary>From nanos since the Unix epoch; what is below a microsecond is cut off.</summary>
    public static long FromNanos(long nanos) => (nanos / 1000) - EpochMicros;

    /// <summary>To nanos since the Unix epoch.</summary>
    public static long ToNanos(long micros) => (micros + EpochMicros) * 1000;

    /// <summary>A moment as a parameter; what is below a microsecond is cut off.</summary>
    public static NpgsqlParameter<long> Parameter(long nanos) => new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, TypedValue = FromNanos(nanos) };
}
