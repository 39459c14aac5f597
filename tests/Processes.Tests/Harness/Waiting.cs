using System.Diagnostics;

namespace OrleansBilling.Processes.Tests.Harness;

/// <summary>
/// The only place here that waits by the clock: other processes can be asked, but not awaited, and a freeze lasts as long as the
/// test says.
/// </summary>
public static class Waiting
{
    /// <summary>
    /// How long is waited for what comes by itself: a guard against what never comes, and longer than anything here takes on a machine
    /// that is slow and busy. Nothing is measured by it.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly HttpClient Client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(6) };

    /// <summary>Asks again and again until something is so; fails with what it waited for.</summary>
    /// <param name="isSo">Asks.</param>
    /// <param name="what">What was waited for.</param>
    public static async Task UntilAsync(Func<Task<bool>> isSo, Func<string> what)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new TimeoutException($"Waited {Patience.TotalSeconds:0} s for {what()}");
            }

            await Task.Delay(Pace);
        }
    }

    /// <summary>Waits for a task; fails with what it was.</summary>
    /// <param name="task">The task.</param>
    /// <param name="what">What was waited for.</param>
    public static async Task ForAsync(Task task, Func<string> what)
    {
        if (await Task.WhenAny(task, Task.Delay(Patience)) != task && !task.IsCompleted)
        {
            throw new TimeoutException($"Waited {Patience.TotalSeconds:0} s for {what()}");
        }

        await task;
    }

    /// <summary>The moment before asking a host again that could not answer.</summary>
    public static Task BeforeAskingAgainAsync() => Task.Delay(Pace);

    /// <summary>Lets a time pass: the freeze that the test is about.</summary>
    public static Task PassAsync(TimeSpan time) => Task.Delay(time);

    /// <summary>Whether an address answers 200.</summary>
    public static async Task<bool> IsOkAsync(Uri address)
    {
        try
        {
            using HttpResponseMessage answer = await Client.GetAsync(address);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
