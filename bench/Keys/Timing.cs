using System.Diagnostics;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.Bench.Keys;

/// <summary>
/// Whether the time of an answer tells what was wrong with a key. The test is that of Mann and Whitney: how often an answer of one
/// sort takes longer than one of the other; half of the time where nothing can be told. With 10,000 tries of each, chance alone
/// stays within 0.5 ± 0.0122 in 997 cases of 1,000.
/// </summary>
internal static class Timing
{
    private const int Tries = 10_000;
    private const int WarmUp = 2_000;
    private const int Askers = 4;

    private static readonly string[] Sorts = ["unknown key", "wrong secret", "bad checksum"];

    /// <summary>Asks in random order, over a few connections, and prints.</summary>
    /// <param name="host">The host; addresses without a good key must be unlimited.</param>
    /// <param name="path">A route that takes the key itself.</param>
    public static async Task RunAsync(KeyedHost host, string path)
    {
        List<double>[] times = [[], [], []];
        HashSet<string> answers = new(StringComparer.Ordinal);
        await Task.WhenAll(Enumerable.Range(0, Askers).Select(i => AskAsync(host, path, new Random(i), times, answers)));
        Print(times, answers);
    }

    private static async Task AskAsync(KeyedHost host, string path, Random random, List<double>[] times, HashSet<string> answers)
    {
        using RawClient client = await RawClient.ConnectAsync(host.Url);
        while (times.Any(t => t.Count < Tries + WarmUp))
        {
            int sort = random.Next(Sorts.Length);
            string keyId = sort == 0 ? ApiKey.NewKeyId("nobody") : host.Keys[random.Next(host.Keys.Length)].Substring("sk_".Length, ApiKey.KeyIdLength);
            string key = ApiKey.Join("sk_", keyId, ApiKey.NewSecret());
            key = sort == 2 ? key[..^1] + (key[^1] == 'a' ? 'b' : 'a') : key;
            byte[] request = RawClient.Request("GET", path, key, "");
            long began = Stopwatch.GetTimestamp();
            await client.SendAsync(request);
            (int status, string body) = await client.ReadAsync();
            double micros = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            lock (times)
            {
                times[sort].Add(micros);
                answers.Add($"{status} {body}");
            }
        }
    }

    private static void Print(List<double>[] times, HashSet<string> answers)
    {
        double[][] kept = [.. times.Select(t => t.Skip(WarmUp).Take(Tries).ToArray())];
        Console.WriteLine($"Answers that differ: {answers.Count - 1} ({answers.First()})");
        Console.WriteLine("| sort | median µs | 99 % µs |\n|---|---:|---:|");
        for (int i = 0; i < Sorts.Length; i++)
        {
            double[] sorted = [.. kept[i].Order()];
            Console.WriteLine($"| {Sorts[i]} | {sorted[sorted.Length / 2]:F1} | {sorted[sorted.Length * 99 / 100]:F1} |");
        }

        Console.WriteLine("| pair | takes longer | can be told apart |\n|---|---:|---|");
        foreach ((int a, int b) in new[] { (0, 1), (0, 2), (1, 2) })
        {
            double share = LongerShare(kept[a], kept[b]);
            double bound = 3 * Math.Sqrt(((2.0 * Tries) + 1) / (12.0 * Tries * Tries));
            Console.WriteLine($"| {Sorts[a]}, {Sorts[b]} | {share:F4} | {(Math.Abs(share - 0.5) <= bound ? "no" : "yes")} (0.5 ± {bound:F4}) |");
        }
    }

    // How often one of the first takes longer than one of the second, by ranks.
    private static double LongerShare(double[] first, double[] second)
    {
        double[] ordered = [.. second.Order()];
        double wins = first.Sum(t =>
        {
            int below = LowerBound(ordered, t);
            return below + ((LowerBound(ordered, Math.BitIncrement(t)) - below) / 2.0);
        });
        return wins / first.Length / second.Length;
    }

    private static int LowerBound(double[] ordered, double value)
    {
        int at = Array.BinarySearch(ordered, value);
        at = at < 0 ? ~at : at;
        while (at > 0 && ordered[at - 1] >= value)
        {
            at--;
        }

        return at;
    }
}
