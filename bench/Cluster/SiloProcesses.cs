using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Bench.Servers;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.Bench.Cluster;

/// <summary>Silos in processes of their own, as they are run, and a client in this one, as a front end is: every call goes over TCP.</summary>
/// <param name="bench">The run.</param>
/// <param name="silos">How many.</param>
internal sealed class SiloProcesses(BenchContext bench, int silos) : ITarget, IAsyncDisposable
{
    private readonly EngineHost seed = new(bench, string.Create(CultureInfo.InvariantCulture, $"orleans_tcp_{silos}"));
    private readonly List<ChildProcess> processes = [];
    private ClusterClient? client;

    /// <inheritdoc/>
    public async Task StartAsync()
    {
        if (this.client is not null)
        {
            return;
        }

        await this.seed.StartAsync(this.seed.Options);
        await this.seed.SeedAsync();
        await this.seed.DisposeAsync();
        for (int i = 0; i < silos; i++)
        {
            this.processes.Add((await SiloProcess.StartAsync(this.seed.ConnectionString)).Process);
        }

        this.client = await ClusterClient.ConnectAsync(
            new ClusterSettings(), MembershipSchema.ConnectionString(this.seed.ConnectionString), NullLoggerFactory.Instance);
    }

    /// <inheritdoc/>
    public ValueTask ChargeAsync(GrainId account) =>
        EngineHost.ChargeAsync(this.client!.Grains, account, bench.NextRequest().ToString(CultureInfo.InvariantCulture), replayed: null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (this.client is not null)
        {
            await this.client.DisposeAsync();
        }

        foreach (ChildProcess silo in this.processes)
        {
            await silo.DisposeAsync();
        }

        await this.seed.DisposeAsync();
    }
}
