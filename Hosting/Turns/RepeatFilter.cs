using System.Runtime.InteropServices;

namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// Remembers roughly which request ids left the window of recent replies, so that a late repeat is looked up before its turn instead of
/// being refused by the journal after it. Only a forecast: a miss costs a refusal, a false hit a look-up; neither an answer.
/// Two Bloom filters in turn: when the newer is full the older is cleared.
/// </summary>
/// <param name="size">Bits of each filter, at least 64.</param>
internal sealed class RepeatFilter(int size)
{
    private const int BitsPerId = 10;
    private const int Hashes = 4;

    private ulong[]? newer;
    private ulong[]? older;
    private int added;
    private int generation;

    /// <summary>How often it was full, and the older half of what it knew forgotten.</summary>
    public int Generation => Volatile.Read(ref this.generation);

    /// <summary>Remembers an id. Nothing that others remember at the same time is lost.</summary>
    public void Add(string grain, string requestId)
    {
        ulong[] bits = this.newer ?? this.Create();
        ulong hash = Hash(grain, requestId);
        for (int i = 0; i < Hashes; i++)
        {
            uint bit = Bit(hash, i, bits);
            Interlocked.Or(ref bits[bit >> 6], 1UL << (int)(bit & 63));
        }

        if (Interlocked.Increment(ref this.added) == size / BitsPerId)
        {
            ulong[] next = this.older ?? new ulong[size / 64];
            Array.Clear(next);
            this.older = bits;
            this.newer = next;
            this.added = 0;
            Interlocked.Increment(ref this.generation);
        }
    }

    /// <summary>Whether the id may have been answered before.</summary>
    public bool MayContain(string grain, string requestId)
    {
        if (this.newer is null)
        {
            return false;
        }

        ulong hash = Hash(grain, requestId);
        return Contains(this.newer, hash) || (this.older is not null && Contains(this.older, hash));
    }

    // One of racing writers creates it for all: what another had put into one of its own would be lost.
    private ulong[] Create()
    {
        ulong[] created = new ulong[size / 64];
        return Interlocked.CompareExchange(ref this.newer, created, null) ?? created;
    }

    private static bool Contains(ulong[] bits, ulong hash)
    {
        for (int i = 0; i < Hashes; i++)
        {
            uint bit = Bit(hash, i, bits);
            if ((bits[bit >> 6] & (1UL << (int)(bit & 63))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static uint Bit(ulong hash, int i, ulong[] bits) => unchecked((uint)(hash + ((ulong)i * ((hash >> 32) | 1)))) % ((uint)bits.Length * 64);

    // Not the framework's string hash: that one differs from process to process, and a simulation must not.
    private static ulong Hash(string grain, string requestId) => Mix(Mix(0x9E3779B97F4A7C15, grain), requestId);

    private static ulong Mix(ulong seed, string text)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(text.AsSpan());
        unchecked
        {
            ulong hash = seed ^ (ulong)bytes.Length;
            while (bytes.Length >= 8)
            {
                hash = Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), 0xA0761D6478BD642F);
                bytes = bytes[8..];
            }

            foreach (byte b in bytes)
            {
                hash = Fold(hash ^ b, 0xE7037ED1A0B428DB);
            }

            return hash;
        }
    }

    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }
}
