using Microsoft.Extensions.Logging;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Turns;

namespace OrleansBilling.Hosting.Commit;

/// <summary>Writes snapshots in the background, the newest of each grain, in groups. Losing one costs only a longer replay.</summary>
internal sealed class SnapshotWriter(IJournal journal, EngineOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MaxGroup = 500;
    private const int MaxWaiting = 50_000;
    private readonly Lock gate = new();
    private readonly Signal wake = new();
    private Dictionary<string, StoredSnapshot> waiting = new(StringComparer.Ordinal);
    private volatile bool due;
    private volatile bool stopping;
    private bool armed;
    private ITimer? timer;
    private Task? loop;

    /// <summary>Starts the loop.</summary>
    public void Start()
    {
        // One timer, set when something comes to wait: most of the time nothing does.
        this.timer = time.CreateTimer(static writer => ((SnapshotWriter)writer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        this.loop = Task.Factory.StartNew(this.RunAsync, CancellationToken.None, TaskCreationOptions.None, options.Scheduler).Unwrap();
    }

    /// <summary>Keeps a snapshot of a durable state; beyond a bound it is given up.</summary>
    public void Add(StoredSnapshot snapshot)
    {
        lock (this.gate)
        {
            if (this.waiting.Count < MaxWaiting)
            {
                this.waiting[snapshot.Grain.Path] = snapshot;
            }

            this.Arm();
        }
    }

    /// <summary>Writes what waits and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        this.stopping = true;
        if (this.loop is not null)
        {
            await this.timer!.DisposeAsync();
            this.wake.Set();
            await this.loop;
        }

        await this.FlushAsync();
    }

    private async Task RunAsync()
    {
        while (!this.stopping)
        {
            await this.wake.WaitAsync();
            if (!this.due)
            {
                return;
            }

            this.due = false;
            await this.FlushAsync();
            lock (this.gate)
            {
                this.armed = false;
                if (this.waiting.Count > 0)
                {
                    this.Arm();
                }
            }
        }
    }

    // Under the gate.
    private void Arm()
    {
        if (!this.armed && !this.stopping && this.timer is not null)
        {
            this.armed = true;
            this.timer.Change(options.SnapshotInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnDue()
    {
        if (!this.stopping)
        {
            this.due = true;
            this.wake.Set();
        }
    }

    private async Task FlushAsync()
    {
        Dictionary<string, StoredSnapshot> all;
        lock (this.gate)
        {
            if (this.waiting.Count == 0)
            {
                return;
            }

            all = this.waiting;
            this.waiting = new Dictionary<string, StoredSnapshot>(StringComparer.Ordinal);
        }

        try
        {
            // In the order of the grains, so that two hosts cannot lock each other's rows crosswise.
            StoredSnapshot[] sorted = [.. all.Values];
            Array.Sort(sorted, static (x, y) => string.CompareOrdinal(x.Grain.Path, y.Grain.Path));
            for (int at = 0; at < sorted.Length; at += MaxGroup)
            {
                ArraySegment<StoredSnapshot> group = new(sorted, at, Math.Min(MaxGroup, sorted.Length - at));
                await journal.SaveSnapshotsAsync(group, CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            // Whatever it is: the next snapshots must not wait for a restart of the host, nor its stop fail for want of these.
            Log.SnapshotsNotWritten(logger, e.Message);
        }
    }
}
