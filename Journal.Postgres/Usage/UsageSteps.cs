using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// The steps in which the journal is projected into sums. A step reads rows in the order of their commits, adds them up here and writes
/// sums and cursor in one transaction, unless another host took the step first. A new database, and a restored copy, is first swept
/// account by account. Each account's last row that counted is kept beside its sums: nothing counts twice, and rows that are missing
/// before others are fetched. One step at a time.
/// </summary>
/// <param name="sessions">Opens connections.</param>
internal sealed class UsageSteps(NpgsqlDataSource sessions)
{
    // What bounds a step is memory: so many sums, and those of the portion that was read last.
    private const int WeightMax = 150_000;
    private const int SweepAccounts = 2_000;

    // A host decides only while its clock is so near to PostgreSQL's.
    private const long ClockErrorNanos = 500_000_000;
    private const string NoGrain = "";

    private readonly UsageCompleteness completeness = new();
    private readonly UsageStates states = new();
    private readonly UsageSink sink = new();

    // The last step that this host wrote, and the last that it saw.
    private long ownStep;
    private long seenStep;
    private long rowsAdded;

    /// <summary>How many rows of a step are read at once.</summary>
    public int PortionRows { get; set; } = 100_000;

    /// <summary>How many rows this host added to the sums.</summary>
    public long RowsAdded => Interlocked.Read(ref this.rowsAdded);

    /// <summary>All that was acknowledged before is in the sums, as far as this host has seen, in nanos since the Unix epoch; null while it has not.</summary>
    public long? AsOfNanos => this.completeness.AsOfNanos;

    /// <summary>Takes a step.</summary>
    /// <param name="rowsMax">How many rows it adds at most.</param>
    /// <param name="yields">Whether to leave it to another host that took the last one, as long as it goes on.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="JournalUnavailableException">The database cannot be asked.</exception>
    public async Task<UsageProgress> TakeAsync(int rowsMax, bool yields, CancellationToken ct)
    {
        try
        {
            await using NpgsqlConnection session = await sessions.OpenConnectionAsync(ct);
            UsageSource source = new(session);
            UsageMoment moment = await source.ReadMomentAsync(ct);
            if (moment.Position is not { } start || start.DatabaseId != moment.DatabaseId)
            {
                this.completeness.Forget();
                await UsageSink.StartAsync(session, moment.Xmin, ct);
                return new UsageProgress(true, 0, null, PgTime.ToNanos(moment.NowMicros));
            }

            bool isOthers = start.Step != this.seenStep && start.Step != this.ownStep;
            this.seenStep = start.Step;
            if (yields && isOthers)
            {
                return this.Progress(false, 0, start, start, null, moment);
            }

            return start.Sweep is { } done
                ? await this.SweepAsync(session, source, moment, start, done, Math.Min(rowsMax, this.PortionRows), ct)
                : await this.FollowAsync(session, source, moment, start, rowsMax, ct);
        }
        catch (Exception e) when (ServerErrors.IsOutage(e) && !ct.IsCancellationRequested)
        {
            throw ServerErrors.Unavailable(e);
        }
    }

