namespace OrleansBilling.Journal.Postgres;

/// <summary>What rows add to one bucket of an account.</summary>
/// <param name="start">Its start, in microseconds as PostgreSQL counts them.</param>
internal sealed class UsageBucket(long start)
{
    private const int Few = 8;

    // Most have one.
    private readonly List<UsageEntry> entries = new(1);
    private Dictionary<UsageCombination, UsageEntry>? byCombination;

    /// <summary>Its start.</summary>
    public long Start => start;

    /// <summary>What was added, by combination, in the order in which they came.</summary>
    public List<UsageEntry> Entries => this.entries;

    /// <summary>The sums of a combination.</summary>
    public UsageSums At(in UsageCombination combination)
    {
        if (this.byCombination is { } known)
        {
            if (known.TryGetValue(combination, out UsageEntry? found))
            {
                return found;
            }
        }
        else
        {
            foreach (UsageEntry entry in this.entries)
            {
                if (entry.Of == combination)
                {
                    return entry;
                }
            }

            if (this.entries.Count == Few)
            {
                this.byCombination = this.entries.ToDictionary(static e => e.Of);
            }
        }

        UsageEntry added = new(combination);
        this.entries.Add(added);
        this.byCombination?.Add(combination, added);
        return added;
    }

    /// <summary>Puts together what finds no room: of the combinations that are new, those that came last.</summary>
    /// <param name="known">The combinations that the bucket has rows for; gets those that are new and found room.</param>
    /// <returns>How many combinations it has then.</returns>
    public int Fold(HashSet<UsageCombination> known)
    {
        UsageEntry[] all = [.. this.entries];
        this.entries.Clear();
        this.byCombination = [];
        foreach (UsageEntry entry in all)
        {
            UsageCombination combination = entry.Of;
            bool hasRoom = combination.Meter.Length == 0 || known.Contains(combination) || known.Count < UsageBatch.CombinationsMax;
            if (hasRoom && combination.Meter.Length > 0)
            {
                known.Add(combination);
            }

            this.At(hasRoom ? combination : combination.ToOther()).Add(entry);
        }

        return known.Count;
    }
}
