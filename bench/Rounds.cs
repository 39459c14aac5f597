using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Report;
using OrleansBilling.Bench.Rows;

namespace OrleansBilling.Bench;

/// <summary>Measures all rows in turn, round after round, so that what else the machine does falls on all of them alike.</summary>
internal static class Rounds
{
    /// <summary>Prepares and measures.</summary>
    public static async Task<IReadOnlyList<Result>> RunAsync(BenchContext bench, IReadOnlyList<IRow> rows)
    {
        List<Sample>[] samples = [.. rows.Select(_ => new List<Sample>())];
        for (int i = 0; i < rows.Count; i++)
        {
            bench.Progress($"preparing {rows[i].Name}");
            await rows[i].PrepareAsync();
            if (rows[i].Once)
            {
                samples[i].Add(await MeasureAsync(bench, rows[i], 0));
            }
        }

        for (int round = 1; round <= bench.Options.Rounds; round++)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                if (!rows[i].Once)
                {
                    samples[i].Add(await MeasureAsync(bench, rows[i], round));
                }
            }
        }

        return [.. rows.Select((row, i) => new Result(row.Name, row.How, samples[i]))];
    }

    private static async Task<Sample> MeasureAsync(BenchContext bench, IRow row, int round)
    {
        Sample sample = await row.RunAsync(bench.Options.Duration);
        bench.Progress(sample.PerSecond is double rate
            ? $"round {round} {row.Name}: {rate:N0}/s, p50 {sample.P50Ms:F2} ms, p99 {sample.P99Ms:F2} ms" + (sample.CpuMicros is double cpu ? $", {cpu:F1} us CPU of this process each" : "")
            : $"{row.Name}: {sample.Value:N2}");
        return sample;
    }
}
