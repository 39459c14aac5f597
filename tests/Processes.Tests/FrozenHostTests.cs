using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansBilling.Processes.Tests.Audit;
using OrleansBilling.Processes.Tests.Harness;
using OrleansBilling.Processes.Tests.Load;
using Xunit;

namespace OrleansBilling.Processes.Tests;

public sealed class FrozenHostTests
{
    private const int Frozen = 0;
    private const int Other = 1;
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CutAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(3);

    [Fact]
    public Task A_frozen_host_stops_no_other_and_cannot_write_when_it_wakes() => FreezeAsync(cut: false);

    [Fact]
    public Task A_host_whose_sessions_are_cut_while_it_is_frozen_cannot_write_when_it_wakes() => FreezeAsync(cut: true);

    private static async Task FreezeAsync(bool cut)
    {
        await using Fleet fleet = await Fleet.StartAsync(2);
        await using Workload load = await Workload.PrepareAsync(fleet, accounts: 6);
        ConcurrentQueue<long> successes = new();
        long woken = 0;
        load.Clients.OnAnswer = answer =>
        {
            if (answer.Host == Other && answer.Verdict == Verdict.Done)
            {
                successes.Enqueue(answer.Ended);
            }
            else if (answer.Host == Frozen && answer.Verdict == Verdict.Done)
            {
                Interlocked.Increment(ref woken);
            }
        };

        load.Begin(8, "other", _ => Other);
        load.Begin(6, "frozen", _ => Frozen);
        load.Begin(4, "either", random => random.Next(2), patience: TimeSpan.FromSeconds(1));
        await load.AcknowledgedAsync(500);

        long frozenAt = Stopwatch.GetTimestamp();
        fleet.Hosts[Frozen].Host.Freeze();
        await Waiting.PassAsync(CutAfter);
        if (cut)
        {
            await fleet.CutFirstHostAsync("true");
        }

        await Waiting.PassAsync(Freeze - CutAfter);
        fleet.Hosts[Frozen].Host.Thaw();
        Interlocked.Exchange(ref woken, 0);
        await Waiting.UntilAsync(
            () => Task.FromResult(Interlocked.Read(ref woken) >= 50),
            () => $"the woken host to do its share again.\n{fleet.Output}");
        long end = Stopwatch.GetTimestamp();
        await load.ProveAsync();

        long[] times = [frozenAt, .. successes.Where(t => t > frozenAt && t < end).Order(), end];
        TimeSpan gap = times.Zip(times.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a, b)).Max();
        TestContext.Current.SendDiagnosticMessage($"The longest time without a success at the other host: {gap.TotalMilliseconds:0} ms");
        Assert.True(gap <= LongestGap, $"The other host did nothing for {gap.TotalSeconds:0.0} s.\n{fleet.Output}");
    }
}
