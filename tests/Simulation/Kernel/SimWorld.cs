namespace OrleansBilling.Simulation.Kernel;

/// <summary>
/// One thread, one seed, virtual time: everything that is ready waits here, and the seed says what goes next. When nothing is
/// ready, time jumps to the next timer.
/// </summary>
public sealed class SimWorld
{
    // So many tasks without any time passing are a loop that never ends.
    private const int StepsAtOnceMax = 1_000_000;

    // A task that looks at the clock so often never ends: no time passes while it runs.
    private const int ReadingsMax = 1_000_000;

    // Tasks may have to wait for a processor for about as long as this; for more, a process is frozen.
    private const long LagNanos = 1_000_000;

    private readonly EventQueue events = new();
    private readonly int thread = Environment.CurrentManagedThreadId;
    private (SimScheduler Owner, Task Task)[] ready = new (SimScheduler, Task)[64];
    private int readyCount;
    private int stepsAtOnce;
    private int readings;

    /// <summary>Makes a world, to be run on this thread.</summary>
    public SimWorld(ulong seed, long startNanos)
    {
        this.Random = new SimRandom(seed);
        this.NowNanos = startNanos;
    }

    /// <summary>Decides what goes next.</summary>
    public SimRandom Random { get; }

    /// <summary>True time, in nanos since the Unix epoch; nodes see it through their own clocks.</summary>
    public long NowNanos { get; private set; }

    /// <summary>How often something due soon happens while tasks still wait for a processor, as 1 in N steps; 0 is never.</summary>
    public int LagEvery { get; set; }

    /// <summary>More tasks than this are a loop that never ends.</summary>
    public long StepsMax { get; set; } = long.MaxValue;

    /// <summary>Tasks run so far.</summary>
    public long Steps { get; private set; }

    /// <summary>How often nothing was ready: by then, all that had begun had gone on as far as it could without time passing.</summary>
    public long Rests { get; private set; }

    /// <summary>A running hash of every choice and of the time it was made at: equal for equal runs.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>What must not happen to a world: something ran outside it. Null while it did not.</summary>
    public string? Leak { get; private set; }

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

    /// <summary>Something happens at a time, outside of any process.</summary>
    public void At(long dueNanos, Action action)
    {
        SimCallback callback = new(action) { DueNanos = dueNanos };
        this.events.Add(dueNanos, callback);
    }

    /// <summary>The same, after a while.</summary>
    public void After(long nanos, Action action) => this.At(this.NowNanos + nanos, action);

    /// <summary>Time passes in which nothing happens anywhere, as if all machines slept. What was due is late.</summary>
    public void Jump(long nanos)
    {
        this.NowNanos += nanos;
        this.JumpedNanos = this.NowNanos;
        this.Mix((ulong)nanos);
    }

    /// <summary>When that last was over.</summary>
    public long JumpedNanos { get; private set; }

    /// <summary>Makes something a part of the trace.</summary>
    public void Mix(ulong value) => this.Trace = unchecked((this.Trace ^ value) * 1099511628211);

    /// <summary>Remembers that this thread or scheduler is not the simulation's.</summary>
    public void CheckThread(SimScheduler? expected, string where)
    {
        if (Environment.CurrentManagedThreadId != this.thread)
        {
            this.Leak ??= $"{where} on a thread that is not the simulation's";
        }
        else if (expected is not null && TaskScheduler.Current != expected)
        {
            this.Leak ??= $"{where} on a scheduler that is not its node's";
        }
    }

    internal void Enqueue(SimScheduler owner, Task task)
    {
        if (Environment.CurrentManagedThreadId != this.thread)
        {
            this.Leak ??= "a continuation was queued from a thread that is not the simulation's, at " + Environment.StackTrace;
            throw new InvalidOperationException(this.Leak);
        }

        if (this.readyCount == this.ready.Length)
        {
            Array.Resize(ref this.ready, this.readyCount * 2);
        }

        this.ready[this.readyCount++] = (owner, task);
    }

    /// <summary>A task looks at the clock.</summary>
    internal void CountReading()
    {
        if (++this.readings > ReadingsMax)
        {
            throw new Violation("liveness", $"a task looked at the clock {ReadingsMax} times, and there is no end");
        }
    }

    internal void Arm(SimTimer timer) => this.events.Add(timer.DueNanos, timer);

    internal void Disarm() => this.events.CountOver();

    private bool Step()
    {
        bool lags = this.LagEvery > 0 && this.readyCount > 0 && this.Random.OneIn(this.LagEvery) && this.Happen(this.NowNanos + LagNanos);
        if (lags || this.RunTask())
        {
            return true;
        }

        this.Rests++;
        return this.Happen(long.MaxValue);
    }

    private bool RunTask()
    {
        while (this.readyCount > 0)
        {
            int index = this.Random.Below(this.readyCount);
            (SimScheduler owner, Task task) = this.ready[index];
            this.ready[index] = this.ready[--this.readyCount];
            this.ready[this.readyCount] = default;
            if (owner.IsDead || owner.Park(task))
            {
                continue;
            }

            this.Steps++;
            if (++this.stepsAtOnce > StepsAtOnceMax || this.Steps > this.StepsMax)
            {
                throw new Violation("liveness", $"{this.Steps} tasks ran, the last {this.stepsAtOnce} of them at one time, and there is no end");
            }

            this.Mix((ulong)index);
            this.readings = 0;
            owner.Run(task);
            return true;
        }

        return false;
    }

    private bool Happen(long untilNanos)
    {
        while (this.events.Count > 0 && this.events.NextDue <= untilNanos)
        {
            (long due, SimEvent next) = this.events.Take();
            if (!next.IsPending(due))
            {
                continue;
            }

            if (due > this.NowNanos)
            {
                this.NowNanos = due;
                this.stepsAtOnce = 0;
            }

            this.Mix((ulong)this.NowNanos);
            next.Fire();
            return true;
        }

        return false;
    }
}

/// <summary>Something that happens at a time.</summary>
internal abstract class SimEvent
{
    public long DueNanos { get; set; }

    public abstract bool IsPending(long dueNanos);

    /// <summary>It will never happen any more.</summary>
    public virtual bool IsOver => false;

    public abstract void Fire();
}

/// <summary>Something that happens outside of any process.</summary>
internal sealed class SimCallback(Action action) : SimEvent
{
    public override bool IsPending(long dueNanos) => true;

    public override void Fire() => action();
}
