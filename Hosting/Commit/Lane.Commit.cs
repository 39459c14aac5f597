using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Turns;

namespace OrleansBilling.Hosting.Commit;

/// <summary>Sending one batch: what the journal refuses leaves alone, the rest goes again as it was.</summary>
internal sealed partial class Lane
{
    private readonly Dictionary<string, int> refusedInARow = new(StringComparer.Ordinal);

    // Committed, and not told yet: the next batch goes out first, so that the store has work while replies are given.
    private List<Unit>? committed;

    private static readonly Comparison<Unit> ByGrainAndSeq = (x, y) =>
    {
        string left = x.Activation.Id.Path;
        string right = y.Activation.Id.Path;
        int order = ReferenceEquals(left, right) ? 0 : string.CompareOrdinal(left, right);
        return order != 0 ? order : x.Rows[0].Seq.CompareTo(y.Rows[0].Seq);
    };

    // Those who asked for a confirmation wait for the batch, too.
    private async Task CommitAsync(IJournalWriter writer, List<Unit> batch, List<Confirmation> asked)
    {
        TimeSpan wait = time.GetElapsedTime(batch[0].WaitsSince);
        if (asked.Count > 0 && time.GetElapsedTime(asked[0].WaitsSince) is var askedWait && askedWait > wait)
        {
            wait = askedWait;
        }

        TimeSpan left = this.answerTime - wait;
        batch.Sort(ByGrainAndSeq);
        await this.CommitSortedAsync(writer, [.. batch], new BatchTime(time, left < options.CommitTime ? left : options.CommitTime));
    }

