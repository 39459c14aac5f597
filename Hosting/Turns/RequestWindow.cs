using System.Diagnostics.CodeAnalysis;
using OrleansBilling.Hosting.Commit;

namespace OrleansBilling.Hosting.Turns;

/// <summary>A request id that a grain answered lately, with its body's hash, its reply and, while that is not durable, its unit.</summary>
internal sealed record WindowEntry(string RequestId, byte[] BodyHash, Accepted Reply, Unit Unit);

/// <summary>
/// The request ids a grain answered last, so that most repeats need no look-up. Used under the grain's lock. An id stays at least
/// until it is durable, because until then no look-up finds it.
/// </summary>
internal sealed class RequestWindow(int size)
{
    private readonly Dictionary<string, WindowEntry> entries = new(StringComparer.Ordinal);
    private readonly Queue<WindowEntry> order = new();

    /// <summary>The entry under an id.</summary>
    public bool TryGet(string requestId, [NotNullWhen(true)] out WindowEntry? entry) => this.entries.TryGetValue(requestId, out entry);

    /// <summary>Keeps an entry and gives up the oldest beyond the window's size.</summary>
    /// <returns>The id given up, or null.</returns>
    public string? Add(WindowEntry entry)
    {
        this.entries.Add(entry.RequestId, entry);
        this.order.Enqueue(entry);
        if (this.order.Count <= size || !this.order.Peek().Unit.FateAsync.IsCompleted)
        {
            return null;
        }

        string oldest = this.order.Dequeue().RequestId;
        this.entries.Remove(oldest);
        return oldest;
    }

    /// <summary>The ids in it.</summary>
    public IEnumerable<string> RequestIds => this.entries.Keys;
}
