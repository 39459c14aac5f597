using System.Diagnostics;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Kills;

/// <summary>
/// How long the accounts of a process that dies, or stands still, are not served, and what callers of all other accounts see
/// meanwhile. The time is from the signal until the last of its accounts has a call done that began after the signal.
/// </summary>
internal static class KillsExperiment
{
    /// <summary>What it is called on the command line.</summary>
    public const string Name = "kills";

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(60);
    private const int BusyPerCore = 8;

    /// <summary>Measures and prints.</summary>
    /// <param name="bench">The run.</param>
    /// <param name="forms">nodes, silos, or anything else for both.</param>
    public static async Task RunAsync(BenchContext bench, string forms)
    {
#if ORLEANS
        bool silosBuilt = true;
#else
        bool silosBuilt = false;
#endif
        if (!silosBuilt && forms != "nodes")
        {
            bench.Progress("without silos: this was built without Microsoft Orleans");
        }

        List<Event> events = [];
        foreach (bool hasSilos in new[] { false, true })
        {
            if (forms != (hasSilos ? "nodes" : "silos") && (silosBuilt || !hasSilos))
            {
                await MeasureAsync(bench, hasSilos, events);
            }
        }

        Console.WriteLine("| form | what | times | median s | worst s | others' calls | repeated | p99 ms | longest ms |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (IGrouping<string, Event> row in events.GroupBy(e => $"{e.Form} | {e.What}", StringComparer.Ordinal))
        {
            double[] times = [.. row.Select(e => e.Seconds).Order()];
            double median = (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2;
            double[] others = [.. row.SelectMany(e => e.OtherMs).Order()];
            Console.WriteLine(
                $"| {row.Key} | {times.Length} | {median:F2} | {times[^1]:F2} | {others.Length} | {row.Sum(e => e.OtherFailures)} | {others[(int)(others.Length * 0.99)]:F0} | {others[^1]:F0} |");
        }
    }

    private static async Task MeasureAsync(BenchContext bench, bool hasSilos, List<Event> events)
    {
        string form = hasSilos ? "silos" : "nodes";
        bench.Progress($"starting {form}");
        await using KillCluster cluster = await KillCluster.StartAsync(bench, hasSilos);
        await using KillCallers callers = await KillCallers.PrepareAsync(cluster);
        Member[]? fixedOwners = hasSilos ? null : await OwnersAsync(cluster, callers, "owner");
        callers.Begin();
        await Task.Delay(Settle + Settle);
        foreach ((string what, int signal) in new[] { ("SIGKILL", ChildProcess.KillSignal), ("SIGSTOP", ChildProcess.Stop) })
        {
            for (int round = 0; round < bench.Options.Rounds; round++)
            {
                await Task.Delay(Settle);
                Member[] owners = fixedOwners ?? await SpreadOwnersAsync(cluster, callers, $"{what}-{round}");
                Member victim = owners.GroupBy(o => o).OrderBy(g => Array.IndexOf([.. cluster.Owners], g.Key)).Select(g => g.Key).ElementAt(round % owners.Distinct().Count());
                bool hasSystem = hasSilos && await cluster.OwnerAsync("system", static () => Task.CompletedTask) == victim;
                Event seen = await StrikeAsync(callers, owners, victim, signal) with { Form = form, What = what + (hasSystem ? ", of the system account too" : "") };
                events.Add(seen);
                bench.Progress($"{form} {seen.What} {round + 1}: {seen.Seconds:F2} s; others: {seen.OtherFailures} repeated of {seen.OtherMs.Length}, longest {seen.OtherMs.Max():F0} ms");
                if (signal == ChildProcess.Stop)
                {
                    await cluster.ThawAsync(victim);
                }
                else
                {
                    await victim.Process!.EndAsync();
                    await cluster.StartAsync(victim);
                }
            }
        }

        Event busy = await BusyAsync(cluster, callers) with { Form = form };
        bench.Progress($"{form} {busy.What}: longest {busy.Seconds:F2} s, {busy.OtherFailures} repeated of {busy.OtherMs.Length}");
        events.Add(busy);
        Event roll = await RollAsync(cluster, callers) with { Form = form };
        bench.Progress($"{form} {roll.What}: longest {roll.Seconds:F2} s, {roll.OtherFailures} repeated of {roll.OtherMs.Length}");
        events.Add(roll);
    }

    // What a silo lost lives with the others from then on; without this all accounts would gather on one of them, round by round.
    private static async Task<Member[]> SpreadOwnersAsync(KillCluster cluster, KillCallers callers, string id)
    {
        await Task.WhenAll(Enumerable.Range(0, KillCallers.Accounts).Select(i => cluster.PutAwayAsync(KillCallers.Name(i))));
        await Task.Delay(Settle);
        return await OwnersAsync(cluster, callers, id);
    }

    private static async Task<Member[]> OwnersAsync(KillCluster cluster, KillCallers callers, string id)
    {
        Member[] owners = new Member[KillCallers.Accounts];
        for (int i = 0; i < owners.Length; i++)
        {
            int account = i;
            owners[i] = await cluster.OwnerAsync(KillCallers.Name(i), () => callers.AskAsync(account, $"{id}-{account}"));
        }

        return owners;
    }

    private static async Task<Event> StrikeAsync(KillCallers callers, Member[] owners, Member victim, int signal)
    {
        int before = callers.Calls.Count;
        long struck = Stopwatch.GetTimestamp();
        victim.Process!.Send(signal);
        Dictionary<int, long> served = [];
        int[] lost = [.. Enumerable.Range(0, owners.Length).Where(i => owners[i] == victim)];
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
            foreach (Call call in callers.Calls.Skip(before).Where(c => owners[c.Account] == victim && c.Began > struck))
            {
                served.TryAdd(call.Account, call.Ended);
            }
        }
        while ((served.Count < lost.Length || Stopwatch.GetElapsedTime(struck) < Watched) && Stopwatch.GetElapsedTime(struck) < Patience);
        Call[] others = [.. callers.Calls.Skip(before).Where(c => owners[c.Account] != victim && c.Began > struck)];
        return new Event(
            "", "",
            served.Count < lost.Length ? Patience.TotalSeconds : Stopwatch.GetElapsedTime(struck, served.Values.Max()).TotalSeconds,
            others.Sum(c => c.Failures),
            [.. others.Select(c => Stopwatch.GetElapsedTime(c.Began, c.Ended).TotalMilliseconds)]);
    }

    // Nobody dies: the machine has far more to do than it can. A silo that was given up would have ended.
    private static async Task<Event> BusyAsync(KillCluster cluster, KillCallers callers)
    {
        await Task.Delay(Settle);
        int before = callers.Calls.Count;
        ChildProcess[] burners = [.. Enumerable.Range(0, BusyPerCore * Environment.ProcessorCount).Select(_ => ChildProcess.Start(ChildProcess.KillSignal, null, "sh", "-c", "while :; do :; done"))];
        try
        {
            await Task.Delay(Busy);
        }
        finally
        {
            foreach (ChildProcess burner in burners)
            {
                await burner.DisposeAsync();
            }
        }

        await Task.Delay(Settle);
        int ended = cluster.All.Count(m => m.Process!.HasEnded);
        Event busy = All(callers.Calls.Skip(before), $"{BusyPerCore} busy processes per core for {Busy.TotalSeconds:0} s, {ended} hosts given up");
        foreach (Member member in cluster.All.Where(m => m.Process!.HasEnded))
        {
            await cluster.StartAsync(member);
        }

        return busy;
    }

    // Here everybody is an other; the time is the longest from a call's first sending to its end.
    private static async Task<Event> RollAsync(KillCluster cluster, KillCallers callers)
    {
        await Task.Delay(Settle);
        int before = callers.Calls.Count;
        foreach (Member member in cluster.All)
        {
            await cluster.FinishAsync(member);
            await cluster.StartAsync(member);
            await Task.Delay(Settle);
        }

        return All(callers.Calls.Skip(before), "rolling restart of all");
    }

    private static Event All(IEnumerable<Call> seen, string what)
    {
        Call[] calls = [.. seen];
        double[] ms = [.. calls.Select(c => Stopwatch.GetElapsedTime(c.Began, c.Ended).TotalMilliseconds)];
        return new Event("", what, ms.Max() / 1_000, calls.Sum(c => c.Failures), ms);
    }

    private sealed record Event(string Form, string What, double Seconds, int OtherFailures, double[] OtherMs);
}
