using System.Collections.Concurrent;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>A key whose proof is known.</summary>
/// <param name="KeyId">The public id.</param>
/// <param name="Account">The account it belongs to.</param>
/// <param name="Tag">The tag that its secret must give.</param>
internal sealed record KnownKey(string KeyId, string Account, byte[] Tag);

/// <summary>
/// Remembers positive proofs, which never change under one pepper; status, scopes and limits are the account grain's to decide,
/// each time. Two generations bound the memory: the older one is forgotten when the younger one is full.
/// </summary>
/// <param name="capacity">How many keys it holds at most.</param>
internal sealed class ProofCache(int capacity)
{
    private readonly Lock turning = new();
    private volatile ConcurrentDictionary<string, KnownKey> young = new(StringComparer.Ordinal);
    private volatile ConcurrentDictionary<string, KnownKey> old = new(StringComparer.Ordinal);
    private int youngCount;

    /// <summary>Finds a key.</summary>
    /// <param name="keyId">Its public id.</param>
    public KnownKey? Find(ReadOnlySpan<char> keyId)
    {
        if (this.young.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(keyId, out KnownKey? known))
        {
            return known;
        }

        if (this.old.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(keyId, out known))
        {
            this.Add(known);
        }

        return known;
    }

    /// <summary>Remembers a key.</summary>
    /// <param name="known">The key.</param>
    public void Add(KnownKey known)
    {
        if (!this.young.TryAdd(known.KeyId, known) || Interlocked.Increment(ref this.youngCount) <= capacity / 2)
        {
            return;
        }

        lock (this.turning)
        {
            if (this.youngCount > capacity / 2)
            {
                this.old = this.young;
                this.young = new ConcurrentDictionary<string, KnownKey>(StringComparer.Ordinal);
                Volatile.Write(ref this.youngCount, 0);
            }
        }
    }
}
