namespace OrleansBilling.Bench.Measuring;

/// <summary>The same thing for each of many.</summary>
internal static class Many
{
    /// <summary>Does it for all, some at a time.</summary>
    /// <param name="all">For which.</param>
    /// <param name="atATime">How many at a time.</param>
    /// <param name="act">What.</param>
    public static Task ForAllAsync<T>(T[] all, int atATime, Func<T, Task> act)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, atATime).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < all.Length; i = Interlocked.Increment(ref next))
            {
                await act(all[i]);
            }
        })));
    }
}
