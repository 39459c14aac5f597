using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Turns;

/// <summary>A reply under a request id, with its body's hash and the unit that makes it durable.</summary>
internal sealed class RecentReply(RequestKey key, byte[] bodyHash, Accepted reply, Unit unit)
{
    public RequestKey Key => key;

    public byte[] BodyHash => bodyHash;

    public Accepted Reply => reply;

    public Unit Unit => unit;
}

/// <summary>
/// The replies that this host gave last, so that most repeats need no look-up: every one that is not durable yet, because until
/// then no look-up finds it, and the latest of the others. One window for all grains: a busy one gets the room that others do not
/// need, and what is kept stays too little for the garbage collector to care about. What leaves goes into the filter.
/// </summary>
internal sealed class RecentReplies(int capacity, RepeatFilter filter)
{
    private readonly ConcurrentDictionary<RequestKey, RecentReply> byKey = new(KeyComparer.Instance);
    private readonly ConcurrentQueue<RecentReply> order = new();
    private int count;

    /// <summary>
    /// The reply under an id, as far as <paramref name="asking"/>, in its turn, may rely on it: its own, or one that is durable.
    /// One that an activation before it did not get written is worth nothing; one of an earlier writer session may have been lost
    /// since, with the server, so the journal is asked instead.
    /// </summary>
    public bool TryGet(Activation asking, string requestId, [NotNullWhen(true)] out RecentReply? reply) =>
        this.byKey.TryGetValue(new RequestKey(asking.Id, requestId), out reply)
        && (reply.Unit.Activation == asking || (reply.Unit.IsDurable && reply.Unit.Activation.Epoch == asking.Epoch));

    /// <summary>Keeps a reply.</summary>
    public void Add(RecentReply reply)
    {
        this.byKey[reply.Key] = reply;
        this.order.Enqueue(reply);
        int kept = Interlocked.Increment(ref this.count);

        // Two for each that comes, so that what a burst of replies that were not durable yet left behind goes again.
        for (int i = 0; i < 2 && kept > capacity && this.order.TryDequeue(out RecentReply? oldest); i++)
        {
            kept = this.LetGo(oldest);
        }
    }

    private int LetGo(RecentReply oldest)
    {
        if (!oldest.Unit.FateAsync.IsCompleted)
        {
            this.order.Enqueue(oldest);
            return Volatile.Read(ref this.count);
        }

        this.byKey.TryRemove(KeyValuePair.Create(oldest.Key, oldest));
        if (oldest.Unit.IsDurable)
        {
            filter.Add(oldest.Key.Grain.Path, oldest.Key.RequestId);
        }

        return Interlocked.Decrement(ref this.count);
    }

    private sealed class KeyComparer : IEqualityComparer<RequestKey>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(RequestKey x, RequestKey y) =>
            string.Equals(x.RequestId, y.RequestId, StringComparison.Ordinal) && string.Equals(x.Grain.Path, y.Grain.Path, StringComparison.Ordinal);

        // Keyed by the process: ids are the callers' to choose, and must not be made to collide.
        public int GetHashCode(RequestKey key) =>
            HashCode.Combine(string.GetHashCode(key.RequestId, StringComparison.Ordinal), string.GetHashCode(key.Grain.Path, StringComparison.Ordinal));
    }
}
