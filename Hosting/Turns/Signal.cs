namespace OrleansBilling.Hosting.Turns;

/// <summary>Wakes one waiting loop. Set while nobody waits, the next wait returns at once; several sets count as one.</summary>
internal sealed class Signal
{
    private readonly Lock gate = new();
    private TaskCompletionSource? waiter;
    private bool set;

    /// <summary>Wakes the loop, now or when it next waits.</summary>
    public void Set()
    {
        TaskCompletionSource? wake;
        lock (this.gate)
        {
            wake = this.waiter;
            this.waiter = null;
            this.set = wake is null;
        }

        wake?.SetResult();
    }

    /// <summary>Waits for the next set. One waiter at a time.</summary>
    public Task WaitAsync()
    {
        lock (this.gate)
        {
            if (this.set)
            {
                this.set = false;
                return Task.CompletedTask;
            }

            this.waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return this.waiter.Task;
        }
    }
}
