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
    private const int WarmUp = 1000;

    private readonly int accounts = bench.Options.Quick ? 100_000 : 1_000_000;

    public string Name => "bytes_per_account";

    public string How => string.Create(CultureInfo.InvariantCulture, $"heap after loading {this.accounts:N0} accounts");

    public bool Once => true;

    public Task PrepareAsync() => Task.CompletedTask;

    public async Task<Sample> RunAsync(TimeSpan duration)
    {
        await using SyntheticJournal journal = new();
        await using Engine engine = New(journal, this.accounts);
        await engine.StartAsync();
        double bytes = await MeasureAsync(engine, this.accounts);
        return engine.Activations == this.accounts + WarmUp
            ? new Sample(null, null, null, bytes)
            : throw new BenchException($"{engine.Activations:N0} accounts are in memory, not {this.accounts + WarmUp:N0}.");
    }

    /// <summary>An engine with room for them.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="accounts">How many.</param>
    public static Engine New(SyntheticJournal journal, int accounts) => new(
        journal, new EngineOptions { MaxActivations = accounts + WarmUp }, OpenJournal.Kinds, OpenJournal.Prices, TimeProvider.System, NullLogger<Engine>.Instance);

    /// <summary>Brings accounts into memory and says what each takes there.</summary>
    /// <param name="grains">The engine, or what leads to it.</param>
    /// <param name="accounts">How many.</param>
    public static async Task<double> MeasureAsync(IGrains grains, int accounts)
    {
        await ActivateAsync(grains, 0, WarmUp);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await ActivateAsync(grains, WarmUp, accounts);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        return (double)(after - before) / accounts;
    }

    private static Task ActivateAsync(IGrains grains, int first, int count) => Many.ForAllAsync(
        [.. Enumerable.Range(first, count)], 256,
        async i => EngineHost.Expect(await grains.AskAsync(GrainId.Account(string.Create(CultureInfo.InvariantCulture, $"acct_{i:D7}")), new GetAccount())));
}
