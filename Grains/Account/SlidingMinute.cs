using OrleansBilling.Grains.Snapshots;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// Requests of the last minute, by the second they came in: 61 counters hold every request that is less than 60 seconds old, so
/// that a limit checked against their sum never lets more pass in any 60 seconds.
/// </summary>
internal sealed class SlidingMinute
{
    private const int Seconds = 61;
    private const long SecondNanos = 1_000_000_000;

    private readonly uint[] counts = new uint[Seconds];
    private long latest;

    /// <summary>How many requests count at a time that is not before the latest.</summary>
    public long Used(long now)
    {
        long used = 0;
        for (long second = Math.Max(0, (now / SecondNanos) - Seconds + 1); second <= this.latest; second++)
        {
            used += this.counts[second % Seconds];
        }

        return used;
    }

    /// <summary>When so many will have left the minute that fewer than <paramref name="max"/> count.</summary>
    public long FreeAt(long now, long max)
    {
        long used = this.Used(now);
        long second = Math.Max(0, (now / SecondNanos) - Seconds + 1);
        for (; used >= max && second <= this.latest; second++)
        {
            used -= this.counts[second % Seconds];
        }

        return (second + Seconds - 1) * SecondNanos;
    }

    /// <summary>Counts a request.</summary>
    public void Count(long at)
    {
        long second = at / SecondNanos;
        if (second - this.latest >= Seconds)
        {
            Array.Clear(this.counts);
        }
        else
        {
            for (long passed = this.latest + 1; passed <= second; passed++)
            {
                this.counts[passed % Seconds] = 0;
            }
        }

        this.latest = second;
        this.counts[second % Seconds]++;
    }

    public void Write(SnapshotWriter w)
    {
        w.Number(this.latest);
        foreach (uint count in this.counts)
        {
            w.Number(count);
        }
    }

    public static SlidingMinute Read(ref SnapshotReader r)
    {
        SlidingMinute minute = new() { latest = r.Number() };
        for (int i = 0; i < Seconds; i++)
        {
            minute.counts[i] = unchecked((uint)r.Number());
        }

        return minute;
    }
}
