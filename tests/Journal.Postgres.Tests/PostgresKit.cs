using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Testing;

namespace OrleansBilling.Journal.Postgres.Tests;

/// <summary>A database of its own on the server of the tests.</summary>
/// <param name="connectionString">The database.</param>
internal sealed class PostgresKit(string connectionString) : JournalKit
{
    private int hosts;

    public override Task CutAsync(WriterIdentity session) => PostgresServer.ScalarAsync<bool>(
        connectionString, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_terminate_backend({session.ProcessId}, 10000)"));

    protected override async Task<IJournal> ConnectAsync(bool shared) => await PostgresJournal.OpenAsync(
        new PostgresJournalOptions { ConnectionString = connectionString, HostName = $"host{++this.hosts}", Shared = shared, Lanes = 2 },
        TimeProvider.System,
        NullLogger<PostgresJournal>.Instance);
}
