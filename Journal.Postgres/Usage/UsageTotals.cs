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
    private readonly Dictionary<TopEntry, TopSums> tops = [];
    private readonly List<(TopEntry Entry, TopSums Sums)> accounts = [];

    /// <summary>By currency and mode.</summary>
    public IReadOnlyDictionary<(string Currency, string Mode), AllSums> All => this.all;

    /// <summary>By hour, currency and mode.</summary>
    public IReadOnlyDictionary<(long Hour, string Currency, string Mode), HourSums> Hours => this.hours;

    /// <summary>What is added to models and endpoints, and what accounts have come to: of each as many as are kept.</summary>
    public IReadOnlyList<(TopEntry Entry, TopSums Sums)> Tops =>
    [
        .. this.accounts.Concat(this.tops.Select(static t => (Entry: t.Key, Sums: t.Value)))
            .GroupBy(static t => (t.Entry.Day, t.Entry.Kind, t.Entry.Currency, t.Entry.Mode))
            .SelectMany(static g => g.OrderByDescending(static t => t.Sums.Charged).ThenByDescending(static t => t.Sums.Requests).Take(TopMax)),
    ];

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

        foreach ((UsageCombination combination, UsageSums sums) in bucket.Sums)
        {
            state.DayRequests += sums.Requests;
            state.DayCharged += sums.Charged;
            if (account.Account == SystemAccount)
            {
                continue;
            }

            this.AllOf(state).Sums.Add(sums);
            this.HourOf(state, bucket.Start).Sums.Add(sums);
            this.AddTop(new TopEntry(day, TopEntry.Model, state.Currency, state.Mode, combination.Model), sums);
            this.AddTop(new TopEntry(day, TopEntry.Endpoint, state.Currency, state.Mode, combination.Endpoint), sums);
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
            this.AllOf(state).Count(account.StatusBefore, -1);
            this.AllOf(state).Count(state.Status, 1);
        }
    }

    private void EndDay(UsageAccountBatch account)
    {
        UsageAccount state = account.State;
        if (account.Account != SystemAccount && (state.DayRequests > 0 || state.DayCharged > 0))
        {
            this.accounts.Add((
                new TopEntry(state.Day, TopEntry.Account, state.Currency, state.Mode, account.Account),
                new TopSums { Requests = state.DayRequests, Charged = state.DayCharged }));
        }
    }

    private void AddTop(TopEntry entry, UsageSums sums)
    {
        if (entry.Value.Length == 0 || (sums.Requests == 0 && sums.Charged == 0))
        {
            return;
        }

        ref TopSums? top = ref CollectionsMarshal.GetValueRefOrAddDefault(this.tops, entry, out _);
        top ??= new TopSums();
        top.Requests += sums.Requests;
        top.Charged += sums.Charged;
    }

    private AllSums AllOf(UsageAccount state)
    {
        ref AllSums? sums = ref CollectionsMarshal.GetValueRefOrAddDefault(this.all, (state.Currency, state.Mode), out _);
        return sums ??= new AllSums();
    }

    private HourSums HourOf(UsageAccount state, long at)
    {
        ref HourSums? sums = ref CollectionsMarshal.GetValueRefOrAddDefault(this.hours, (at - (((at % HourMicros) + HourMicros) % HourMicros), state.Currency, state.Mode), out _);
        return sums ??= new HourSums();
    }
}

/// <summary>One of the accounts, models or endpoints with the highest charges of a day.</summary>
/// <param name="Day">The day, by UTC.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Currency">The currency.</param>
/// <param name="Mode">live or test.</param>
/// <param name="Value">The account, model or endpoint.</param>
internal readonly record struct TopEntry(DateOnly Day, string Kind, string Currency, string Mode, string Value)
{
    /// <summary>An account: what it has come to.</summary>
    public const string Account = "account";

    /// <summary>A model: what is added.</summary>
    public const string Model = "model";

    /// <summary>An endpoint: what is added.</summary>
    public const string Endpoint = "endpoint";
}

/// <summary>By how much.</summary>
internal sealed class TopSums
{
    /// <summary>Requests.</summary>
    public long Requests { get; set; }

    /// <summary>What was charged, in nanos.</summary>
    public Int128 Charged { get; set; }
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
