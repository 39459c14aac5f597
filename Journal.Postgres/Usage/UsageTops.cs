using System.Runtime.InteropServices;

namespace OrleansBilling.Journal.Postgres;

/// <summary>The accounts, models and endpoints with the highest charges of a day, a currency and a mode.</summary>
internal sealed class DayTops
{
    private readonly Dictionary<string, TopSums> models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TopSums> endpoints = new(StringComparer.Ordinal);

    // The lowest of those that are kept comes first.
    private readonly PriorityQueue<string, (Int128 Charged, long Requests)> accounts = new();

    /// <summary>Adds to a model and an endpoint.</summary>
    /// <param name="entry">What is added, and their names.</param>
    public void Add(UsageEntry entry)
    {
        if (entry.Requests > 0 || entry.Charged > 0)
        {
            Add(this.models, entry.Of.Model, entry);
            Add(this.endpoints, entry.Of.Endpoint, entry);
        }
    }

    /// <summary>Puts what an account has come to among the others; each account once.</summary>
    /// <param name="account">The account.</param>
    /// <param name="requests">Its requests of the day.</param>
    /// <param name="charged">What it was charged on that day, in nanos.</param>
    public void Put(string account, long requests, Int128 charged)
    {
        if (this.accounts.Count < UsageTotals.TopMax)
        {
            this.accounts.Enqueue(account, (charged, requests));
        }
        else if (this.accounts.TryPeek(out _, out (Int128, long) lowest) && (charged, requests).CompareTo(lowest) > 0)
        {
            this.accounts.EnqueueDequeue(account, (charged, requests));
        }
    }

    /// <summary>As many of each as are kept.</summary>
    /// <param name="day">The day, by UTC.</param>
    /// <param name="currency">The currency.</param>
    /// <param name="mode">live or test.</param>
    public IEnumerable<(TopEntry Entry, TopSums Sums)> Highest(DateOnly day, string currency, string mode) =>
    [
        .. this.accounts.UnorderedItems.Select(a =>
            (new TopEntry(day, TopEntry.Account, currency, mode, a.Element), new TopSums { Requests = a.Priority.Requests, Charged = a.Priority.Charged })),
        .. Highest(this.models).Select(m => (new TopEntry(day, TopEntry.Model, currency, mode, m.Key), m.Value)),
        .. Highest(this.endpoints).Select(e => (new TopEntry(day, TopEntry.Endpoint, currency, mode, e.Key), e.Value)),
    ];

    private static IEnumerable<KeyValuePair<string, TopSums>> Highest(Dictionary<string, TopSums> sums) =>
        sums.OrderByDescending(static s => s.Value.Charged).ThenByDescending(static s => s.Value.Requests).Take(UsageTotals.TopMax);

    private static void Add(Dictionary<string, TopSums> to, string value, UsageEntry entry)
    {
        if (value.Length == 0)
        {
            return;
        }

        ref TopSums? top = ref CollectionsMarshal.GetValueRefOrAddDefault(to, value, out _);
        top ??= new TopSums();
        top.Requests += entry.Requests;
        top.Charged += entry.Charged;
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
