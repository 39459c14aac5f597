using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Orleans;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Hosting.Orleans.Gateways;

namespace OrleansBilling.Bench.Cluster;

/// <summary>The engine behind one silo in this process.</summary>
/// <param name="bench">The run.</param>
internal sealed class SiloInProcess(BenchContext bench) : ITarget, IAsyncDisposable
{
    private readonly EngineHost seed = new(bench, "orleans_inproc");
    private IJournal? journal;
    private Engine? engine;
    private LocalSilo? silo;
    private OrleansGrains? grains;

    /// <inheritdoc/>
    public async Task StartAsync()
    {
        if (this.grains is not null)
        {
            return;
        }

        await this.seed.StartAsync(this.seed.Options);
        await this.seed.SeedAsync();
        await this.seed.DisposeAsync();
        this.journal = await OpenJournal.OnAsync(this.seed.ConnectionString, bench.Options, shared: true);
        this.engine = new Engine(this.journal, this.seed.Options, OpenJournal.Kinds, OpenJournal.Prices, TimeProvider.System, NullLogger<Engine>.Instance);
        EngineOfSilo host = new(this.engine);
        await this.engine.StartAsync();
        this.silo = await LocalSilo.StartAsync(s =>
        {
            ClusterSilo.Configure(s);
            s.Services.AddSingleton(host);
        });
        this.grains = new OrleansGrains(new OneGateway(this.silo.Client), TimeProvider.System);
    }

    /// <inheritdoc/>
    public ValueTask ChargeAsync(GrainId account) =>
        EngineHost.ChargeAsync(this.grains!, account, bench.NextRequest().ToString(CultureInfo.InvariantCulture), replayed: null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        IAsyncDisposable?[] parts = [this.silo, this.engine, this.journal, this.seed];
        foreach (IAsyncDisposable? part in parts)
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }
    }
}
