using OrleansBilling.Bench.Measuring;

namespace OrleansBilling.Bench.Rows;

/// <summary>Finds the client count that suits a rival best.</summary>
internal static class ClientCount
{
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(2);

    /// <summary>The count with the highest rate of two short runs each, or the fixed one in a quick run.</summary>
    /// <param name="bench">The run.</param>
    /// <param name="name">The row's name, for progress.</param>
    /// <param name="quick">What a quick run uses.</param>
    /// <param name="candidates">What is tried otherwise.</param>
    /// <param name="run">Runs with a count.</param>
    public static async Task<int> ChooseAsync(BenchContext bench, string name, int quick, int[] candidates, Func<int, TimeSpan, Task<Sample>> run)
    {
        if (bench.Options.Quick)
        {
            return quick;
        }

        Dictionary<int, double> best = candidates.ToDictionary(c => c, _ => 0.0);
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (int count in candidates)
            {
                Sample sample = await run(count, ProbeTime);
                best[count] = Math.Max(best[count], sample.PerSecond ?? 0);
            }
        }

        bench.Progress($"{name}: {string.Join(", ", best.Select(b => $"{b.Key} clients {b.Value:N0}/s"))}");
        return best.MaxBy(b => b.Value).Key;
    }
}
