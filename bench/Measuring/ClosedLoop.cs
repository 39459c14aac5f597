using System.Diagnostics;

namespace OrleansBilling.Bench.Measuring;

/// <summary>Callers that each wait for one reply before they ask again.</summary>
internal static class ClosedLoop
{
    /// <summary>Runs callers until the time is up and every last reply is there.</summary>
    /// <param name="callers">How many.</param>
    /// <param name="duration">When they stop asking.</param>
    /// <param name="ask">One call of caller n; throws unless it did what was asked.</param>
    public static async Task<Sample> RunAsync(int callers, TimeSpan duration, Func<int, ValueTask> ask)
    {
        using LatencyHistogram latencies = new();
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        long end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        Task[] loops = new Task[callers];
        for (int i = 0; i < callers; i++)
        {
            int caller = i;
            loops[i] = Task.Run(() => LoopAsync(caller, end, ask, latencies));
        }

        await Task.WhenAll(loops);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        TimeSpan cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        return latencies.ToSample(elapsed) with { CpuMicros = cpu.TotalMicroseconds / Math.Max(1, latencies.Total) };
    }

    private static async Task LoopAsync(int caller, long end, Func<int, ValueTask> ask, LatencyHistogram latencies)
    {
        long before;
        while ((before = Stopwatch.GetTimestamp()) < end)
        {
            await ask(caller);
            latencies.CountSince(before);
        }
    }
}
