using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansBilling.Account;
using OrleansBilling.Grains.Time;
using OrleansBilling.Json;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Adds up what rows say, as they come. An account whose rows do not come one after the other, or do not follow the last one that
/// counted, is set aside, to be read again in order: whatever is read twice counts once, and nothing is left out.
/// </summary>
internal sealed class UsageBatch
{
    /// <summary>
    /// The most combinations of meter, endpoint, model, key and workspace that an account's bucket has rows for. Whatever is beyond
    /// them has one row per key, and an account has at most 1,000 keys.
    /// </summary>
    public const int CombinationsMax = 1_000;

    // A type that is not known here may move money.
    private static readonly FrozenSet<string> Known = EventJson.TypeNames.ToFrozenSet(StringComparer.Ordinal);

    private readonly Dictionary<string, UsageAccountBatch> accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> partHours = new(StringComparer.Ordinal);

    /// <summary>The accounts of the rows that were added.</summary>
    public IReadOnlyCollection<UsageAccountBatch> Accounts => this.accounts.Values;

    /// <summary>Whether no row was added.</summary>
    public bool IsEmpty => this.accounts.Count == 0;

    /// <summary>How many rows count.</summary>
    public int Rows => this.accounts.Values.Sum(static a => a.Rows);

    /// <summary>How many sums and reversals are kept in memory.</summary>
    public int Weight => this.accounts.Values.Sum(static a => a.Weight);

    /// <summary>When the newest row was decided, in nanos since the Unix epoch; 0 where there is none.</summary>
    public long NewestAtNanos { get; private set; }

    /// <summary>The charges that were reversed, whose rows say on which model and endpoint: to be given to <see cref="AddReversals"/>.</summary>
    public IReadOnlyList<(string Account, long Seq)> ReversedCharges =>
        [.. this.accounts.Values.SelectMany(static a => a.Reversals.Select(r => (a.Account, r.Event.Charge)))];

    /// <summary>Adds a row.</summary>
    /// <param name="row">The row; those of an account in order, or it is set aside.</param>
    public void Add(in UsageRow row)
    {
        ref UsageAccountBatch? found = ref CollectionsMarshal.GetValueRefOrAddDefault(this.accounts, row.Account, out _);
        UsageAccountBatch account = found ??= new UsageAccountBatch(row.Account);
        this.NewestAtNanos = Math.Max(this.NewestAtNanos, row.AtNanos);
        if (row.Data is null && !Known.Contains(row.Type))
        {
            throw new JsonException($"Unknown event type '{row.Type}'; the journal was written by a newer release.");
        }

        if (account.Follow(row.Seq) && (row.Data is null || this.TryAdd(account, row, EventJson.Read(row.Type, row.Data))))
        {
            account.Status = row.Type switch
            {
                "account_opened" or "account_resumed" => "active",
                "account_suspended" => "suspended",
                "account_closed" => "closed",
                _ => account.Status,
            };
        }
    }

    /// <summary>Says where the accounts stand, and leaves out what counted already.</summary>
    /// <param name="states">Those that are known.</param>
    /// <returns>The accounts that have to be read again in order, each with the row after which and the one up to which; they start anew.</returns>
    public IReadOnlyList<(string Account, long After, long Last)> Begin(IReadOnlyDictionary<string, UsageAccount> states)
    {
        List<(string, long, long)> again = [];
        foreach (UsageAccountBatch account in this.accounts.Values.ToArray())
        {
            UsageAccount state = states.GetValueOrDefault(account.Account) ?? new UsageAccount();
            if (account.Last <= state.Seq)
            {
                this.accounts.Remove(account.Account);
            }
            else if (account.IsSetAside || account.First != state.Seq + 1)
            {
                again.Add((account.Account, state.Seq, account.Last));
                this.accounts[account.Account] = new UsageAccountBatch(account.Account, state);
            }
            else
            {
                account.Begin(state);
            }
        }

        return again;
    }

