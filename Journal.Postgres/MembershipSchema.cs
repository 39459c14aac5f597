using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>Where a cluster of silos writes down who belongs to it: the schema <c>orleans</c>, beside the journal and with versions of its own.</summary>
public static class MembershipSchema
{
    private const string Schema = "orleans";
    private const int MaxConnections = 8;

    private static readonly IReadOnlyList<Migration> Migrations = Migrator.Read("Membership");

    /// <summary>Brings the schema up to this release, one host at a time.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="logger">Receives what an operator should know.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalSetupException">The database cannot be used as it is; the message says what to change.</exception>
    /// <exception cref="JournalUnavailableException">It cannot be reached.</exception>
    public static async Task ApplyAsync(string connectionString, ILogger logger, CancellationToken ct = default)
    {
        try
        {
            await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(ct);
            await Setup.LockAsync(connection, ct);
            await Migrator.ApplyAsync(connection, Schema, Migrations, logger, ct);
        }
        catch (Exception e) when (ServerErrors.IsOutage(e))
        {
            throw ServerErrors.Unavailable(e);
        }
    }

    /// <summary>The connection string for whoever reads and writes the schema by unqualified names.</summary>
    /// <param name="connectionString">The database.</param>
    public static string ConnectionString(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        SearchPath = Schema,
        MaxPoolSize = MaxConnections,
        ApplicationName = "billing-membership",
        // A membership that cannot be read for a while is no reason to wait for ever.
        CommandTimeout = 5,
        Timeout = 5,
    }.ConnectionString;
}
