using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Turns;

/// <summary>Looks request ids up in the journal, many at a time: while one question is on its way the next one gathers.</summary>
internal sealed class RequestLookup(IJournal journal, EngineOptions options)
{
    private const int MaxGroup = 1024;
    private readonly Lock gate = new();
    private readonly Signal work = new();
    private List<(RequestKey Key, TaskCompletionSource<JournalRow?> Source)> waiting = [];
    private bool stopping;
    private Task? loop;

    /// <summary>Starts the loop.</summary>
    public void Start() => this.loop = Task.Factory.StartNew(this.RunAsync, CancellationToken.None, TaskCreationOptions.None, options.Scheduler).Unwrap();

    /// <summary>Ends the loop.</summary>
    public async Task StopAsync()
    {
        lock (this.gate)
        {
            this.stopping = true;
        }

        this.work.Set();
        if (this.loop is not null)
        {
            await this.loop;
        }
    }

    /// <summary>The row under a request id, or null.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be reached.</exception>
    public Task<JournalRow?> FindAsync(GrainId grain, string requestId)
    {
        TaskCompletionSource<JournalRow?> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (this.gate)
        {
            this.waiting.Add((new RequestKey(grain, requestId), source));
        }

        this.work.Set();
        return source.Task;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await this.work.WaitAsync();
            while (this.Take() is { Count: > 0 } group)
            {
                await this.AskAsync(group);
            }

            lock (this.gate)
            {
                if (this.stopping && this.waiting.Count == 0)
                {
                    return;
                }
            }
        }
    }

    private List<(RequestKey Key, TaskCompletionSource<JournalRow?> Source)> Take()
    {
        lock (this.gate)
        {
            var group = this.waiting;
            if (group.Count <= MaxGroup)
            {
                this.waiting = [];
                return group;
            }

            this.waiting = group.GetRange(MaxGroup, group.Count - MaxGroup);
            return group.GetRange(0, MaxGroup);
        }
    }

    private async Task AskAsync(List<(RequestKey Key, TaskCompletionSource<JournalRow?> Source)> group)
    {
        try
        {
            IReadOnlyList<JournalRow?> rows = await journal.FindRequestsAsync([.. group.Select(g => g.Key)], CancellationToken.None);
            for (int i = 0; i < group.Count; i++)
            {
                group[i].Source.SetResult(rows[i]);
            }
        }
        catch (Exception e)
        {
            // Each of those who asked gets the failure; the loop goes on for the next ones.
            foreach ((_, TaskCompletionSource<JournalRow?> source) in group)
            {
                source.TrySetException(e);
            }
        }
    }
}
