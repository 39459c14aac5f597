using System.Runtime.InteropServices;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What rows of one account add.</summary>
/// <param name="account">Its id.</param>
internal sealed class UsageAccountBatch(string account)
{
    private UsageBucket? last;

    /// <summary>Its id.</summary>
    public string Account => account;

    /// <summary>Its rows.</summary>
    public List<UsageRow> Rows { get; } = [];

    /// <summary>Where it stands; after the rows were added, where it stands then, but for what <see cref="UsageBucket.Fold"/> counts.</summary>
    public UsageAccount State { get; set; } = new();

    /// <summary>The status that it had before; empty where it was not open.</summary>
    public string StatusBefore { get; private set; } = "";

    /// <summary>The hour in which it was opened, where one of the rows did that.</summary>
    public long? OpenedAt { get; set; }

    /// <summary>What was added, by bucket.</summary>
    public List<UsageBucket> Buckets { get; } = [];

    /// <summary>Whether one of the rows counts.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Puts the rows in order, and says whether those that have not counted follow those that have, without a gap.</summary>
    public bool Order()
    {
        this.StatusBefore = this.State.Status;
        bool isSorted = true;
        for (int i = 1; i < this.Rows.Count && isSorted; i++)
        {
            isSorted = this.Rows[i - 1].Seq < this.Rows[i].Seq;
        }

        if (!isSorted)
        {
            this.Rows.Sort(static (a, b) => a.Seq.CompareTo(b.Seq));
        }

        long expected = this.State.Seq;
        foreach (UsageRow row in this.Rows)
        {
            if (row.Seq > expected && row.Seq != ++expected)
            {
                return false;
            }
        }

        this.IsNew = expected > this.State.Seq;
        return true;
    }

    /// <summary>Puts the buckets in order: those of reversals came last.</summary>
    public void End() => this.Buckets.Sort(static (a, b) => a.Start.CompareTo(b.Start));

    /// <summary>Takes the rows that were missing; some may not be there any more.</summary>
    public void Complete(IEnumerable<UsageRow> rows)
    {
        this.Rows.Clear();
        this.Rows.AddRange(rows);
        this.IsNew = this.Rows.Count > 0;
    }

    /// <summary>All that was added.</summary>
    public UsageSums Total()
    {
        UsageSums total = new();
        foreach (UsageBucket bucket in this.Buckets)
        {
            foreach (UsageSums sums in bucket.Sums.Values)
            {
                total.Add(sums);
            }
        }

        return total;
    }

    /// <summary>The sums of a combination in a bucket.</summary>
    public UsageSums At(long start, in UsageCombination combination)
    {
        if (this.last?.Start != start)
        {
            this.last = this.Buckets.Find(b => b.Start == start);
            if (this.last is null)
            {
                this.Buckets.Add(this.last = new UsageBucket(start));
            }
        }

        return this.last.At(combination);
    }
}

/// <summary>What rows add to one bucket of an account.</summary>
/// <param name="start">Its start, in microseconds as PostgreSQL counts them.</param>
internal sealed class UsageBucket(long start)
{
    private readonly Dictionary<UsageCombination, UsageSums> sums = [];

    /// <summary>Its start.</summary>
    public long Start => start;

    /// <summary>What was added, by combination.</summary>
    public IReadOnlyDictionary<UsageCombination, UsageSums> Sums => this.sums;

    /// <summary>The sums of a combination.</summary>
    public UsageSums At(in UsageCombination combination)
    {
        ref UsageSums? found = ref CollectionsMarshal.GetValueRefOrAddDefault(this.sums, combination, out _);
        return found ??= new UsageSums();
    }

    /// <summary>Puts together what finds no room: of the combinations that are new, those that came last.</summary>
    /// <param name="known">The combinations that the bucket has rows for; gets those that are new and found room.</param>
    public void Fold(HashSet<UsageCombination> known)
    {
        foreach (UsageCombination combination in this.sums.Keys.ToArray())
        {
            if (combination.Meter.Length == 0 || known.Contains(combination))
            {
                continue;
            }

            if (known.Count < UsageBatch.CombinationsMax)
            {
                known.Add(combination);
            }
            else
            {
                this.sums.Remove(combination, out UsageSums? without);
                this.At(combination.ToOther()).Add(without!);
            }
        }
    }
}
