using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Projects the journal into sums by account and hour, in steps that any number of hosts may take. A step reads rows in the order
/// of their commits, adds them up here and writes sums and cursor in one transaction, unless another host took the step first. A
/// new database, and a restored copy, is first swept account by account. Each account's last row that counted is kept beside its
/// sums: nothing counts twice, and rows that are missing before others are fetched.
/// </summary>
public sealed class UsageProjector : IDisposable
{
    private const int StepRows = 200_000;

    // Whoever waits for an answer takes small steps.
    private const int CatchUpRows = 5_000;
    private const int SweepAccounts = 2_000;

    // A host decides only while its clock is so near to PostgreSQL's.
    private const long ClockErrorNanos = 500_000_000;
    private const string NoGrain = "";

    // Fewer rows do not fill a block range.
    private const int SummarizeRows = 5_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly NpgsqlDataSource sessions;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turn = new(1);

    // What was seen to be complete without that a step had to be written.
    private volatile Completeness? seen;

    // The moment that is to be reached next.
    private UsageMoment? mark;

    // The last step that this host wrote, and the last that it saw.
    private long ownStep;
    private long seenStep;
    private long rowsAdded;

    private readonly UsageStates states = new();

    internal UsageProjector(NpgsqlDataSource sessions, TimeProvider time)
    {
        this.sessions = sessions;
        this.time = time;
    }

    /// <summary>How many rows this host added to the sums.</summary>
    public long RowsAdded => Interlocked.Read(ref this.rowsAdded);

    /// <summary>All that was acknowledged before is in the sums, as far as this host has seen, in nanos since the Unix epoch; null while it has not.</summary>
    public long? AsOfNanos => this.seen is { } last ? PgTime.ToNanos(last.AsOfMicros) : null;

    /// <summary>Takes a step.</summary>
    /// <param name="yields">Whether to leave it to another host that took the last one, as long as it goes on.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<UsageProgress> ProjectAsync(bool yields, CancellationToken ct)
    {
        await this.turn.WaitAsync(ct);
        try
        {
            return await this.StepAsync(StepRows, yields, ct);
        }
        finally
        {
            this.turn.Release();
        }
    }

