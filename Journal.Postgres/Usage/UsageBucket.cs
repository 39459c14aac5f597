namespace OrleansBilling.Journal.Postgres;

/// <summary>What rows add to one bucket of an account.</summary>
/// <param name="start">Its start, in microseconds as PostgreSQL counts them.</param>
internal sealed class UsageBucket(long start)
{
    // Most buckets have one or two.
    private const int FewSums = 8;

    private readonly List<(UsageCombination Combination, UsageSums Sums)> sums = [];
    private Dictionary<UsageCombination, UsageSums>? byCombination;

    /// <summary>Its start.</summary>
    public long Start => start;

    /// <summary>What was added, by combination, in the order in which they came.</summary>
    public IReadOnlyList<(UsageCombination Combination, UsageSums Sums)> Sums => this.sums;

    /// <summary>The sums of a combination.</summary>
    public UsageSums At(in UsageCombination combination)
    {
        if (this.byCombination is { } known)
        {
            if (known.TryGetValue(combination, out UsageSums? found))
            {
                return found;
            }
        }
        else
        {
            foreach ((UsageCombination other, UsageSums its) in this.sums)
            {
                if (other == combination)
                {
                    return its;
                }
            }

            if (this.sums.Count == FewSums)
            {
                this.byCombination = this.sums.ToDictionary(static s => s.Combination, static s => s.Sums);
            }
        }

        UsageSums added = new();
        this.sums.Add((combination, added));
        this.byCombination?.Add(combination, added);
        return added;
    }

    /// <summary>Puts together what finds no room: of the combinations that are new, those that came last.</summary>
    /// <param name="known">The combinations that the bucket has rows for; gets those that are new and found room.</param>
    public void Fold(HashSet<UsageCombination> known)
    {
        (UsageCombination Combination, UsageSums Sums)[] all = [.. this.sums];
        this.sums.Clear();
        this.byCombination = [];
        foreach ((UsageCombination combination, UsageSums its) in all)
        {
            bool hasRoom = combination.Meter.Length == 0 || known.Contains(combination) || known.Count < UsageBatch.CombinationsMax;
            if (hasRoom && combination.Meter.Length > 0)
            {
                known.Add(combination);
            }

            this.At(hasRoom ? combination : combination.ToOther()).Add(its);
        }
    }
}
