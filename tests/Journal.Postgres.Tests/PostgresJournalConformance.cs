using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>The journal in PostgreSQL keeps every rule of a journal.</summary>
public sealed class PostgresJournalConformance(Server server) : JournalConformance
{
    protected override async Task<JournalKit> OpenAsync() => new Kit(await server.Postgres.CreateDatabaseAsync());

    private sealed class Kit(string connectionString) : JournalKit
    {
        private int hosts;

        public override Task CutAsync(WriterIdentity session) => PostgresServer.ScalarAsync<bool>(
            connectionString, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_terminate_backend({session.ProcessId}, 10000)"));

        protected override async Task<IJournal> ConnectAsync(bool shared) => await PostgresJournal.OpenAsync(
            new PostgresJournalOptions { ConnectionString = connectionString, HostName = $"host{++this.hosts}", Shared = shared, Lanes = 2 },
            TimeProvider.System,
            NullLogger<PostgresJournal>.Instance);
    }
}