    // In commit order.
    private async Task<UsageProgress> FollowAsync(NpgsqlConnection session, UsageSource source, UsageMoment moment, UsagePosition start, int rowsMax, CancellationToken ct)
    {
        UsageBatch batch = new();
        int portion = Math.Min(rowsMax, this.PortionRows);
        ulong until = start.Tx;
        bool isAll = until >= moment.Xmin;
        for (long rows = 0; !isAll && rows + portion <= rowsMax && batch.Weight < WeightMax;)
        {
            (long count, ulong last) = await source.ReadBoundaryAsync(until, moment.Xmin, portion, ct);
            isAll = count < portion;
            if (!isAll)
            {
                // Before they are read once more.
                await source.SummarizeAsync(ct);
            }

            ulong end = isAll ? moment.Xmin : last + 1;
            if (count > 0)
            {
                await source.ReadRowsAsync(until, end, batch, ct);
            }

            rows += count;
            until = end;
        }

        if (batch.IsEmpty && isAll)
        {
            return this.Progress(false, 0, start, start, this.completeness.Reached(moment.Xmin, moment), moment);
        }

        await this.CompleteAsync(source, batch, start, ct);

        // Whatever is not in it got its number after the newest row in it was decided, and was acknowledged later still.
        long? asOf = UsageCompleteness.Later(
            this.completeness.Reached(until, moment), batch.NewestAtNanos > 0 ? PgTime.FromNanos(batch.NewestAtNanos - ClockErrorNanos) : null);
        UsagePosition to = start.Next(moment) with { Tx = until, AsOfMicros = UsageCompleteness.Later(asOf, start.AsOfMicros) };
        bool isWritten = await this.WriteAsync(session, source, start, to, batch, ct);
        return isWritten
            ? this.Progress(!isAll, batch.Rows, start, to, asOf, moment)
            : this.Progress(true, 0, start, start, null, moment) with { IsLost = true };
    }

    // Account by account, each from its last row that counted to the last one there is.
    private async Task<UsageProgress> SweepAsync(
        NpgsqlConnection session, UsageSource source, UsageMoment moment, UsagePosition start, string done, int rowsMax, CancellationToken ct)
    {
        List<string> accounts = await source.ReadAccountsAsync(done == NoGrain ? GrainId.AccountKind + "/" : done, SweepAccounts, ct);
        Dictionary<string, UsageAccount> known = await source.ReadStatesAsync(accounts, ct);
        UsageBatch batch = new();
        int rows = await source.ReadRowsAsync([.. accounts.Select(a => (a, known.GetValueOrDefault(a)?.Seq ?? 0, long.MaxValue))], rowsMax, batch, ct);
        await this.CompleteAsync(source, batch, start, ct);

        // Where there may be more rows, the same accounts come again.
        string? sweep = rows == rowsMax ? done : accounts.Count == SweepAccounts ? GrainId.Account(accounts[^1]).Path : null;
        UsagePosition to = start.Next(moment) with { Sweep = sweep };
        bool isWritten = await this.WriteAsync(session, source, start, to, batch, ct);
        return this.Progress(true, isWritten ? batch.Rows : 0, start, isWritten ? to : start, null, moment) with { IsLost = !isWritten };
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

    private async Task<bool> WriteAsync(
        NpgsqlConnection session, UsageSource source, UsagePosition start, UsagePosition to, UsageBatch batch, CancellationToken ct)
    {
        // In the order of their ids, as they lie in the tables' indexes.
        UsageAccountBatch[] accounts = [.. batch.Accounts];
        Array.Sort(accounts, static (a, b) => string.CompareOrdinal(a.Account, b.Account));
        UsageTotals totals = new();
        foreach (UsageAccountBatch account in accounts)
        {
            account.End();
            foreach (UsageBucket bucket in account.Buckets)
            {
                totals.Add(account, bucket);
                if (!account.State.TryTake(bucket))
                {
                    account.State.Take(bucket, bucket.Fold(await source.ReadCombinationsAsync(account.Account, bucket.Start, ct)));
                }
            }

            totals.End(account);
        }

        totals.End();
        if (!await this.sink.WriteAsync(session, start, to, accounts, totals, ct))
        {
            return false;
        }

        this.states.Keep(accounts, to);
        this.ownStep = to.Step;
        Interlocked.Add(ref this.rowsAdded, batch.Rows);
        return true;
    }

    private UsageProgress Progress(bool more, int rows, UsagePosition start, UsagePosition at, long? reachedMicros, UsageMoment moment)
    {
        this.completeness.End(start, at, reachedMicros);
        return new UsageProgress(more, rows, this.completeness.AsOfNanos, PgTime.ToNanos(moment.NowMicros));
    }
}
