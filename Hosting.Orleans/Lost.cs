namespace OrleansBilling.Hosting.Orleans;

/// <summary>Calls that got no answer.</summary>
internal static class Lost
{
    /// <summary>Whether a call ended so: a time-out, a silo that died or is leaving, a connection that broke, a client that has no gateway just now.</summary>
    public static bool Is(Exception e) => e is TimeoutException or OrleansException or System.Net.Sockets.SocketException or IOException;

    /// <summary>What becomes of a call whose caller has its answer is of no interest, but an exception has to be looked at by somebody.</summary>
    public static void Observe(Task call) =>
        _ = call.ContinueWith(static c => _ = c.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
