using System.Runtime.InteropServices;

namespace OrleansBilling.Journal.Postgres;

/// <summary>What a batch adds to the sums over all accounts but the vendor's own.</summary>
internal sealed class UsageTotals
{
    /// <summary>How many accounts, models and endpoints are kept of each day, currency and mode.</summary>
    public const int TopMax = 200;

    /// <summary>The vendor's own account.</summary>
    public const string SystemAccount = "system";

    private const long HourMicros = 3_600_000_000;
    private const long DayMicros = 24 * HourMicros;

    private static readonly DateOnly Epoch = new(2000, 1, 1);

    private readonly Dictionary<(string Currency, string Mode), AllSums> all = [];
    private readonly Dictionary<(long Hour, string Currency, string Mode), HourSums> hours = [];
    private readonly Dictionary<(DateOnly Day, string Currency, string Mode), DayTops> days = [];

    /// <summary>By currency and mode; sums after <see cref="End()"/>.</summary>
    public IReadOnlyDictionary<(string Currency, string Mode), AllSums> All => this.all;

    /// <summary>By hour, currency and mode.</summary>
    public IReadOnlyDictionary<(long Hour, string Currency, string Mode), HourSums> Hours => this.hours;

    /// <summary>What is added to models and endpoints, and what accounts have come to: of each as many as are kept.</summary>
    public IReadOnlyList<(TopEntry Entry, TopSums Sums)> Tops => [.. this.days.SelectMany(static d => d.Value.Highest(d.Key.Day, d.Key.Currency, d.Key.Mode))];

    /// <summary>Adds an account's bucket; its days move on.</summary>
    /// <param name="account">The account.</param>
    /// <param name="bucket">One of its buckets, all combinations in it; buckets come in order.</param>
    public void Add(UsageAccountBatch account, UsageBucket bucket)
    {
        UsageAccount state = account.State;
        DateOnly day = Epoch.AddDays((int)Math.DivRem(bucket.Start, DayMicros).Quotient);
        if (day != state.Day)
        {
            this.EndDay(account);
            state.Day = day;
            state.DayRequests = 0;
            state.DayCharged = 0;
        }

        foreach (UsageEntry entry in bucket.Entries)
        {
            state.DayRequests += entry.Requests;
            state.DayCharged += entry.Charged;
        }

        if (account.Account == SystemAccount)
        {
            return;
        }

        UsageSums hour = this.HourOf(state, bucket.Start).Sums;
        DayTops tops = this.TopsOf(state);
        foreach (UsageEntry entry in bucket.Entries)
        {
            hour.Add(entry);
            tops.Add(entry);
        }
    }

    /// <summary>Adds what an account has become.</summary>
    /// <param name="account">The account, all of its buckets added.</param>
    public void End(UsageAccountBatch account)
    {
        this.EndDay(account);
        UsageAccount state = account.State;
        if (account.Account == SystemAccount)
        {
            return;
        }

        if (account.OpenedAt is { } hour)
        {
            this.HourOf(state, hour).Opened++;
        }

        if (account.StatusBefore != state.Status)
        {
            this.AllOf(state.Currency, state.Mode).Count(account.StatusBefore, -1);
            this.AllOf(state.Currency, state.Mode).Count(state.Status, 1);
        }
    }

    /// <summary>Adds all hours up; everything else is added.</summary>
    public void End()
    {
        foreach (((_, string currency, string mode), HourSums hour) in this.hours)
        {
            this.AllOf(currency, mode).Sums.Add(hour.Sums);
        }
    }

    private void EndDay(UsageAccountBatch account)
    {
        if (account.Account != SystemAccount && (account.State.DayRequests > 0 || account.State.DayCharged > 0))
        {
            this.TopsOf(account.State).Put(account.Account, account.State.DayRequests, account.State.DayCharged);
        }
    }

    private DayTops TopsOf(UsageAccount state)
    {
        ref DayTops? tops = ref CollectionsMarshal.GetValueRefOrAddDefault(this.days, (state.Day, state.Currency, state.Mode), out _);
        return tops ??= new DayTops();
    }

    private AllSums AllOf(string currency, string mode)
    {
        ref AllSums? sums = ref CollectionsMarshal.GetValueRefOrAddDefault(this.all, (currency, mode), out _);
        return sums ??= new AllSums();
    }

    private HourSums HourOf(UsageAccount state, long at)
    {
        ref HourSums? sums = ref CollectionsMarshal.GetValueRefOrAddDefault(this.hours, (at - (((at % HourMicros) + HourMicros) % HourMicros), state.Currency, state.Mode), out _);
        return sums ??= new HourSums();
    }
}

/// <summary>What is added to the sums of a currency and mode.</summary>
internal sealed class AllSums
{
    /// <summary>The sums.</summary>
    public UsageSums Sums { get; } = new();

    /// <summary>Accounts that became active, less those that did not stay so.</summary>
    public long Active { get; private set; }

    /// <summary>Accounts that were suspended, less those that did not stay so.</summary>
    public long Suspended { get; private set; }

    /// <summary>Accounts that were closed.</summary>
    public long Closed { get; private set; }

    /// <summary>Counts an account under a status; none where it has none.</summary>
    public void Count(string status, int by)
    {
        this.Active += status == "active" ? by : 0;
        this.Suspended += status == "suspended" ? by : 0;
        this.Closed += status == "closed" ? by : 0;
    }
}

/// <summary>What is added to an hour.</summary>
internal sealed class HourSums
{
    /// <summary>The sums.</summary>
    public UsageSums Sums { get; } = new();

    /// <summary>Accounts that were opened.</summary>
    public long Opened { get; set; }
}
