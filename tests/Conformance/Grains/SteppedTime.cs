namespace OrleansBilling.Conformance.Grains;

/// <summary>A clock that stands still until it is told to go on. Timers run by the system's.</summary>
public sealed class SteppedTime : TimeProvider
{
    private long nowTicks = new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref this.nowTicks), TimeSpan.Zero);

    /// <summary>Moves the clock, also back.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref this.nowTicks, by.Ticks);
}

/// <summary>A host's clock, which may be wrong by some time.</summary>
/// <param name="right">The right one.</param>
internal sealed class HostTime(TimeProvider right) : TimeProvider
{
    private long aheadTicks;

    /// <summary>By how much it is wrong.</summary>
    public TimeSpan Ahead
    {
        get => new(Volatile.Read(ref this.aheadTicks));
        set => Volatile.Write(ref this.aheadTicks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + this.Ahead;
}
