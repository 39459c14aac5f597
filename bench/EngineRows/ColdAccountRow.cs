using System.Diagnostics;
using System.Globalization;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Hosting;

namespace OrleansBilling.Bench.EngineRows;

/// <summary>
/// How long the first charge of an account takes that is not in memory and has 1,000 events since its snapshot. Each account is
/// measured once: loading it that long way makes the engine write a newer snapshot.
/// </summary>
internal sealed class ColdAccountRow(BenchContext bench) : IRow, IAsyncDisposable
{
    private const int Events = 1000;
    private const int PerRound = 20;
    private const int WarmUp = 10;

    private readonly EngineHost host = new(bench, "cold");
    private GrainId[] accounts = [];
    private int next;

    public string Name => "cold_account_ms";

    public string How => $"first charge of {PerRound} accounts with {Events:N0} events since the snapshot, one by one";

    public async Task PrepareAsync()
    {
        int count = WarmUp + (PerRound * bench.Options.Rounds);
        this.accounts = [.. Enumerable.Range(0, count).Select(i => GrainId.Account(string.Create(CultureInfo.InvariantCulture, $"cold_{i:D4}")))];
        await this.host.StartAsync(new EngineOptions { SnapshotRows = int.MaxValue, SnapshotTailRows = int.MaxValue });
        await Task.WhenAll(this.accounts.Select(async account =>
        {
            await this.host.OpenAsync(account);
            if (!this.host.Engine.PutAway(account))
            {
                throw new BenchException($"{account} could not be put away.");
            }

            // Eight at a time: some order, and soon done.
            for (int i = 0; i < Events; i += 8)
            {
                await Task.WhenAll(Enumerable.Range(0, 8).Select(
                    _ => this.host.ChargeAsync(account, bench.NextRequest().ToString(CultureInfo.InvariantCulture)).AsTask()));
            }
        }));
        await this.host.RestartAsync(new EngineOptions());
        for (int i = 0; i < WarmUp; i++)
        {
            await this.FirstChargeMsAsync();
        }
    }

    public async Task<Sample> RunAsync(TimeSpan duration)
    {
        List<double> times = [];
        for (int i = 0; i < PerRound; i++)
        {
            times.Add(await this.FirstChargeMsAsync());
        }

        times.Sort();
        return new Sample(null, null, null, (times[(PerRound / 2) - 1] + times[PerRound / 2]) / 2);
    }

    public ValueTask DisposeAsync() => this.host.DisposeAsync();

    private async Task<double> FirstChargeMsAsync()
    {
        GrainId account = this.accounts[this.next++];
        long started = Stopwatch.GetTimestamp();
        await this.host.ChargeAsync(account, bench.NextRequest().ToString(CultureInfo.InvariantCulture));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
