using System.Globalization;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;

namespace OrleansBilling.Bench.EngineRows;

/// <summary>Callers that each charge and wait for the durable reply, in process, with everything on.</summary>
internal sealed class EngineRow(BenchContext bench, EngineHost host, string name, bool hot, int callers) : IRow
{
    public string Name => name;

    public string How => $"in process, {callers} callers";

    public async Task PrepareAsync()
    {
        await host.StartAsync(host.Options);
        await host.SeedAsync();
        if (host.TakeWarmUp())
        {
            // Until all is compiled: a host that has run for a minute is what is measured.
            await this.RunAsync(TimeSpan.FromSeconds(bench.Options.Quick ? 1 : 4));
        }
    }

    public Task<Sample> RunAsync(TimeSpan duration) => ClosedLoop.RunAsync(
        callers, duration, _ => host.ChargeAsync(
            hot ? EngineHost.Hot : host.Accounts[Random.Shared.Next(host.Accounts.Length)], bench.NextRequest().ToString(CultureInfo.InvariantCulture)));
}
