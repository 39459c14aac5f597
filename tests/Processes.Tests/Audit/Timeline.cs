namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>
/// What was known of one account when: the newest row that an answer had shown by a moment, and the newest that could have been
/// decided by then. Between the two lies what an answer may have been decided on.
/// </summary>
public sealed class Timeline
{
    private readonly List<(long Time, long Seq)> shown = [];
    private readonly List<(long Time, long Seq)> asked = [];
    private readonly long last;

    /// <summary>Makes the timeline of one account.</summary>
    /// <param name="operations">Its operations.</param>
    /// <param name="byId">The rows that answer requests.</param>
    /// <param name="last">The number of its last row.</param>
    public Timeline(IEnumerable<Operation> operations, IReadOnlyDictionary<string, Row> byId, long last)
    {
        this.last = last;
        // A mismatch borrows the id of another operation, and so would its row.
        foreach (Operation operation in operations.Where(o => o.Act != Act.Mismatch))
        {
            Row? row = operation.RequestId is null ? null : byId.GetValueOrDefault(operation.RequestId);
            foreach (Attempt done in operation.Attempts.Where(a => a.Verdict == Verdict.Done))
            {
                this.shown.Add((done.Ended, operation.Act == Act.Read ? done.Number("entry") : row?.Seq ?? 0));
            }

            if (row is not null)
            {
                this.asked.Add((operation.FirstSent, row.Seq));
            }
        }

        this.shown.Sort();
        this.asked.Sort();
        for (int i = 1; i < this.shown.Count; i++)
        {
            this.shown[i] = (this.shown[i].Time, Math.Max(this.shown[i - 1].Seq, this.shown[i].Seq));
        }

        for (int i = this.asked.Count - 2; i >= 0; i--)
        {
            this.asked[i] = (this.asked[i].Time, Math.Min(this.asked[i].Seq, this.asked[i + 1].Seq));
        }
    }

    /// <summary>The newest row that an answer had shown before a moment: whatever is asked after it has to know it (invariant 3).</summary>
    public long KnownBefore(long time)
    {
        int at = FirstAtOrAfter(this.shown, time);
        return at == 0 ? 0 : this.shown[at - 1].Seq;
    }

    /// <summary>The newest row that can have existed at a moment: the one before the oldest that was only asked for afterwards.</summary>
    public long PossibleAt(long time)
    {
        int at = FirstAtOrAfter(this.asked, time);
        return at == this.asked.Count ? this.last : Math.Min(this.last, this.asked[at].Seq - 1);
    }

    private static int FirstAtOrAfter(List<(long Time, long Seq)> points, long time)
    {
        int low = 0;
        int high = points.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (points[middle].Time < time)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
