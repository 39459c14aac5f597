using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Tests.Keys;

public sealed class RefusalClockTests
{
    [Fact]
    public async Task Whoever_waits_in_one_interval_goes_together_and_the_next_one_waits_again()
    {
        Clock time = new();
        RefusalClock refusals = new(time);
        time.Now = 2_300;
        Task first = refusals.WaitAsync();
        time.Now = 9_900;
        Task second = refusals.WaitAsync();

        Assert.Same(first, second);
        Assert.Equal([8], time.DueMs);
        Assert.False(first.IsCompleted);
        time.Now = 10_300;
        time.Fire();
        await first;
        time.Now = 19_800;
        Task third = refusals.WaitAsync();

        // A fifth of a millisecond before the tick: none is over before it began, or all later ones would be.
        Assert.False(third.IsCompleted);
        Assert.Equal([8, 1], time.DueMs);
        time.Fire();
        await third;
        Assert.False(refusals.WaitAsync().IsCompleted);
    }

    // Counts microseconds.
    private sealed class Clock : TimeProvider
    {
        private Action? due;

        public long Now { get; set; }

        public List<long> DueMs { get; } = [];

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => this.Now;

        public void Fire() => this.due!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            this.due = () => callback(state);
            this.DueMs.Add((long)dueTime.TotalMilliseconds);
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