    /// <summary>Forgets accounts of which no row was to be had.</summary>
    public void DropEmpty()
    {
        foreach (UsageAccountBatch account in this.accounts.Values.Where(static a => a.Last == 0).ToArray())
        {
            this.accounts.Remove(account.Account);
        }
    }

    /// <summary>Adds reversals, under the charges' models and endpoints.</summary>
    /// <param name="charges">The rows of <see cref="ReversedCharges"/>, in that order; null where one is not to be had.</param>
    public void AddReversals(IReadOnlyList<(string Type, byte[] Data)?> charges)
    {
        int i = 0;
        foreach (UsageAccountBatch account in this.accounts.Values)
        {
            foreach ((ChargeReversed e, long bucket) in account.Reversals)
            {
                Usage? usage = charges[i++] is not { } charge ? null : EventJson.Read(charge.Type, charge.Data) switch
                {
                    Charged charged => charged.Usage,
                    HoldCaptured captured => captured.Usage,
                    _ => null,
                };
                UsageSums sums = account.At(bucket, Combination(e.Meter, usage, e.Key, e.Workspace));
                sums.Reversals++;
                sums.Reversed += e.AmountNanos;
            }
        }
    }

    // False where the account has to be read again.
    private bool TryAdd(UsageAccountBatch account, in UsageRow row, Event e)
    {
        long bucket = account.BucketOf(row.AtNanos);
        switch (e)
        {
            case Charged charged:
                UsageSums charge = account.At(bucket, Combination(charged.Meter, charged.Usage, charged.Key, charged.Workspace));
                charge.Requests += charged.LateHold == 0 ? 1 : 0;
                charge.Charged += charged.AmountNanos;
                charge.Quantity += charged.Quantity;
                Count(charge, charged.Usage);
                break;
            case HoldPlaced placed:
                account.At(bucket, Combination(placed.Meter, placed.Usage, placed.Key, placed.Workspace)).Requests++;
                break;
            case HoldCaptured captured:
                UsageSums capture = account.At(bucket, Combination(captured.Meter, captured.Usage, captured.Key, captured.Workspace));
                capture.Charged += captured.AmountNanos;
                capture.Quantity += captured.Quantity;
                Count(capture, captured.Usage);
                break;
            case ChargeReversed reversed:
                account.Reverse(reversed, bucket);
                break;
            case CreditPosted { AmountNanos: > 0 } credit:
                account.At(bucket, UsageCombination.Credit).Granted += credit.AmountNanos;
                break;
            case CreditPosted debit:
                account.At(bucket, UsageCombination.Credit).Debited -= debit.AmountNanos;
                break;
            case GrantExpired expired:
                account.At(bucket, UsageCombination.Credit).Expired += expired.AmountNanos;
                break;
            case AccountOpened opened:
                account.Open(opened, this.HasPartHours(opened.Zone), row.AtNanos);
                break;
            case ZoneSet moved:
                return account.TryMove(this.HasPartHours(moved.Zone));
            default:
                break;
        }

        return true;
    }

    private static UsageCombination Combination(string meter, Usage? usage, string? key, string? workspace) =>
        new(meter, usage?.Endpoint ?? "", usage?.Model ?? "", key ?? "", workspace ?? "", false);

    private static void Count(UsageSums sums, Usage? usage)
    {
        if (usage is not null)
        {
            sums.InputTokens += usage.InputTokens;
            sums.OutputTokens += usage.OutputTokens;
            sums.CachedTokens += usage.CachedTokens;
            sums.ReasoningTokens += usage.ReasoningTokens;
        }
    }

    private bool HasPartHours(string zone)
    {
        if (!this.partHours.TryGetValue(zone, out bool has))
        {
            has = Calendar.Knows(zone) && Calendar.HasPartHours(zone);
            this.partHours.Add(zone, has);
        }

        return has;
    }
}
