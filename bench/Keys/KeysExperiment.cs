namespace OrleansBilling.Bench.Keys;

/// <summary>What keys cost a host at bad moments: after a restart, after its pepper is lost, under a flood of wrong ones.</summary>
internal static class KeysExperiment
{
    /// <summary>What it is called on the command line.</summary>
    public const string Name = "keys";

    private const int Many = 100_000;
    private const int Hashed = 1_000;
    private const int WrongPerSecond = 5_000;
    private const double Full = 0.9;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Measures and prints.</summary>
    /// <param name="bench">The run.</param>
    /// <param name="part">restart, pepper, flood or timing; anything else for all.</param>
    public static async Task RunAsync(BenchContext bench, string part)
    {
        string[] parts = part is "restart" or "pepper" or "flood" or "timing" ? [part] : ["restart", "flood", "timing", "pepper"];
        if (parts is not ["pepper"])
        {
            bench.Progress($"making {Many:N0} accounts with a key each");
            await using KeyedHost host = await KeyedHost.MakeAsync(bench, "keys", Many, isHashed: false);
            await host.StartAsync();
            foreach (string one in parts)
            {
                await (one switch
                {
                    "restart" => RestartAsync(bench, host),
                    "flood" => FloodAsync(bench, host),
                    "timing" => TimingAsync(bench, host),
                    _ => Task.CompletedTask,
                });
            }
        }

        if (parts.Contains("pepper"))
        {
            bench.Progress($"making {Hashed:N0} accounts with a key and its hash each");
            await using KeyedHost host = await KeyedHost.MakeAsync(bench, "hashed", Hashed, isHashed: true);
            await host.StartAsync();
            await PepperAsync(bench, host);
        }
    }

    private static async Task RestartAsync(BenchContext bench, KeyedHost host)
    {
        await using Verifiers load = new(bench, host);
        await Task.Delay(Warm);
        double steady = load.GoodPerSecond(load.Elapsed - Look, load.Elapsed);
        bench.Progress($"steady: {steady:N0} a second; restarting");
        TimeSpan stopped = load.Elapsed;
        await host.StopAsync();
        await host.StartAsync();
        TimeSpan ready = load.Elapsed;
        await Task.Delay(Warm);
        Console.WriteLine($"Restart with {Many:N0} keys under load: {steady:N0} verifications/s before; down for {(ready - stopped).TotalSeconds:F1} s");
        PrintSeconds(load, ready, 20);
        TimeSpan? full = load.ReachedAt(ready, steady * Full);
        Console.WriteLine($"{Full:P0} of the speed again {(full is { } at ? $"{(at - ready).TotalSeconds:F2} s after the host was ready" : "not within 30 s")}; other answers: {load.Others.Count} {load.Others.First}");
    }

    private static async Task PepperAsync(BenchContext bench, KeyedHost host)
    {
        await using Verifiers load = new(bench, host);
        await Task.Delay(Warm);
        double steady = load.GoodPerSecond(load.Elapsed - Look, load.Elapsed);
        await host.StopAsync();
        await host.LosePepperAsync();
        await host.StartAsync();
        TimeSpan ready = load.Elapsed;
        bench.Progress("the pepper is another one");
        while (load.ReachedAt(ready, steady * Full) is null && load.Elapsed - ready < Patience)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        TimeSpan? full = load.ReachedAt(ready, steady * Full);
        Console.WriteLine($"Pepper lost, {Hashed:N0} keys: {steady:N0} verifications/s before");
        PrintSeconds(load, ready, (int)(load.Elapsed - ready).TotalSeconds);
        Console.WriteLine($"{Full:P0} of the speed again {(full is { } at ? $"after {(at - ready).TotalSeconds:F1} s, {(at - ready).TotalMilliseconds / Hashed:F1} ms a key" : "not in time")}; other answers: {load.Others.Count} {load.Others.First}");
    }

    private static async Task FloodAsync(BenchContext bench, KeyedHost host)
    {
        await using Verifiers load = new(bench, host);
        await Task.Delay(Warm);
        Console.WriteLine($"{WrongPerSecond:N0} wrong keys a second beside good ones, in turn with and without:");
        Console.WriteLine("| flood | good/s without | good/s with | ratio | wrong/s | answers |\n|---|---:|---:|---:|---:|---|");
        foreach (bool isService in new[] { false, true, false, true })
        {
            double without = await LookAsync(load);
            await using Flood flood = new(host, WrongPerSecond, isService);
            await Task.Delay(TimeSpan.FromSeconds(1));
            double with = await LookAsync(load);
            Console.WriteLine($"| {(isService ? "wrong customers' keys, sent by a service" : "strangers, from one address")} | {without:N0} | {with:N0} | {with / without:F2} | {flood.PerSecond:N0} | {flood.Answers} |");
        }

        Console.WriteLine($"other answers to good keys: {load.Others.Count} {load.Others.First}");
    }

    private static async Task<double> LookAsync(Verifiers load)
    {
        TimeSpan from = load.Elapsed;
        await Task.Delay(Look);
        return load.GoodPerSecond(from, load.Elapsed);
    }

    private static async Task TimingAsync(BenchContext bench, KeyedHost host)
    {
        bench.Progress("telling wrong keys apart by time");
        await host.StopAsync();
        host.Settings["Billing__Web__UnprovenPerMinute"] = "0";
        await host.StartAsync();
        await Timing.RunAsync(host, "/v1/wallet");
    }

    private static void PrintSeconds(Verifiers load, TimeSpan from, int seconds)
    {
        Console.WriteLine("| second | good/s | 503/s |\n|---:|---:|---:|");
        for (int i = 0; i < seconds; i++)
        {
            TimeSpan at = from + TimeSpan.FromSeconds(i);
            Console.WriteLine($"| {i + 1} | {load.GoodPerSecond(at, at + TimeSpan.FromSeconds(1)):N0} | {load.BusyPerSecond(at, at + TimeSpan.FromSeconds(1)):N0} |");
        }
    }
}
