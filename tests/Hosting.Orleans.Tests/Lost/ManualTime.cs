using System.Threading.Channels;

namespace OrleansBilling.Hosting.Orleans.Tests.Lost;

/// <summary>A clock that goes on when it is told to, and its timers with it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private readonly Channel<TimeSpan> set = Channel.CreateUnbounded<TimeSpan>();
    private long nowTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref this.nowTicks);

    public override DateTimeOffset GetUtcNow() => new(2026, 3, 14, 9, 26, 53, TimeSpan.Zero);

    /// <summary>Waits until somebody waits for so long.</summary>
    public async Task WaitedForAsync(TimeSpan time)
    {
        List<TimeSpan> others = [];
        try
        {
            while (await this.set.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)) is var next && next != time)
            {
                others.Add(next);
            }
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Nobody waits for {time}, only for {string.Join(", ", others)}.", e);
        }
    }

    /// <summary>Lets a time pass.</summary>
    public void Pass(TimeSpan time)
    {
        Timer[] due;
        lock (this.gate)
        {
            this.nowTicks += time.Ticks;
            due = [.. this.timers.Where(t => t.DueTicks <= this.nowTicks)];
            this.timers.RemoveAll(due.Contains);
        }

        foreach (Timer timer in due)
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(ManualTime owner, TimerCallback callback, object? state) : ITimer
    {
        public long DueTicks { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner.gate)
            {
                owner.timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    this.DueTicks = owner.nowTicks + dueTime.Ticks;
                    owner.timers.Add(this);
                    owner.set.Writer.TryWrite(dueTime);
                }
            }

            return true;
        }

        public void Dispose() => this.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            this.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
