using System.Runtime.InteropServices;
using OrleansBilling.Account;
using OrleansBilling.Grains.Time;
using OrleansBilling.Json;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Adds up what rows say. Each account's rows have to follow, without a gap, the last one that counted; those that counted are
/// passed over, so that whatever is read twice counts once.
/// </summary>
internal sealed class UsageBatch
{
    /// <summary>
    /// The most combinations of meter, endpoint, model, key and workspace that an account's bucket has rows for. Whatever is beyond
    /// them has one row per key, and an account has at most 1,000 keys.
    /// </summary>
    public const int CombinationsMax = 1_000;

    private const long HourMicros = 3_600_000_000;

    private readonly Dictionary<string, UsageAccountBatch> accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> partHours = new(StringComparer.Ordinal);
    private readonly List<(UsageAccountBatch Account, ChargeReversed Event, long Bucket)> reversals = [];

    /// <summary>The accounts of the rows that were added.</summary>
    public IReadOnlyCollection<UsageAccountBatch> Accounts => this.accounts.Values;

    /// <summary>How many rows counted.</summary>
    public int Rows { get; private set; }

    /// <summary>When the newest of them was decided, in nanos since the Unix epoch; 0 where there is none.</summary>
    public long NewestAtNanos { get; private set; }

    /// <summary>The charges that were reversed, whose rows say on which model and endpoint: to be given to <see cref="AddReversals"/>.</summary>
    public IReadOnlyList<(string Account, long Seq)> ReversedCharges => [.. this.reversals.Select(static r => (r.Account.Account, r.Event.Charge))];

    /// <summary>Takes rows of any accounts, in any order; nothing is added up yet.</summary>
    /// <param name="rows">The rows.</param>
    public void Take(IReadOnlyList<UsageRow> rows)
    {
        foreach (UsageRow row in rows)
        {
            ref UsageAccountBatch? account = ref CollectionsMarshal.GetValueRefOrAddDefault(this.accounts, row.Account, out _);
            (account ??= new UsageAccountBatch(row.Account)).Rows.Add(row);
        }
    }

    /// <summary>Says where the accounts stand, puts their rows in order and passes over those that counted.</summary>
    /// <param name="states">Those that are known.</param>
    /// <returns>The accounts of which rows are missing, each with the row after which and the one up to which they are.</returns>
    public IReadOnlyList<(string Account, long After, long Last)> Begin(Dictionary<string, UsageAccount> states)
    {
        List<(string, long, long)> missing = [];
        foreach (UsageAccountBatch account in this.accounts.Values)
        {
            account.State = states.GetValueOrDefault(account.Account) ?? new UsageAccount();
            if (!account.Order())
            {
                missing.Add((account.Account, account.State.Seq, account.Rows[^1].Seq));
                account.Rows.Clear();
            }
        }

        return missing;
    }

    /// <summary>Adds up all rows, but for what reversals take from the charges' own rows.</summary>
    public void Add()
    {
        foreach (UsageAccountBatch account in this.accounts.Values)
        {
            foreach (UsageRow row in account.Rows)
            {
                if (row.Seq > account.State.Seq)
                {
                    this.Add(account, row);
                }
            }
        }
    }

    /// <summary>Adds reversals, under the charges' models and endpoints.</summary>
    /// <param name="charges">The rows of <see cref="ReversedCharges"/>; null where one is not to be had.</param>
    public void AddReversals(IReadOnlyList<(string Type, byte[] Data)?> charges)
    {
        for (int i = 0; i < charges.Count; i++)
        {
            (UsageAccountBatch account, ChargeReversed e, long bucket) = this.reversals[i];
            Usage? usage = charges[i] is not { } charge ? null : EventJson.Read(charge.Type, charge.Data) switch
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

    private void Add(UsageAccountBatch account, in UsageRow row)
    {
        account.State.Seq = row.Seq;
        this.Rows++;
        this.NewestAtNanos = Math.Max(this.NewestAtNanos, row.AtNanos);
        Event? e = row.Data is null ? null : EventJson.Read(row.Type, row.Data);
        long bucket = BucketOf(account.State, row.AtNanos);
        switch (row.Type, e)
        {
            case (_, Charged charged):
                UsageSums charge = account.At(bucket, Combination(charged.Meter, charged.Usage, charged.Key, charged.Workspace));
                charge.Requests += charged.LateHold == 0 ? 1 : 0;
                charge.Charged += charged.AmountNanos;
                charge.Quantity += charged.Quantity;
                Count(charge, charged.Usage);
                break;
            case (_, HoldPlaced placed):
                account.At(bucket, Combination(placed.Meter, placed.Usage, placed.Key, placed.Workspace)).Requests++;
                break;
            case (_, HoldCaptured captured):
                UsageSums capture = account.At(bucket, Combination(captured.Meter, captured.Usage, captured.Key, captured.Workspace));
                capture.Charged += captured.AmountNanos;
                capture.Quantity += captured.Quantity;
                Count(capture, captured.Usage);
                break;
            case (_, ChargeReversed reversed):
                this.reversals.Add((account, reversed, bucket));
                break;
            case (_, CreditPosted { AmountNanos: > 0 } credit):
                account.At(bucket, UsageCombination.Credit).Granted += credit.AmountNanos;
                break;
            case (_, CreditPosted debit):
                account.At(bucket, UsageCombination.Credit).Debited -= debit.AmountNanos;
                break;
            case (_, GrantExpired expired):
                account.At(bucket, UsageCombination.Credit).Expired += expired.AmountNanos;
                break;
            case (_, AccountOpened opened):
                account.State.Currency = opened.Currency;
                account.State.Mode = opened.Mode == AccountMode.Test ? "test" : UsageAccount.UsualMode;
                account.State.PartHours = this.HasPartHours(opened.Zone);
                account.State.Status = "active";
                account.OpenedAt = bucket - (bucket % HourMicros);
                break;
            case (_, ZoneSet moved):
                account.State.PartHours = this.HasPartHours(moved.Zone);
                break;
            case ("account_suspended", _):
                account.State.Status = "suspended";
                break;
            case ("account_resumed", _):
                account.State.Status = "active";
                break;
            case ("account_closed", _):
                account.State.Status = "closed";
                break;
            default:
                break;
        }
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

    // PostgreSQL counts from the start of an hour.
    private static long BucketOf(UsageAccount account, long atNanos)
    {
        long at = PgTime.FromNanos(atNanos);
        long length = account.PartHours ? HourMicros / 4 : HourMicros;
        return at - (((at % length) + length) % length);
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
