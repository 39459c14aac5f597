namespace OrleansBilling.Simulation.Kernel;

/// <summary>
/// One thread, one seed, virtual time: everything that is ready waits here, and the seed says what goes next. When nothing is
/// ready, time jumps to the next timer.
/// </summary>
public sealed class SimWorld
{
    private readonly List<(SimScheduler Owner, Task Task)> ready = [];
    private readonly PriorityQueue<SimTimer, (long Due, long Order)> timers = new();
    private long order;

    /// <summary>Makes a world.</summary>
    public SimWorld(ulong seed, long startNanos)
    {
        this.Random = new SimRandom(seed);
        this.NowNanos = startNanos;
    }

    /// <summary>Decides what goes next.</summary>
    public SimRandom Random { get; }

    /// <summary>True time, in nanos since the Unix epoch; nodes see it through their own clocks.</summary>
    public long NowNanos { get; private set; }

    /// <summary>Tasks run so far.</summary>
    public long Steps { get; private set; }

    /// <summary>A running hash of every choice and of the time it was made at: equal for equal runs.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>Runs until <paramref name="done"/> or until nothing can happen any more.</summary>
    /// <returns>False when nothing could happen any more.</returns>
    public bool Run(Func<bool> done)
    {
        while (!done())
        {
            if (!this.Step())
            {
                return false;
            }
        }

        return true;
    }

    internal void Enqueue(SimScheduler owner, Task task) => this.ready.Add((owner, task));

    internal void Arm(SimTimer timer) => this.timers.Enqueue(timer, (timer.DueNanos, this.order++));

    private bool Step()
    {
        while (this.ready.Count > 0)
        {
            int index = this.Random.Below(this.ready.Count);
            (SimScheduler owner, Task task) = this.ready[index];
            this.ready[index] = this.ready[^1];
            this.ready.RemoveAt(this.ready.Count - 1);
            if (owner.IsDead)
            {
                continue;
            }

            if (owner.Park(task))
            {
                continue;
            }

            this.Steps++;
            this.Mix((ulong)index);
            owner.Run(task);
            return true;
        }

        while (this.timers.TryDequeue(out SimTimer? timer, out (long Due, long Order) at))
        {
            if (timer.IsDisposed || timer.DueNanos != at.Due || timer.Owner.IsDead)
            {
                continue;
            }

            this.NowNanos = Math.Max(this.NowNanos, at.Due);
            this.Mix((ulong)this.NowNanos);
            timer.Fire();
            return true;
        }

        return false;
    }

    private void Mix(ulong value) => this.Trace = unchecked((this.Trace ^ value) * 1099511628211);
}
