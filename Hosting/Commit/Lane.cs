using Microsoft.Extensions.Logging;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Turns;

namespace OrleansBilling.Hosting.Commit;

/// <summary>
/// The queue and the group commit of one writer lane: while one batch is on its way the next one gathers. A grain's rows stay on
/// one lane and one batch is in flight at a time, so a chain cannot get a gap.
/// </summary>
internal sealed partial class Lane(int number, IJournal journal, EngineOptions options, TimeProvider time, ILogger logger)
{
    // Not worth splitting: a commit costs as much as this many rows.
    private const int SmallBatchRows = 64;

    private readonly Lock gate = new();
    private readonly Signal work = new();
    private List<Unit> queue = [];
    private List<Unit> spare = [];
    private List<Confirmation> confirmations = [];
    // Of calls that wait for nothing but their lane: a little less than the call's own time.
    private readonly TimeSpan answerTime = options.CallTime - (options.CallTime / 50);
    private long unitsSince;
    private long confirmationsSince;
    private int reserved;
    private bool ready;
    private bool stopping;
    private long epoch;
    private Task? loop;
    private TaskCompletionSource readySource = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Counts writer sessions; an activation of an earlier one is not trusted.</summary>
    public long Epoch => Volatile.Read(ref this.epoch);

    /// <summary>Whether there is a writer session.</summary>
    public bool IsReady => Volatile.Read(ref this.ready);

    /// <summary>Called with snapshots whose rows are durable.</summary>
    public required Action<StoredSnapshot> OnSnapshot { get; init; }

    /// <summary>Called with a grain that another host wrote before this one.</summary>
    public required Action<GrainId> OnRefused { get; init; }

    /// <summary>Called with a grain that was refused twice in a row.</summary>
    public required Action<GrainId> OnRefusedAgain { get; init; }

    /// <summary>Called when the journal refused a request id it already had.</summary>
    public required Action<GrainId> OnRepeatedId { get; init; }

    /// <summary>Commands that are decided, or about to be, and not durable yet.</summary>
    public int Reserved => Volatile.Read(ref this.reserved);

    /// <summary>Rows committed so far.</summary>
    public long CommittedRows { get; private set; }

    /// <summary>Commits so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Starts the loop.</summary>
    public void Start() => this.loop = Task.Factory.StartNew(this.RunAsync, CancellationToken.None, TaskCreationOptions.None, options.Scheduler).Unwrap();

    /// <summary>Commits what is queued, then ends.</summary>
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

    /// <summary>Reserves room for one unit; false when the queue is full or there is no session.</summary>
    public bool TryReserve()
    {
        if (Interlocked.Increment(ref this.reserved) <= options.MaxQueuedCommands)
        {
            return true;
        }

        Interlocked.Decrement(ref this.reserved);
        return false;
    }

    /// <summary>Gives reserved room back.</summary>
    public void Unreserve() => Interlocked.Decrement(ref this.reserved);

    /// <summary>Queues a unit; false when the session it was decided under is lost. Called in the activation's turn.</summary>
    public bool Enqueue(Unit unit)
    {
        bool first;
        lock (this.gate)
        {
            if (!this.ready || unit.Activation.Epoch != this.epoch)
            {
                return false;
            }

            first = this.queue.Count == 0;
            if (first)
            {
                this.unitsSince = time.GetTimestamp();
            }

            unit.WaitsSince = this.unitsSince;
            this.queue.Add(unit);
        }

        if (first)
        {
            this.work.Set();
        }

        return true;
    }

    /// <summary>
    /// Makes sure that, at some moment after the call began, the activation held the grain's newest row. False when not: the
    /// command is to be decided again.
    /// </summary>
    public Task<bool> ConfirmAsync(Activation activation, long seq)
    {
        Confirmation confirmation = new(activation, seq);
        lock (this.gate)
        {
            if (!this.ready || activation.Epoch != this.epoch)
            {
                return Task.FromResult(false);
            }

            if (this.confirmations.Count == 0)
            {
                this.confirmationsSince = time.GetTimestamp();
            }

            confirmation.WaitsSince = this.confirmationsSince;
            this.confirmations.Add(confirmation);
        }

        this.work.Set();
        return confirmation.ResultAsync;
    }

