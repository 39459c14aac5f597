namespace OrleansBilling.Simulation.Kernel;

/// <summary>Where the tasks of one process wait. Dead, they never run again; frozen, they wait until it thaws.</summary>
public sealed class SimScheduler(SimWorld world) : TaskScheduler
{
    private readonly List<Task> parked = [];

    /// <summary>The world.</summary>
    public SimWorld World => world;

    /// <summary>True after <see cref="Kill"/>.</summary>
    public bool IsDead { get; private set; }

    /// <summary>True between <see cref="Freeze"/> and <see cref="Thaw"/>.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Nothing of this process happens any more.</summary>
    public void Kill() => this.IsDead = true;

    /// <summary>Nothing of this process happens until it thaws.</summary>
    public void Freeze() => this.IsFrozen = true;

    /// <summary>Goes on where it was.</summary>
    public void Thaw()
    {
        this.IsFrozen = false;
        foreach (Task task in this.parked)
        {
            world.Enqueue(this, task);
        }

        this.parked.Clear();
    }

    /// <summary>Starts work in this process.</summary>
    public Task Start(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    internal bool Park(Task task)
    {
        if (this.IsFrozen)
        {
            this.parked.Add(task);
        }

        return this.IsFrozen;
    }

    internal void Run(Task task) => this.TryExecuteTask(task);

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => world.Enqueue(this, task);

    // Never inline: every continuation is a choice of the seed's.
    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
