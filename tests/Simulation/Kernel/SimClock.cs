namespace OrleansBilling.Simulation.Kernel;

/// <summary>One process's clock and timers: the world's time, off by a skew that the simulation sets.</summary>
public sealed class SimClock(SimScheduler owner) : TimeProvider
{
    /// <summary>How far this clock is off, in nanos.</summary>
    public long SkewNanos { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks((owner.World.NowNanos + this.SkewNanos) / 100);

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        owner.World.CountReading();
        return owner.World.NowNanos;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        SimTimer timer = new(owner, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>One timer of one process. Fires once or repeatedly; its callback runs as a task of the process.</summary>
internal sealed class SimTimer(SimScheduler owner, TimerCallback callback, object? state) : SimEvent, ITimer
{
    private static readonly Action<object?> Call = timer => ((SimTimer)timer!).CallBack();

    private long periodNanos;
    private bool disposed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        this.periodNanos = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks * 100;
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            this.DueNanos = -1;
            return true;
        }

        this.DueNanos = owner.World.NowNanos + (dueTime.Ticks * 100);
        owner.World.Arm(this);
        return true;
    }

    public override bool IsPending(long dueNanos) => !this.disposed && this.DueNanos == dueNanos && !owner.IsDead;

    public override void Fire()
    {
        this.DueNanos = -1;
        _ = Task.Factory.StartNew(Call, this, CancellationToken.None, TaskCreationOptions.None, owner);
        if (this.periodNanos > 0)
        {
            this.DueNanos = owner.World.NowNanos + this.periodNanos;
            owner.World.Arm(this);
        }
    }

    private void CallBack() => callback(state);

    // Not one that was only set to another time: it may be set back to this one.
    public override bool IsOver => this.disposed || owner.IsDead;

    public void Dispose()
    {
        bool waits = !this.disposed && this.DueNanos >= 0;
        this.disposed = true;
        if (waits)
        {
            owner.World.Disarm();
        }
    }

    public ValueTask DisposeAsync()
    {
        this.Dispose();
        return ValueTask.CompletedTask;
    }
}