    /// <summary>Completes when there is a writer session.</summary>
    public Task WhenReadyAsync()
    {
        lock (this.gate)
        {
            return this.ready ? Task.CompletedTask : this.readySource.Task;
        }
    }

    private async Task RunAsync()
    {
        IJournalWriter? writer = null;
        WriterIdentity? previous = null;
        List<Unit> unsettled = [];
        while (true)
        {
            if (writer is null)
            {
                writer = await this.OpenAsync(previous);
                if (writer is null)
                {
                    return;
                }

                previous = writer.Identity;
                SettleAll(unsettled);
                unsettled.Clear();
                this.BecomeReady();
            }

            await this.work.WaitAsync();
            if (!await this.DrainAsync(writer, unsettled))
            {
                await this.DisposeQuietlyAsync(writer);
                writer = null;
                continue;
            }

            if (this.stopping)
            {
                await this.DisposeQuietlyAsync(writer);
                this.LoseSession(unsettled);
                SettleAll(unsettled);
                return;
            }
        }
    }

    // Until nothing waits. False when the session was lost; what may have been written is then in unsettled.
    private async Task<bool> DrainAsync(IJournalWriter writer, List<Unit> unsettled)
    {
        while (true)
        {
            List<Unit> batch = this.TakeBatch(out List<Confirmation> asked);
            if (batch.Count == 0 && asked.Count == 0)
            {
                if (this.committed is null)
                {
                    return true;
                }

                this.CompleteCommitted();
                continue;
            }

            try
            {
                List<Unit>? before = this.committed;
                this.AbandonLate(batch);
                if (batch.Count > 0)
                {
                    this.GiveUpLate(asked);
                    await this.CommitAsync(writer, batch, asked);
                }

                if (asked.Count > 0)
                {
                    // Only a commit that was sent after they were asked.
                    bool roundTripDone = this.committed is not null && !ReferenceEquals(this.committed, before);
                    this.CompleteCommitted();
                    await this.ConfirmAsync(writer, asked, roundTripDone);
                }
            }
            catch (Exception e)
            {
                this.CompleteCommitted();
                // Whatever it was, taking the batch to be in doubt is safe: nothing of it is guessed, all is loaded again.
                Log.SessionLost(logger, number, e);
                options.Metrics.CountLostSession();
                this.LoseSession(unsettled);
                foreach (Unit unit in batch.Where(u => !u.Settled))
                {
                    unit.Activation.Drop();
                    unsettled.Add(unit);
                    unit.Resolve(Fate.InDoubt);
                }

                asked.ForEach(c => c.Resolve(false));
                return false;
            }

            batch.Clear();
            lock (this.gate)
            {
                this.spare = batch;
            }
        }
    }

    private List<Unit> TakeBatch(out List<Confirmation> asked)
    {
        lock (this.gate)
        {
            // Never the list that others still add to: what is asked after the batch was sent must wait for the next round trip.
            asked = this.confirmations;
            this.confirmations = [];

            List<Unit> batch = this.queue;

            // At most half of what is under way: while the store writes one half, the callers of the other get their replies and
            // come back. With all in one batch, store and turns would wait for each other.
            int half = (batch.Count + (this.committed?.Count ?? 0) + 1) / 2;
            int rowsMax = Math.Min(options.MaxBatchRows, Math.Max(SmallBatchRows, half));
            int rows = 0;
            int take = 0;
            while (take < batch.Count && (take == 0 || rows + batch[take].Rows.Length <= rowsMax))
            {
                rows += batch[take++].Rows.Length;
            }

            List<Unit> rest = this.spare;
            rest.Clear();
            if (take < batch.Count)
            {
                rest.AddRange(batch.GetRange(take, batch.Count - take));
                batch.RemoveRange(take, batch.Count - take);
            }

            this.queue = rest;
            this.unitsSince = time.GetTimestamp();
            this.spare = [];
            return batch;
        }
    }
}
