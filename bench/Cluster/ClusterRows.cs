using OrleansBilling.Bench.Rows;

namespace OrleansBilling.Bench.Cluster;

/// <summary>The rows that need the packages of Microsoft Orleans.</summary>
internal sealed class ClusterRows : IAsyncDisposable
{
    private readonly SiloInProcess inProcess;
    private readonly SiloProcesses[] processes;
    private readonly WriteState writeState;

    /// <summary>Makes them; nothing is started yet.</summary>
    /// <param name="bench">The run.</param>
    public ClusterRows(BenchContext bench)
    {
        this.inProcess = new SiloInProcess(bench);
        this.processes = [.. Enumerable.Range(1, 3).Select(silos => new SiloProcesses(bench, silos))];
        this.writeState = new WriteState(bench);
        this.All =
        [
            new TargetRow(bench, this.inProcess, "orleans_inproc_many", "silo and client in process", hot: false, callers: 1024),
            new TargetRow(bench, this.inProcess, "orleans_inproc_hot", "silo and client in process", hot: true, callers: 1024),
            .. this.processes.Select((target, i) => new TargetRow(
                bench, target, $"orleans_tcp{i + 1}_many", $"{i + 1} silo{(i > 0 ? "s" : "")}, client over TCP", hot: false, callers: 1024)),
            new TargetRow(bench, this.processes[0], "orleans_tcp1_hot", "1 silo, client over TCP", hot: true, callers: 1024),
            new TargetRow(bench, this.writeState, "orleans_writestate_many", "WriteStateAsync per deduct", hot: false, callers: 256),
            new TargetRow(bench, this.writeState, "orleans_writestate_hot", "WriteStateAsync per deduct", hot: true, callers: 64),
        ];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<IRow> All { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.inProcess.DisposeAsync();
        foreach (SiloProcesses silos in this.processes)
        {
            await silos.DisposeAsync();
        }

        await this.writeState.DisposeAsync();
    }
}
