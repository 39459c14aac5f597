namespace OrleansBilling.Journal.Postgres;

/// <summary>Up to which moment the sums are complete, as far as this host has seen.</summary>
internal sealed class UsageCompleteness
{
    // What was seen without that a step had to be written; of the step that was the last one then.
    private volatile Seen? seen;

    // The moment that is to be reached next.
    private UsageMoment? mark;

    /// <summary>All that was acknowledged before is in the sums, in nanos since the Unix epoch; null while that is not known.</summary>
    public long? AsOfNanos => this.seen is { } last ? PgTime.ToNanos(last.AsOfMicros) : null;

    /// <summary>Forgets what was seen.</summary>
    public void Forget() => this.seen = null;

    /// <summary>What is known where all transactions up to a number are in the sums: what was acknowledged before a moment has a smaller number than the next that is given out at that moment.</summary>
    /// <param name="tx">The number.</param>
    /// <param name="moment">The moment at which the step began.</param>
    /// <returns>In microseconds as PostgreSQL counts them; null where nothing is known.</returns>
    public long? Reached(ulong tx, UsageMoment moment)
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

    /// <summary>Takes what a step has come to.</summary>
    /// <param name="start">Where it began: what was seen of another step, or of one that the server lost in a crash, says nothing.</param>
    /// <param name="at">Where the sums are now.</param>
    /// <param name="reachedMicros">What is known besides.</param>
    public void End(UsagePosition start, UsagePosition at, long? reachedMicros)
    {
        long? before = this.seen is { } known && known.DatabaseId == start.DatabaseId && known.Step == start.Step ? known.AsOfMicros : null;
        long? asOf = at.Sweep is null ? Later(Later(reachedMicros, at.AsOfMicros), before) : null;
        this.seen = asOf is { } found ? new Seen(at.DatabaseId, at.Step, found) : null;
    }

    /// <summary>The later one.</summary>
    public static long? Later(long? a, long? b) => a is null ? b : b is null ? a : Math.Max(a.Value, b.Value);

    private sealed record Seen(Guid DatabaseId, long Step, long AsOfMicros);
}