    /// <summary>
    /// Takes steps until all that was acknowledged before the call is in the sums, or for some time: a host that is busy, or a long
    /// transaction anywhere on the server, may keep rows back.
    /// </summary>
    /// <param name="patience">How long it may go on; a step that was begun is ended.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Up to when the sums are complete, in nanos since the Unix epoch; null while that is not known.</returns>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<long?> CatchUpAsync(TimeSpan patience, CancellationToken ct)
    {
        long began = this.time.GetTimestamp();
        long? wanted = null;
        while (true)
        {
            TimeSpan left = patience - this.time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !await this.turn.WaitAsync(left, ct))
            {
                // Another one's long step is under way.
                return this.AsOfNanos;
            }

            UsageProgress progress;
            try
            {
                progress = await this.StepAsync(CatchUpRows, false, ct);
            }
            finally
            {
                this.turn.Release();
            }

            wanted ??= progress.NowNanos;
            if (progress.AsOfNanos >= wanted || this.time.GetElapsedTime(began) >= patience)
            {
                return progress.AsOfNanos;
            }

            if (!progress.More)
            {
                await Task.Delay(Pause, this.time, ct);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => this.turn.Dispose();

    internal async Task<UsageProgress> StepAsync(int rowsMax, bool yields, CancellationToken ct)
    {
        try
        {
            await using NpgsqlConnection session = await this.sessions.OpenConnectionAsync(ct);
            UsageSource source = new(session);
            UsageSink sink = new(session);
            UsageMoment moment = await source.ReadMomentAsync(ct);
            if (moment.Position is not { } start || start.DatabaseId != moment.DatabaseId)
            {
                this.seen = null;
                await sink.StartAsync(moment.Xmin, ct);
                return new UsageProgress(true, 0, null, PgTime.ToNanos(moment.NowMicros));
            }

            bool isOthers = start.Step != this.seenStep && start.Step != this.ownStep;
            this.seenStep = start.Step;
            if (yields && isOthers)
            {
                return this.Progress(false, 0, start, null, moment);
            }

            return start.Sweep is { } done
                ? await this.SweepAsync(source, sink, moment, start, done, rowsMax, ct)
                : await this.FollowAsync(source, sink, moment, start, rowsMax, ct);
        }
        catch (Exception e) when (ServerErrors.IsOutage(e) && !ct.IsCancellationRequested)
        {
            throw ServerErrors.Unavailable(e);
        }
    }

    // In commit order.
    private async Task<UsageProgress> FollowAsync(UsageSource source, UsageSink sink, UsageMoment moment, UsagePosition start, int rowsMax, CancellationToken ct)
    {
        (long count, ulong middle) = moment.Xmin > start.Tx ? await source.ReadBoundaryAsync(start.Tx, moment.Xmin, rowsMax, ct) : (0, start.Tx);
        if (count == 0)
        {
            return this.Progress(false, 0, start, this.CompleteTo(moment.Xmin, moment), moment);
        }

        bool isAll = count < rowsMax;
        ulong until = isAll ? moment.Xmin : middle + 1;
        UsageBatch batch = new();
        await source.ReadRowsAsync(start.Tx, until, batch, ct);
        await this.CompleteAsync(source, batch, start, ct);

        // Whatever is not in it got its number after the newest row in it was decided, and was acknowledged later still.
        long? asOf = Later(this.CompleteTo(until, moment), batch.NewestAtNanos > 0 ? PgTime.FromNanos(batch.NewestAtNanos - ClockErrorNanos) : null);
        UsagePosition to = start with { Tx = until, AsOfMicros = Later(asOf, start.AsOfMicros) };
        bool written = await this.WriteAsync(source, sink, start, to, batch, ct);
        if (count > SummarizeRows)
        {
            await source.SummarizeAsync(ct);
        }

        return this.Progress(!written || !isAll, written ? batch.Accounts.Sum(static a => a.Rows) : 0, start, written ? asOf : null, moment);
    }

    // Account by account, each from its last row that counted to the last one there is.
    private async Task<UsageProgress> SweepAsync(
        UsageSource source, UsageSink sink, UsageMoment moment, UsagePosition start, string done, int rowsMax, CancellationToken ct)
    {
        List<string> accounts = await source.ReadAccountsAsync(done == NoGrain ? GrainId.AccountKind + "/" : done, SweepAccounts, ct);
        Dictionary<string, UsageAccount> known = await source.ReadStatesAsync(accounts, ct);
        UsageBatch batch = new();
        int rows = await source.ReadRowsAsync([.. accounts.Select(a => (a, known.GetValueOrDefault(a)?.Seq ?? 0, long.MaxValue))], rowsMax, batch, ct);
        await this.CompleteAsync(source, batch, start, ct);

        // Where there may be more rows, the same accounts come again.
        string? sweep = rows == rowsMax ? done : accounts.Count == SweepAccounts ? GrainId.Account(accounts[^1]).Path : null;
        bool written = await this.WriteAsync(source, sink, start, start with { Sweep = sweep }, batch, ct);
        return this.Progress(true, written ? batch.Accounts.Sum(static a => a.Rows) : 0, start, null, moment);
    }

    // Where the accounts stand, what has to be read again for that, and what reversals are of.
    private async Task CompleteAsync(UsageSource source, UsageBatch batch, UsagePosition start, CancellationToken ct)
    {
        await this.states.ReadAsync(source, batch.Accounts, start, ct);
        if (batch.Begin(this.states.All) is { Count: > 0 } again)
        {
            await source.ReadRowsAsync(again, int.MaxValue, batch, ct);
            batch.DropEmpty();
        }

        if (batch.ReversedCharges is { Count: > 0 } charges)
        {
            batch.AddReversals(await source.ReadChargesAsync(charges, ct));
        }
    }

    private async Task<bool> WriteAsync(UsageSource source, UsageSink sink, UsagePosition start, UsagePosition to, UsageBatch batch, CancellationToken ct)
    {
        // In the order of their ids, as they lie in the tables' indexes. States are right again once the step is written.
        UsageAccountBatch[] accounts = [.. batch.Accounts.OrderBy(static a => a.Account, StringComparer.Ordinal)];
        this.states.Forget();
        UsageTotals totals = new();
        foreach (UsageAccountBatch account in accounts)
        {
            UsageAccount state = account.State;
            account.End();
            foreach (UsageBucket bucket in account.Buckets)
            {
                totals.Add(account, bucket);
                bool isKnown = bucket.Start == state.Bucket;
                int before = isKnown ? state.Combinations : 0;
                state.Combinations = before + bucket.Sums.Count;
                if (state.Combinations > UsageBatch.CombinationsMax)
                {
                    // Combinations that come again were counted again: now the rows are.
                    HashSet<UsageCombination> known = isKnown ? await source.ReadCombinationsAsync(account.Account, bucket.Start, ct) : [];
                    bucket.Fold(known);
                    state.Combinations = known.Count;
                }

                state.Bucket = bucket.Start;
            }

            totals.End(account);
        }

        if (!await sink.WriteAsync(start, to, accounts, totals, ct))
        {
            return false;
        }

        this.states.Keep(accounts, start.Step + 1);
        this.ownStep = start.Step + 1;
        Interlocked.Add(ref this.rowsAdded, accounts.Sum(static a => a.Rows));
        return true;
    }

    // What was acknowledged before a moment has a smaller number than the next that is given out at that moment.
    private long? CompleteTo(ulong tx, UsageMoment moment)
    {
        long? complete = null;
        if (this.mark is { } before && before.DatabaseId == moment.DatabaseId && tx >= before.Xmax)
        {
            complete = before.NowMicros;
            this.mark = null;
        }

        if (tx >= moment.Xmax)
        {
            return moment.NowMicros;
        }

        this.mark ??= moment;
        return complete;
    }

    private UsageProgress Progress(bool more, int rows, UsagePosition start, long? asOfMicros, UsageMoment moment)
    {
        if (start.Sweep is not null)
        {
            this.seen = null;
            return new UsageProgress(more, rows, null, PgTime.ToNanos(moment.NowMicros));
        }

        long? known = this.seen is { } before && before.DatabaseId == start.DatabaseId && before.Step <= start.Step ? before.AsOfMicros : null;
        long? asOf = Later(Later(asOfMicros, start.AsOfMicros), known);
        this.seen = asOf is { } found ? new Completeness(start.DatabaseId, start.Step, found) : null;
        return new UsageProgress(more, rows, asOf is { } micros ? PgTime.ToNanos(micros) : null, PgTime.ToNanos(moment.NowMicros));
    }

    private static long? Later(long? a, long? b) => a is null ? b : b is null ? a : Math.Max(a.Value, b.Value);

    private sealed record Completeness(Guid DatabaseId, long Step, long AsOfMicros);
}
