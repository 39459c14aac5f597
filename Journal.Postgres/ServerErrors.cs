using System.Net.Sockets;
using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What an error of the database means for a write: <see href="https://www.postgresql.org/docs/current/errcodes-appendix.html"/>.</summary>
internal static class ServerErrors
{
    /// <summary>Whether the server said that it ends the session, so that what it did last may or may not have been committed.</summary>
    public static bool EndsSession(PostgresException error) =>
        error.InvariantSeverity is "FATAL" or "PANIC" || error.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown;

    /// <summary>Whether a statement that was surely rolled back may succeed when it is sent again as it is: the reason lies in no row.</summary>
    public static bool Passes(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.InsufficientPrivilege => true,
        _ => error.SqlState[..2] is "25" or "40" or "53" or "57" or "58",
    };

    /// <summary>Whether this is a failure to reach the database, or of it, and not of the program.</summary>
    public static bool IsOutage(Exception error) =>
        error is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>Nothing happened, because the database could not be reached or did not answer.</summary>
    public static JournalUnavailableException Unavailable(Exception error) =>
        new($"PostgreSQL cannot be asked: {error.Message}", error);
}
