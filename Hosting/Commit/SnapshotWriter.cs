using Microsoft.Extensions.Logging;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Commit;

/// <summary>Writes snapshots in the background, the newest of each grain, in groups. Losing one costs only a longer replay.</summary>
internal sealed class SnapshotWriter(IJournal journal, EngineOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int MaxGroup = 500;
    private const int MaxWaiting = 50_000;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private Dictionary<string, StoredSnapshot> waiting = new(StringComparer.Ordinal);
    private Task? loop;

    /// <summary>Starts the loop.</summary>
    public void Start() => this.loop = Task.Factory.StartNew(this.RunAsync, CancellationToken.None, TaskCreationOptions.None, options.Scheduler).Unwrap();

    /// <summary>Keeps a snapshot of a durable state; beyond a bound it is given up.</summary>
    public void Add(StoredSnapshot snapshot)
    {
        lock (this.gate)
        {
            if (this.waiting.Count < MaxWaiting)
            {
                this.waiting[snapshot.Grain.Path] = snapshot;
            }
        }
    }

    /// <summary>Writes what waits and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        // Not CancelAsync: it would leave the scheduler that runs this.
#pragma warning disable CA1849, MA0042
        this.stop.Cancel();
#pragma warning restore CA1849, MA0042
        if (this.loop is not null)
        {
            await this.loop;
        }

        await this.FlushAsync();
        this.stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!this.stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(options.SnapshotInterval, time, this.stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await this.FlushAsync();
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
            foreach (StoredSnapshot[] group in all.Values.OrderBy(s => s.Grain.Path, StringComparer.Ordinal).Chunk(MaxGroup))
            {
                await journal.SaveSnapshotsAsync(group, CancellationToken.None);
            }
        }
        catch (JournalUnavailableException e)
        {
            Log.SnapshotsNotWritten(logger, e.Message);
        }
    }
}
