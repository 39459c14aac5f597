using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;
using OrleansBilling.Json;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>
/// Finishes from the journal what a crash left between an account that recorded a key and the key's proof. A key that cannot be
/// finished is told of and tried again, less and less often, while the others go on; until it is done the place kept in the
/// database stays before it, so that the next start begins there.
/// </summary>
/// <param name="issuer">Makes sure of proofs; repeats do no harm.</param>
/// <param name="outbox">What the journal has recorded, in commit order.</param>
/// <param name="time">Paces the loop.</param>
/// <param name="log">Where trouble is told of.</param>
internal sealed class KeyOutbox(KeyIssuer issuer, Outbox outbox, TimeProvider time, ILogger<KeyOutbox> log)
{
    private const string CursorName = "key-proofs";
    private const string KeyCreatedType = "key_created";
    private const int BatchSize = 100;

    // With so many left there is more wrong than keys: reading on would only fill the memory.
    private const int MaxLeft = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // In the order of the journal.
    private readonly List<Left> left = [];
    private OutboxPosition? read;
    private OutboxPosition? saved;

    /// <summary>Goes on until it is cancelled.</summary>
    /// <param name="ct">Ends the loop.</param>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await this.DrainAsync(ct);
                await Task.Delay(Interval, time, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Finishes all that is left now, or as much as can be; what goes wrong is told to the log.</summary>
    /// <param name="ct">Gives up.</param>
    public async Task DrainAsync(CancellationToken ct)
    {
        try
        {
            this.read ??= this.saved = await outbox.ReadCursorAsync(CursorName, ct);
            await this.TryLeftAgainAsync(ct);
            while (this.left.Count < MaxLeft && await outbox.ReadSideEffectsAsync(this.read, BatchSize, ct) is { Count: > 0 } effects)
            {
                foreach (SideEffect effect in effects)
                {
                    await this.TakeAsync(effect, this.read, ct);
                    this.read = effect.Position;
                }

                await this.SaveAsync(ct);
            }

            await this.SaveAsync(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Whatever it is: keys that wait for their proof must not wait for a restart of the host.
            log.OutboxNotRead(e.Message);
        }
    }

    private async Task TryLeftAgainAsync(CancellationToken ct)
    {
        foreach (Left key in this.left.Where(k => time.GetElapsedTime(k.TriedAt) >= k.Pause).ToArray())
        {
            if (await this.FinishAsync(key.Row, ct) is not { } reason)
            {
                this.left.Remove(key);
                log.ProofRecordedAtLast(key.Row.Grain, key.Row.Seq);
                continue;
            }

            key.TriedAt = time.GetTimestamp();
            key.Pause = key.Pause * 2 < LongestPause ? key.Pause * 2 : LongestPause;
            log.ProofNotRecorded(key.Row.Grain, key.Row.Seq, reason, key.Pause.TotalSeconds);
        }
    }

    private async Task TakeAsync(SideEffect effect, OutboxPosition before, CancellationToken ct)
    {
        if (await this.FinishAsync(effect.Row, ct) is { } reason)
        {
            this.left.Add(new Left(effect.Row, before) { TriedAt = time.GetTimestamp(), Pause = Interval });
            log.ProofNotRecorded(effect.Row.Grain, effect.Row.Seq, reason, Interval.TotalSeconds);
        }
    }

    private async Task SaveAsync(CancellationToken ct)
    {
        OutboxPosition done = this.left.Count == 0 ? this.read! : this.left[0].Before;
        if (done != this.saved)
        {
            await outbox.SaveCursorAsync(CursorName, done, ct);
            this.saved = done;
        }
    }

    // Null when nothing is left to do for this row, otherwise why it could not be done.
    private async Task<string?> FinishAsync(JournalRow row, CancellationToken ct)
    {
        if (row.Type != KeyCreatedType)
        {
            return null;
        }

        try
        {
            KeyCreated created = (KeyCreated)EventJson.Read(row.Type, row.Data);
            Reply reply = await issuer.IssueAsync(row.Grain.Key, created, ct);
            return reply.Outcome is Outcome.Accepted or Outcome.KeyExists ? null : $"{reply.Outcome} {(reply as Denied)?.Detail}".TrimEnd();
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            return e.Message;
        }
    }

    private sealed class Left(JournalRow row, OutboxPosition before)
    {
        public JournalRow Row => row;

        /// <summary>The place before this row: all up to it is done.</summary>
        public OutboxPosition Before => before;

        public long TriedAt { get; set; }

        public TimeSpan Pause { get; set; }
    }
}
