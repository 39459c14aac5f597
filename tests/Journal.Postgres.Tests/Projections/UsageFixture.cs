using OrleansBilling.Hosting.Journal;
using static OrleansBilling.Journal.Postgres.Tests.Fixture;

namespace OrleansBilling.Journal.Postgres.Tests.Projections;

/// <summary>Journals whose rows are added up.</summary>
internal static class UsageFixture
{
    /// <summary>A new journal, and its writer.</summary>
    public static async Task<(PostgresJournal Journal, IJournalWriter Writer, string Database)> OpenJournalAsync(this Server server, TimeProvider? time = null)
    {
        string database = await server.Postgres.CreateDatabaseAsync();
        PostgresJournal journal = await OpenAsync(database, time: time);
        return (journal, await journal.OpenWriterAsync(0, null, Ct), database);
    }

    /// <summary>Takes steps until there is no more.</summary>
    public static async Task AllAsync(PostgresJournal journal, int rows = 1000)
    {
        while ((await journal.UsageProjector.Steps.TakeAsync(rows, false, Ct)) is { More: true })
        {
            Ct.ThrowIfCancellationRequested();
        }
    }
}
