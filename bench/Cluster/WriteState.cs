using Npgsql;
using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Cluster;

/// <summary>Accounts that are grains with a state, which Orleans' own ADO.NET persistence keeps in PostgreSQL: one write per deduct.</summary>
/// <param name="bench">The run.</param>
internal sealed class WriteState(BenchContext bench) : ITarget, IAsyncDisposable
{
    private LocalSilo? silo;

    /// <inheritdoc/>
    public async Task StartAsync()
    {
        if (this.silo is not null)
        {
            return;
        }

        BenchPostgres postgres = await bench.Postgres;
        string database = await postgres.CreateDatabaseAsync("write_state");

        // Orleans' own script, or another one, can be compared with ours.
        string script = bench.Options.Experiment("write_state") is { } file ? await File.ReadAllTextAsync(file) : BenchContext.Embedded("write_state.sql");
        await using (NpgsqlDataSource source = NpgsqlDataSource.Create(database))
        {
            await using NpgsqlCommand make = source.CreateCommand(script);
            await make.ExecuteNonQueryAsync();
        }

        string connection = new NpgsqlConnectionStringBuilder(database) { MaxAutoPrepare = 16, AutoPrepareMinUsages = 2 }.ConnectionString;
        this.silo = await LocalSilo.StartAsync(s => s.AddAdoNetGrainStorageAsDefault(o => (o.Invariant, o.ConnectionString) = ("Npgsql", connection)));
        await Many.ForAllAsync(
            [EngineHost.Hot, .. EngineHost.AccountsOf(bench.Options)], 256, account => this.Grain(account).OpenAsync(1_000_000 * Money.NanosPerUnit));
    }

    /// <inheritdoc/>
    public async ValueTask ChargeAsync(GrainId account)
    {
        if (await this.Grain(account).DeductAsync(EngineHost.AmountNanos) is null)
        {
            throw new BenchException($"{account} was refused a deduct that it has the credit for.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (this.silo is not null)
        {
            await this.silo.DisposeAsync();
        }
    }

    private ICreditGrain Grain(GrainId account) => this.silo!.Client.GetGrain<ICreditGrain>(account.Key);
}
