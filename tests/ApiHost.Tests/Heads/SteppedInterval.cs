namespace OrleansBilling.ApiHost.Tests.Heads;

/// <summary>A clock on which one interval passes when it is told to; other timers never fire.</summary>
/// <param name="interval">The interval.</param>
internal sealed class SteppedInterval(TimeSpan interval) : TimeProvider
{
    private TaskCompletionSource<Action> waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TimeSpan Interval => interval;

    /// <summary>What goes wrong, in whoever asks for the time next, that nobody foresaw.</summary>
    public Exception? Fault { get; set; }

    public override DateTimeOffset GetUtcNow()
    {
        if (this.Fault is { } fault)
        {
            this.Fault = null;
            throw fault;
        }

        return base.GetUtcNow();
    }

    /// <summary>Lets the interval pass for who waits for it, and completes when that waits for the next one.</summary>
    public async Task PassAsync()
    {
        Action fire = await this.waiting.Task;
        this.waiting = new TaskCompletionSource<Action>(TaskCreationOptions.RunContinuationsAsynchronously);
        fire();
        await this.waiting.Task;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == interval)
        {
            this.waiting.SetResult(() => callback(state));
        }

        return new Never();
    }

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
