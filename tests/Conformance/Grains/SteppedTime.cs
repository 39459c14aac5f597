namespace OrleansBilling.Conformance.Grains;

/// <summary>A clock that stands still until it is told to go on. Timers run by the system's.</summary>
public sealed class SteppedTime : TimeProvider
{
    private long nowTicks = new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref this.nowTicks), TimeSpan.Zero);

    /// <summary>Moves the clock, also back.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref this.nowTicks, by.Ticks);
}

/// <summary>A clock that is wrong by some time.</summary>
/// <param name="right">The right one.</param>
/// <param name="ahead">By how much.</param>
internal sealed class WrongTime(TimeProvider right, TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + ahead;
}
