using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Measuring;

namespace OrleansBilling.Bench.Rows;

/// <summary>Callers that each charge one of a target's accounts and wait for the reply.</summary>
internal sealed class TargetRow(BenchContext bench, ITarget target, string name, string how, bool hot, int callers) : IRow
{
    private readonly GrainId[] accounts = hot ? [EngineHost.Hot] : EngineHost.AccountsOf(bench.Options);

    public string Name => name;

    public string How => $"{how}, {callers} callers";

    public async Task PrepareAsync()
    {
        await target.StartAsync();

        // All in memory, where a host that has run for a while has them; and until all is compiled.
        await Many.ForAllAsync(this.accounts, Math.Min(callers, 256), account => target.ChargeAsync(account).AsTask());
        await this.RunAsync(TimeSpan.FromSeconds(bench.Options.Quick ? 1 : 4));
    }

    public Task<Sample> RunAsync(TimeSpan duration) =>
        ClosedLoop.RunAsync(callers, duration, _ => target.ChargeAsync(this.accounts[Random.Shared.Next(this.accounts.Length)]));
}
