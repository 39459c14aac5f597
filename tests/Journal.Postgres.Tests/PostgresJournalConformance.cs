using OrleansBilling.Conformance.Journals;

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>The journal in PostgreSQL keeps every rule of a journal.</summary>
public sealed class PostgresJournalConformance(Server server) : JournalConformance
{
    protected override async Task<JournalKit> OpenAsync() => new PostgresKit(await server.Postgres.CreateDatabaseAsync());
}
