using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Hosting;

namespace OrleansBilling.Bench.EngineRows;

/// <summary>Heap that an idle account in memory takes, ids and directory included: one grant, one key, no hold, no window.</summary>
internal sealed class BytesPerAccountRow(BenchContext bench) : IRow
{
    private readonly int accounts = bench.Options.Quick ? 100_000 : 1_000_000;

    public string Name => "bytes_per_account";

    public string How => string.Create(CultureInfo.InvariantCulture, $"heap after loading {this.accounts:N0} accounts");

    public bool Once => true;

    public Task PrepareAsync() => Task.CompletedTask;

    public async Task<Sample> RunAsync(TimeSpan duration)
    {
        const int WarmUp = 1000;
        await using SyntheticJournal journal = new();
        await using Engine engine = new(
            journal, new EngineOptions { MaxActivations = this.accounts + WarmUp }, OpenJournal.Kinds, OpenJournal.Prices, TimeProvider.System, NullLogger<Engine>.Instance);
        await engine.StartAsync();
        await ActivateAsync(engine, 0, WarmUp);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await ActivateAsync(engine, WarmUp, this.accounts);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        if (engine.Activations != this.accounts + WarmUp)
        {
            throw new BenchException($"{engine.Activations:N0} accounts are in memory, not {this.accounts + WarmUp:N0}.");
        }

        return new Sample(null, null, null, (double)(after - before) / this.accounts);
    }

    private static Task ActivateAsync(Engine engine, int first, int count)
    {
        int next = first - 1;
        return Task.WhenAll(Enumerable.Range(0, 256).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < first + count; i = Interlocked.Increment(ref next))
            {
                EngineHost.Expect(await engine.AskAsync(GrainId.Account(string.Create(CultureInfo.InvariantCulture, $"acct_{i:D7}")), new GetAccount()));
            }
        })));
    }
}
