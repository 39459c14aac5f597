using System.Collections.Concurrent;
using OrleansBilling.Account;
using OrleansBilling.Hosting;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>
/// Asks a key's account whether the key may be used now, from where it is used. A service makes thousands of requests a second with one key: those that
/// come while a question is on its way share the next one, so each gets an answer that was decided after it came (invariant 7).
/// </summary>
/// <param name="grains">The grains.</param>
internal sealed class KeyChecks(IGrains grains)
{
    private readonly ConcurrentDictionary<(string KeyId, string? Address), Line> lines = new();

    /// <summary>What the account says of the key: a <see cref="KeyView"/>, or why not.</summary>
    /// <param name="key">A proven key.</param>
    /// <param name="address">Where it is used from.</param>
    public Task<Reply> CheckAsync(KnownKey key, string? address)
    {
        (string KeyId, string? Address) who = (key.KeyId, address);
        while (true)
        {
            Line line = this.lines.GetOrAdd(who, static _ => new Line());
            TaskCompletionSource<Reply> asked;
            bool isFirst;
            lock (line)
            {
                if (line.IsOver)
                {
                    continue;
                }

                asked = line.Next ??= new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
                isFirst = !line.IsAsking;
                line.IsAsking = true;
            }

            if (isFirst)
            {
                _ = this.AskAsync(key, who, line);
            }

            return asked.Task;
        }
    }

    private async Task AskAsync(KnownKey key, (string KeyId, string? Address) who, Line line)
    {
        while (true)
        {
            TaskCompletionSource<Reply> asked;
            lock (line)
            {
                if (line.Next is null)
                {
                    line.IsOver = true;
                    this.lines.TryRemove(KeyValuePair.Create(who, line));
                    return;
                }

                // Who comes from here on came after the question.
                asked = line.Next;
                line.Next = null;
            }

            try
            {
                asked.SetResult(await grains.AskAsync(GrainId.Account(key.Account), new CheckKey(key.KeyId, null) { Address = who.Address }));
            }
            catch (Exception e)
            {
                // Those who asked get the fault; the line goes on for the others.
                asked.SetException(e);
            }
        }
    }

    private sealed class Line
    {
        public TaskCompletionSource<Reply>? Next { get; set; }

        public bool IsAsking { get; set; }

        public bool IsOver { get; set; }
    }
}
