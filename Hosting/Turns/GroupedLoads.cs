using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// Reads grains from the journal, many at a time: while some questions are on their way the next one gathers. A few at once, so
/// that a grain with many rows holds up only those it was asked with.
/// </summary>
internal sealed class GroupedLoads(IJournal journal, EngineOptions options)
{
    private const int MaxGroup = 64;
    private const int MaxUnderWay = 4;
    private readonly Lock gate = new();
    private List<(GrainId Grain, TaskCompletionSource<FirstPage> Source)> waiting = [];
    private int underWay;

    /// <summary>What the journal holds of a grain: its snapshot and a first page of rows.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be reached.</exception>
    public Task<FirstPage> LoadAsync(GrainId grain)
    {
        TaskCompletionSource<FirstPage> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (this.gate)
        {
            this.waiting.Add((grain, source));
            if (this.underWay == MaxUnderWay)
            {
                return source.Task;
            }

            this.underWay++;
        }

        _ = this.RunAsync();
        return source.Task;
    }

    private async Task RunAsync()
    {
        while (this.Take() is { } group)
        {
            await this.AskAsync(group);
        }
    }

    private List<(GrainId Grain, TaskCompletionSource<FirstPage> Source)>? Take()
    {
        lock (this.gate)
        {
            List<(GrainId Grain, TaskCompletionSource<FirstPage> Source)> group = this.waiting;
            if (group.Count == 0)
            {
                this.underWay--;
                return null;
            }

            int count = Math.Min(group.Count, MaxGroup);
            this.waiting = group.GetRange(count, group.Count - count);
            group.RemoveRange(count, group.Count - count);
            return group;
        }
    }

    private async Task AskAsync(List<(GrainId Grain, TaskCompletionSource<FirstPage> Source)> group)
    {
        // Few rows of each of many, so that one statement stays as short as for one grain alone.
        int maxRows = Math.Max(1, options.LoadPageRows * (group.Count == 1 ? 1 : 2) / group.Count);
        try
        {
            IReadOnlyList<StoredGrain> stored = await journal.LoadAsync([.. group.Select(g => g.Grain)], maxRows, CancellationToken.None);
            for (int i = 0; i < group.Count; i++)
            {
                group[i].Source.SetResult(new FirstPage(stored[i], stored[i].Rows.Count >= maxRows));
            }
        }
        catch (Exception e) when (group.Count == 1)
        {
            // Not the loop's concern: it goes on for the next ones.
            group[0].Source.TrySetException(e);
            _ = group[0].Source.Task.Exception;
        }
        catch (Exception)
        {
            // What cannot be read of one grain must not fail those that happened to be asked for with it.
            group.ForEach(g => _ = this.AskAsync([g]));
        }
    }
}

/// <summary>The first of what is stored of a grain.</summary>
/// <param name="Stored">Its snapshot and the first rows after it.</param>
/// <param name="MayGoOn">Whether there may be more rows.</param>
internal readonly record struct FirstPage(StoredGrain Stored, bool MayGoOn);
