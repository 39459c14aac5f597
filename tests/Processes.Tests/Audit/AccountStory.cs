using System.Text.Json;

namespace OrleansBilling.Processes.Tests.Audit;

/// <summary>An account after one of its rows.</summary>
/// <param name="Balance">Nanos.</param>
/// <param name="Held">Nanos.</param>
/// <param name="TotalSpent">Nanos.</param>
public readonly record struct Standing(long Balance, long Held, long TotalSpent)
{
    public long Available => this.Balance - this.Held;
}

/// <summary>
/// Retells an account from its rows by adding up, and notes everything that breaks an invariant. Knows DESIGN.md and the stored
/// form of events, and nothing of the product's code.
/// </summary>
public sealed class AccountStory
{
    private readonly List<Standing> standings = [default];
    private readonly Dictionary<long, List<HoldPoint>> holds = [];
    private readonly Dictionary<string, long> revokedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<long, List<(long Seq, long Left)>> charges = [];
    private readonly List<string> wrongs;
    private readonly string account;
    private long creditLimit;

    /// <summary>Retells an account.</summary>
    /// <param name="account">Its id.</param>
    /// <param name="rows">Its rows, by seq.</param>
    /// <param name="wrongs">Receives what is wrong.</param>
    public AccountStory(string account, IEnumerable<Row> rows, List<string> wrongs)
    {
        this.account = account;
        this.wrongs = wrongs;
        foreach (Row row in rows)
        {
            this.Tell(row);
        }
    }

    /// <summary>The number of the last row.</summary>
    public long Last => this.standings.Count - 1;

    /// <summary>How far available may go below zero.</summary>
    public long CreditLimit => this.creditLimit;

    /// <summary>The account after a row.</summary>
    public Standing After(long seq) => this.standings[(int)seq];

    /// <summary>What is left on a hold after a row; 0 where it has ended or is not placed yet.</summary>
    public long RemainingOf(long hold, long seq) => this.At(hold, seq).Remaining;

    /// <summary>Whether a hold is placed and has not ended after a row.</summary>
    public bool IsOpen(long hold, long seq) => this.At(hold, seq).Open;

    /// <summary>Whether a key is revoked after a row.</summary>
    public bool IsRevoked(string key, long seq) => this.revokedAt.TryGetValue(key, out long at) && at <= seq;

    /// <summary>What of a charge is not reversed after a row.</summary>
    public long LeftOf(long charge, long seq) =>
        this.charges.TryGetValue(charge, out List<(long Seq, long Left)>? life) ? life.FindLast(p => p.Seq <= seq).Left : 0;

    /// <summary>What is held by holds that have not ended.</summary>
    public long OpenHolds => this.holds.Values.Sum(life => life[^1].Remaining);

    private void Tell(Row row)
    {
        if (row.Seq != this.Last + 1)
        {
            this.Wrong(row, $"follows row {this.Last}");
        }

        Standing s = this.standings[^1];
        long amount = row.Get("amountNanos");
        bool spends = false;
        switch (row.Type)
        {
            case "account_opened":
            case "limits_set":
                this.creditLimit = row.Get("creditLimitNanos");
                break;

            case "credit_posted":
                s = s with { Balance = s.Balance + amount };
                break;

            case "grant_expired":
                s = s with { Balance = s.Balance - amount };
                break;

            case "charged":
                s = s with { Balance = s.Balance - amount, TotalSpent = s.TotalSpent + amount };
                this.charges[row.Seq] = [(row.Seq, amount)];
                this.CheckKey(row);
                spends = true;
                break;

            case "charge_reversed":
                s = s with { Balance = s.Balance + amount, TotalSpent = s.TotalSpent - amount };
                this.Reverse(row, amount);
                break;

            case "hold_placed":
                s = s with { Held = s.Held + amount };
                this.holds[row.Seq] = [new HoldPoint(row.Seq, amount, true)];
                this.CheckKey(row);
                spends = true;
                break;

            case "hold_captured":
                s = this.Capture(row, s, amount);
                spends = true;
                break;

            case "hold_released":
            case "hold_expired":
                s = s with { Held = s.Held - amount };
                this.End(row, amount);
                break;

            case "key_revoked":
                if (!this.revokedAt.TryAdd(row.Text("key")!, row.Seq))
                {
                    this.Wrong(row, "revokes a key twice");
                }

                break;

            default:
                break;
        }

        this.standings.Add(s);
        this.CheckNumbers(row, s);
        if (spends && amount > 0 && s.Available < -this.creditLimit)
        {
            this.Wrong(row, $"takes available to {s.Available}, below {-this.creditLimit} (invariant 1)");
        }
    }

    private Standing Capture(Row row, Standing s, long amount)
    {
        long hold = row.Get("hold");
        HoldPoint before = this.At(hold, row.Seq);
        if (!before.Open)
        {
            this.Wrong(row, $"captures hold {hold}, which has ended (invariant 6)");
        }

        long fromHold = Math.Min(amount, before.Remaining);
        bool final = row.Data.TryGetProperty("final", out JsonElement said) && said.GetBoolean();
        long released = final ? before.Remaining - fromHold : 0;
        long remaining = before.Remaining - fromHold - released;
        if (released != row.Get("releasedNanos") || remaining != row.Get("remainingNanos") || amount - fromHold != row.Get("excessNanos"))
        {
            this.Wrong(row, $"does not add up: of {before.Remaining} held, {released} should be released and {remaining} remain");
        }

        this.holds.GetValueOrDefault(hold)?.Add(new HoldPoint(row.Seq, remaining, !final));
        this.charges[row.Seq] = [(row.Seq, amount)];
        return new Standing(s.Balance - amount, s.Held - fromHold - released, s.TotalSpent + amount);
    }

    private void Reverse(Row row, long amount)
    {
        long charge = row.Get("charge");
        long left = this.LeftOf(charge, row.Seq);
        if (amount > left)
        {
            this.Wrong(row, $"reverses {amount} of charge {charge}, of which {left} is left");
        }

        if (this.charges.TryGetValue(charge, out List<(long Seq, long Left)>? life))
        {
            life.Add((row.Seq, left - amount));
        }
    }

    private void End(Row row, long amount)
    {
        long hold = row.Get("hold");
        HoldPoint before = this.At(hold, row.Seq);
        if (!before.Open || before.Remaining != amount)
        {
            this.Wrong(row, $"gives back {amount} of hold {hold}, which is {before} (invariant 6)");
        }

        this.holds.GetValueOrDefault(hold)?.Add(new HoldPoint(row.Seq, 0, false));
    }

    private HoldPoint At(long hold, long seq) => this.holds.GetValueOrDefault(hold)?.FindLast(p => p.Seq <= seq) ?? default;

    private void CheckKey(Row row)
    {
        if (row.Text("key") is { } key && this.IsRevoked(key, row.Seq))
        {
            this.Wrong(row, $"spends with key {key}, which is revoked (invariant 7)");
        }
    }

    // The numbers in a row are what replies are made of: they have to be what adding up gives (invariant 2).
    private void CheckNumbers(Row row, Standing s)
    {
        foreach (string column in row.Columns)
        {
            long expected = column switch { Row.Balance => s.Balance, Row.Held => s.Held, _ => s.TotalSpent };
            if (row.Get(column) != expected)
            {
                this.Wrong(row, $"says {column} {row.Get(column)}; the rows add up to {expected} (invariant 2)");
            }
        }
    }

    private void Wrong(Row row, string what) => this.wrongs.Add($"{this.account}: row {row.Seq} ({row.Type}) {what}");

    private readonly record struct HoldPoint(long Seq, long Remaining, bool Open);
}
