using OrleansBilling.Account;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What rows of one account add. Until it is known whether its buckets are whole hours, they are quarters.</summary>
internal sealed class UsageAccountBatch
{
    private const long HourMicros = 3_600_000_000;

    // Where it stands is not known yet.
    private static readonly UsageAccount Nowhere = new();

    private List<UsageBucket> buckets = new(1);
    private List<(ChargeReversed Event, long Bucket)>? reversals;
    private bool? partHours;
    private UsageBucket? current;
    private AccountOpened? opened;

    /// <summary>Starts without knowing where the account stands.</summary>
    /// <param name="account">Its id.</param>
    public UsageAccountBatch(string account) => this.Account = account;

    /// <summary>Starts where the account stands.</summary>
    /// <param name="account">Its id.</param>
    /// <param name="state">Where it stands.</param>
    public UsageAccountBatch(string account, UsageAccount state)
        : this(account)
    {
        this.State = state;
        this.StatusBefore = state.Status;
        this.partHours = state.PartHours;
        this.IsOrdered = true;
    }

    /// <summary>Its id.</summary>
    public string Account { get; }

    /// <summary>The first of its rows, or 0.</summary>
    public long First { get; private set; }

    /// <summary>The last one.</summary>
    public long Last { get; private set; }

    /// <summary>Whether it has to be read again.</summary>
    public bool IsSetAside { get; private set; }

    /// <summary>How many rows were added.</summary>
    public int Rows { get; private set; }

    /// <summary>How many sums and reversals it has in memory.</summary>
    public int Weight
    {
        get
        {
            int weight = this.reversals?.Count ?? 0;
            foreach (UsageBucket bucket in this.buckets)
            {
                weight += bucket.Entries.Count;
            }

            return weight;
        }
    }

    /// <summary>The status that the rows left it in; null where they say nothing of that.</summary>
    public string? Status { get; set; }

    /// <summary>Where it stands; after <see cref="End"/>, where it stands then, but for what a bucket's <see cref="UsageBucket.Fold"/> counts.</summary>
    public UsageAccount State { get; private set; } = Nowhere;

    /// <summary>The status that it had before; empty where it was not open.</summary>
    public string StatusBefore { get; private set; } = "";

    /// <summary>The hour in which it was opened, where one of the rows did that.</summary>
    public long? OpenedAt { get; private set; }

    /// <summary>What was added, by bucket; in order after <see cref="End"/>.</summary>
    public List<UsageBucket> Buckets => this.buckets;

    /// <summary>Requests that were added; after <see cref="End"/>.</summary>
    public long Requests { get; private set; }

    /// <summary>What that does to the balance, in nanos; after <see cref="End"/>.</summary>
    public Int128 Balance { get; private set; }

    /// <summary>What was charged, in nanos; after <see cref="End"/>.</summary>
    public Int128 Charged { get; private set; }

    /// <summary>Reversals, and their buckets.</summary>
    public IReadOnlyList<(ChargeReversed Event, long Bucket)> Reversals => this.reversals ?? [];

    // Rows that are read in order may lack some that are not there any more.
    private bool IsOrdered { get; }

    /// <summary>Whether a row is to be added: it follows the one before it.</summary>
    public bool Follow(long seq)
    {
        if (this.First == 0)
        {
            this.First = seq;
        }
        else if (!this.IsOrdered && seq != this.Last + 1)
        {
            this.IsSetAside = true;
        }

        this.Last = Math.Max(this.Last, seq);
        this.Rows += this.IsSetAside ? 0 : 1;
        return !this.IsSetAside;
    }

    /// <summary>The bucket of a moment.</summary>
    public long BucketOf(long atNanos) => Floor(PgTime.FromNanos(atNanos), this.partHours == false ? HourMicros : HourMicros / 4);

    /// <summary>The sums of a combination in a bucket.</summary>
    public UsageSums At(long start, in UsageCombination combination)
    {
        if (this.current?.Start != start)
        {
            this.current = this.buckets.Find(b => b.Start == start);
            if (this.current is null)
            {
                this.buckets.Add(this.current = new UsageBucket(start));
            }
        }

        return this.current.At(combination);
    }

    /// <summary>Takes its opening.</summary>
    public void Open(AccountOpened e, bool hasPartHours, long atNanos)
    {
        this.opened = e;
        this.partHours = hasPartHours;
        this.OpenedAt = Floor(PgTime.FromNanos(atNanos), HourMicros);
    }

    /// <summary>Takes a reversal.</summary>
    public void Reverse(ChargeReversed e, long bucket) => (this.reversals ??= []).Add((e, bucket));

    /// <summary>Takes a move to another zone; false where it has to be read again, as nothing is known of the zone before.</summary>
    public bool TryMove(bool hasPartHours)
    {
        this.IsSetAside = this.partHours is null;
        this.partHours = hasPartHours;
        return !this.IsSetAside;
    }

    /// <summary>Says where the account stands: its rows follow from there.</summary>
    public void Begin(UsageAccount state)
    {
        this.State = state;
        this.StatusBefore = state.Status;
        if (this.partHours is not null || state.PartHours)
        {
            this.partHours ??= true;
            return;
        }

        // Quarters of hours become hours.
        this.partHours = false;
        List<UsageBucket> quarters = this.buckets;
        this.buckets = [];
        foreach (UsageBucket quarter in quarters)
        {
            long hour = Floor(quarter.Start, HourMicros);
            if (quarter.Start == hour && !this.buckets.Exists(b => b.Start == hour))
            {
                this.buckets.Add(quarter);
                continue;
            }

            foreach (UsageEntry entry in quarter.Entries)
            {
                this.At(hour, entry.Of).Add(entry);
            }
        }

        this.current = null;
        this.reversals = this.reversals?.ConvertAll(static r => (r.Event, Floor(r.Bucket, HourMicros)));
    }

    /// <summary>Moves on to where the rows lead, and puts the buckets in order: those of reversals came last.</summary>
    public void End()
    {
        this.State.Seq = this.Last;
        this.State.PartHours = this.partHours == true;
        this.State.Status = this.Status ?? this.State.Status;
        if (this.opened is { } e)
        {
            this.State.Currency = e.Currency;
            this.State.Mode = e.Mode == AccountMode.Test ? "test" : UsageAccount.UsualMode;
        }

        this.buckets.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        foreach (UsageBucket bucket in this.buckets)
        {
            foreach (UsageEntry entry in bucket.Entries)
            {
                this.Requests += entry.Requests;
                this.Balance += entry.Balance;
                this.Charged += entry.Charged;
            }
        }
    }

    private static long Floor(long micros, long length) => micros - (((micros % length) + length) % length);
}
