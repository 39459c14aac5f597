using System.Buffers;
using System.Text;
using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.Journal.Postgres.Tests.Projections;

/// <summary>Histories of accounts: every kind of event that moves money or counts, drawn by a seed, over some days.</summary>
/// <param name="seed">Gives the same histories again.</param>
/// <param name="accounts">How many accounts.</param>
internal sealed class UsageHistory(int seed, int accounts)
{
    private const long Minute = 60_000_000_000;
    private const long Max = 1_000_000_000_000;

    private readonly Random random = new(seed);
    private readonly Dictionary<int, Line> lines = [];

    /// <summary>Some rows of any accounts, in the order in which they are written; each account's follow those that were drawn before.</summary>
    /// <param name="count">How many.</param>
    public JournalRow[] Next(int count)
    {
        JournalRow[] rows = new JournalRow[count];
        for (int i = 0; i < count; i++)
        {
            int account = this.random.Next(accounts);
            if (!this.lines.TryGetValue(account, out Line? line))
            {
                this.lines.Add(account, line = new Line(GrainId.Account($"a{account}")));
            }

            rows[i] = line.Append(this.Draw(line), this.random.Next(3) == 0 ? this.random.Next(100) * Minute : 1_000);
        }

        return [.. rows.OrderBy(static r => r.Grain.Path, StringComparer.Ordinal).ThenBy(static r => r.Seq)];
    }

    private Event Draw(Line line)
    {
        if (line.Head.Seq == 0)
        {
            return new AccountOpened(this.Pick("EUR", "USD"), this.Zone(), 1, 0, "default", []) { Mode = this.random.Next(4) == 0 ? AccountMode.Test : AccountMode.Live };
        }

        long amount = this.random.Next(3) == 0 ? 0 : this.random.NextInt64(Max);
        switch (this.random.Next(12))
        {
            case 0:
                return new CreditPosted { Kind = CreditKind.Topup, AmountNanos = amount, BalanceNanos = line.Balance += amount };
            case 1:
                return new CreditPosted { Kind = CreditKind.Dispute, AmountNanos = -amount, BalanceNanos = line.Balance -= amount };
            case 2:
                return new GrantExpired { Grant = 2, AmountNanos = amount, BalanceNanos = line.Balance -= amount, DueAtNanos = Fixture.Epoch };
            case 3:
                return this.random.Next(6) switch
                {
                    0 => new AccountSuspended("late"),
                    1 => new AccountResumed("paid"),
                    2 => new AccountClosed("left"),
                    3 => new LimitsSet(0, null, null, null),
                    _ => new ZoneSet(this.Zone(), null),
                };
            case 4:
                return new HoldPlaced
                {
                    AmountNanos = amount,
                    BalanceNanos = line.Balance,
                    HeldNanos = amount,
                    ExpiresAtNanos = Fixture.Epoch,
                    Meter = this.Meter(),
                    Quantity = 1,
                    Key = this.Key(),
                    Workspace = this.Workspace(),
                    Usage = this.Used(),
                };
            case 5:
                line.Charges.Add((line.Head.Seq + 1, amount));
                return new HoldCaptured
                {
                    Hold = 7,
                    AmountNanos = amount,
                    BalanceNanos = line.Balance -= amount,
                    TotalSpentNanos = 0,
                    Meter = this.Meter(),
                    Quantity = this.random.Next(3),
                    Key = this.Key(),
                    Workspace = this.Workspace(),
                    Usage = this.Used(),
                    PlacedAtNanos = Fixture.Epoch,
                    Final = true,
                };
            case 6:
                return new HoldReleased(7, amount, line.Balance, 0, null);
            case 7 when line.Charges.Count > 0:
                (long charge, long charged) = line.Charges[this.random.Next(line.Charges.Count)];
                long back = this.random.NextInt64(charged + 1);
                return new ChargeReversed
                {
                    Charge = charge,
                    AmountNanos = back,
                    ReversedNanos = back,
                    BalanceNanos = line.Balance += back,
                    TotalSpentNanos = 0,
                    ChargedAtNanos = Fixture.Epoch,
                    Meter = this.Meter(),
                    Key = this.Key(),
                    Workspace = this.Workspace(),
                };
            default:
                line.Charges.Add((line.Head.Seq + 1, amount));
                return new Charged
                {
                    AmountNanos = amount,
                    BalanceNanos = line.Balance -= amount,
                    TotalSpentNanos = 0,
                    Meter = this.Meter(),
                    Quantity = this.random.NextInt64(Max),
                    Key = this.Key(),
                    Workspace = this.Workspace(),
                    Usage = this.Used(),
                    LateHold = this.random.Next(5) == 0 ? 3 : 0,
                    Internal = amount == 0,
                };
        }
    }

    private Usage? Used() => this.random.Next(4) == 0 ? null : new Usage
    {
        Model = this.Pick(null, "small", "large"),
        Endpoint = this.Pick(null, "/chat", "/embed"),
        InputTokens = this.random.NextInt64(Max),
        OutputTokens = this.random.Next(1000),
        CachedTokens = this.random.Next(2),
        ReasoningTokens = this.random.Next(2),
    };

    private string Zone() => this.Pick("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu")!;

    private string Meter() => this.Pick("api_request", "data_access")!;

    private string? Key() => this.Pick(null, "k1", "k2");

    private string? Workspace() => this.Pick(null, null, null, "lab");

    private string Pick(string a, string b) => this.random.Next(2) == 0 ? a : b;

    private string? Pick(params string?[] from) => from[this.random.Next(from.Length)];

    private sealed class Line(GrainId grain)
    {
        private readonly ArrayBufferWriter<byte> buffer = new();
        private long at = Fixture.Epoch;

        public Head Head { get; private set; }

        public long Balance { get; set; }

        public List<(long Seq, long Nanos)> Charges { get; } = [];

        public JournalRow Append(Event e, long later)
        {
            this.at += later;
            this.buffer.ResetWrittenCount();
            EventJson.Write(e, this.buffer);
            JournalRow row = Fixture.Row(grain, this.Head, EventJson.TypeName(e), Encoding.UTF8.GetString(this.buffer.WrittenSpan)) with { AtNanos = this.at };
            row.Hash = ChainHash.Next(this.Head.Hash, row);
            this.Head = Fixture.HeadOf(row);
            return row;
        }
    }
}