    private async Task CommitSortedAsync(IJournalWriter writer, List<Unit> units, BatchTime clock)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(5);
        while (true)
        {
            units = this.WithoutDropped(units);
            if (units.Count == 0)
            {
                return;
            }

            if (!clock.AllowsOneMore(TimeSpan.Zero))
            {
                this.Abandon(units, "what was sent before them took too long.");
                return;
            }

            switch (await this.AppendAsync(writer, units, clock))
            {
                case AppendResult.Committed:
                    this.committed = units;
                    return;

                case AppendResult.Refused refused:
                    int before = units.Count;
                    units = this.WithoutRefused(units, refused.Refusals);
                    if (units.Count == before)
                    {
                        throw new InvalidOperationException("The journal refused a batch and named no grain of it.");
                    }

                    break;

                case AppendResult.Rejected rejected:
                    await this.BisectAsync(writer, units, rejected.Reason, clock);
                    return;

                case AppendResult.Passing passing when clock.AllowsOneMore(pause):
                    Log.Retrying(logger, number, passing.Reason);
                    await Task.Delay(pause, time);
                    pause *= 2;
                    break;

                case AppendResult.Passing passing:
                    this.Abandon(units, passing.Reason);
                    return;

                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
    }

    private async Task<AppendResult> AppendAsync(IJournalWriter writer, List<Unit> units, BatchTime clock)
    {
        List<JournalRow> rows = new(units.Count);
        foreach (Unit unit in units)
        {
            rows.AddRange(unit.Rows);
        }

        long began = time.GetTimestamp();
        using CancellationTokenSource limit = new(clock.Left, time);
        try
        {
            Task<AppendResult> sent = writer.AppendAsync(rows, limit.Token);
            this.CompleteCommitted();
            AppendResult result = await sent;
            clock.Count(began);
            if (result is AppendResult.Committed)
            {
                options.Metrics.OnCommit?.Invoke(rows.Count, time.GetElapsedTime(began));
            }

            return result;
        }
        catch (OperationCanceledException e)
        {
            throw new JournalInDoubtException($"A commit of {rows.Count} rows took {time.GetElapsedTime(began).TotalSeconds:0.0} s without an answer.", e);
        }
    }

    // Rows of a dropped activation leave before the next batch: they were decided on what is no longer true.
    private List<Unit> WithoutDropped(List<Unit> units)
    {
        if (!units.Exists(u => u.Activation.Dropped))
        {
            return units;
        }

        List<Unit> rest = [];
        foreach (Unit unit in units)
        {
            if (unit.Activation.Dropped)
            {
                this.Settle(unit);
                unit.Resolve(Fate.Dropped);
            }
            else
            {
                rest.Add(unit);
            }
        }

        return rest;
    }

    private List<Unit> WithoutRefused(List<Unit> units, IReadOnlyList<Refusal> refusals)
    {
        ILookup<string, string?> byGrain = refusals.ToLookup(r => r.Grain.Path, r => r.RequestId, StringComparer.Ordinal);
        List<Unit> rest = [];
        foreach (Unit unit in units)
        {
            string grain = unit.Activation.Id.Path;
            if (!byGrain.Contains(grain))
            {
                rest.Add(unit);
                continue;
            }

            unit.Activation.Drop();
            this.Settle(unit);
            bool repeated = unit.RequestId is not null && byGrain[grain].Contains(unit.RequestId, StringComparer.Ordinal);
            unit.Resolve(repeated ? Fate.RepeatedId : Fate.Dropped);
            if (repeated)
            {
                options.Metrics.CountRepeated();
                this.OnRepeatedId(unit.Activation.Id);
            }
        }

        foreach (Refusal fenced in refusals.Where(r => r.RequestId is null).DistinctBy(r => r.Grain))
        {
            Log.Fenced(logger, fenced.Grain);
            options.Metrics.CountRefused();
            this.OnRefused(fenced.Grain);
            int inARow = this.refusedInARow.GetValueOrDefault(fenced.Grain.Path) + 1;
            this.refusedInARow[fenced.Grain.Path] = inARow;
            if (inARow >= 2)
            {
                this.OnRefusedAgain(fenced.Grain);
            }
        }

        return rest;
    }

    private async Task BisectAsync(IJournalWriter writer, List<Unit> units, string reason, BatchTime clock)
    {
        int middle = units.Count / 2;
        while (middle < units.Count && middle > 0 && ReferenceEquals(units[middle].Activation, units[middle - 1].Activation))
        {
            middle++;
        }

        if (middle == units.Count)
        {
            middle = units.FindIndex(u => ReferenceEquals(u.Activation, units[^1].Activation));
        }

        if (middle == 0)
        {
            this.Abandon(units, reason);
            return;
        }

        await this.CommitSortedAsync(writer, units.GetRange(0, middle), clock);
        await this.CommitSortedAsync(writer, units.GetRange(middle, units.Count - middle), clock);
    }

    private void Abandon(List<Unit> units, string reason)
    {
        Log.Abandoned(logger, number, units.Count, units[0].Activation.Id, reason);
        foreach (Unit unit in units)
        {
            unit.Activation.Drop();
            this.Settle(unit);
            unit.Resolve(Fate.Unwritten);
        }
    }

    // What waited too long behind others is not sent at all: half of the time is left for what a commit may take when all is slow.
    private void AbandonLate(List<Unit> batch)
    {
        int late = 0;
        while (late < batch.Count && time.GetElapsedTime(batch[late].WaitsSince) > this.answerTime / 2)
        {
            late++;
        }

        if (late > 0)
        {
            this.Abandon(batch.GetRange(0, late), "they waited too long behind others.");
            batch.RemoveRange(0, late);
        }
    }

    private void CompleteCommitted()
    {
        if (this.committed is not { } units)
        {
            return;
        }

        this.committed = null;
        this.Commits++;
        for (int i = 0; i < units.Count;)
        {
            Activation activation = units[i].Activation;
            int first = i;
            while (i < units.Count && ReferenceEquals(units[i].Activation, activation))
            {
                Unit unit = units[i++];
                unit.TrySettle();
                this.CommittedRows += unit.Rows.Length;
                if (unit.Snapshot is not null)
                {
                    this.OnSnapshot(unit.Snapshot);
                }
            }

            JournalRow last = units[i - 1].Rows[^1];
            activation.DurableSeq = last.Seq;
            activation.DurableHash = last.Hash;
            activation.Settle(i - first);
            Interlocked.Add(ref this.reserved, first - i);
            if (this.refusedInARow.Count > 0)
            {
                this.refusedInARow.Remove(activation.Id.Path);
            }
        }

        foreach (Unit unit in units)
        {
            unit.Resolve(Fate.Durable);
        }
    }
}
