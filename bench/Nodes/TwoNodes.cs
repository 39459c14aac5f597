using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Bench.Nodes;

/// <summary>Two engines in this process, in company on one journal, as two hosts behind a balancer are.</summary>
/// <param name="bench">The run.</param>
/// <param name="database">The journal's database, made when it starts.</param>
internal sealed class TwoNodes(BenchContext bench, string database) : IAsyncDisposable
{
    private readonly EngineHost seed = new(bench, database);
    private readonly List<IJournal> journals = [];
    private readonly List<Engine> engines = [];
    private int calls;

    /// <summary>All calls of an account to one node.</summary>
    public ITarget ByAccount => new Route(this, bench, static account => string.GetHashCode(account.Path, StringComparison.Ordinal) & 1);

    /// <summary>Calls to both in turn, whatever the account: what a balancer does that knows nothing of accounts.</summary>
    public ITarget InTurn => new Route(this, bench, _ => Interlocked.Increment(ref this.calls) & 1);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (Engine engine in this.engines)
        {
            await engine.DisposeAsync();
        }

        foreach (IJournal journal in this.journals)
        {
            await journal.DisposeAsync();
        }

        await this.seed.DisposeAsync();
    }

    private async Task StartAsync()
    {
        if (this.engines.Count > 0)
        {
            return;
        }

        await this.seed.StartAsync(this.seed.Options);
        await this.seed.SeedAsync();
        await this.seed.DisposeAsync();
        for (int i = 0; i < 2; i++)
        {
            IJournal journal = await OpenJournal.OnAsync(this.seed.ConnectionString, bench.Options, shared: true);
            this.journals.Add(journal);
            Engine engine = new(journal, this.seed.Options, OpenJournal.Kinds, OpenJournal.Prices, TimeProvider.System, NullLogger<Engine>.Instance);
            this.engines.Add(engine);
            await engine.StartAsync();
        }
    }

    private sealed class Route(TwoNodes nodes, BenchContext bench, Func<GrainId, int> node) : ITarget
    {
        public Task StartAsync() => nodes.StartAsync();

        public ValueTask ChargeAsync(GrainId account) => EngineHost.ChargeAsync(
            nodes.engines[node(account)], account, bench.NextRequest().ToString(CultureInfo.InvariantCulture));
    }
}
