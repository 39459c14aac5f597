using Microsoft.Extensions.Logging;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Turns;

/// <summary>
/// Reads the request ids of grains whose late repeats keep coming unforeseen into the filter, so that only its hits need a look-up
/// until the filter has forgotten them. One grain at a time, page by page; nothing waits for it.
/// </summary>
internal sealed class RequestIdReader(IJournal journal, RepeatFilter filter, RepeatForecast forecast, EngineOptions options, ILogger logger)
    : IAsyncDisposable
{
    // More than this would push the ids of others out of the filter; such a grain stays with look-ups.
    private const long RowsMax = 2_000_000;

    private readonly Lock gate = new();
    private readonly Queue<GrainId> waiting = new();
    private readonly CancellationTokenSource stop = new();
    private Task loop = Task.CompletedTask;

    /// <summary>Reads a grain's ids soon.</summary>
    public void Read(GrainId grain)
    {
        lock (this.gate)
        {
            this.waiting.Enqueue(grain);
            if (this.waiting.Count == 1 && !this.stop.IsCancellationRequested)
            {
                this.loop = Task.Factory.StartNew(this.RunAsync, CancellationToken.None, TaskCreationOptions.None, options.Scheduler).Unwrap();
            }
        }
    }

    /// <summary>Ends what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        Task last;
        lock (this.gate)
        {
            // Not CancelAsync: it would leave the scheduler that runs this.
#pragma warning disable CA1849, MA0042
            this.stop.Cancel();
#pragma warning restore CA1849, MA0042
            last = this.loop;
        }

        await last;
        this.stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            GrainId grain;
            lock (this.gate)
            {
                grain = this.waiting.Peek();
            }

            try
            {
                int generation = filter.Generation;
                if (await this.ReadAsync(grain))
                {
                    forecast.Read(grain, generation);
                }
            }
            catch (Exception e)
            {
                // Only a forecast: until it is tried again, every id is looked up.
                forecast.NotRead(grain);
                if (!this.stop.IsCancellationRequested)
                {
                    Log.CannotReadIds(logger, grain, e.Message);
                }
            }

            lock (this.gate)
            {
                this.waiting.Dequeue();
                if (this.waiting.Count == 0 || this.stop.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    private async Task<bool> ReadAsync(GrainId grain)
    {
        long seq = 0;
        while (seq < RowsMax)
        {
            RequestIds page = await journal.ReadRequestIdsAsync(grain, seq, options.LoadPageRows, this.stop.Token);
            foreach (string id in page.Ids)
            {
                filter.Add(grain.Path, id);
            }

            if (page.LastSeq < seq + options.LoadPageRows)
            {
                return true;
            }

            seq = page.LastSeq;
        }

        return false;
    }
}
