using System.Globalization;
using OrleansBilling.Processes.Tests.Audit;

namespace OrleansBilling.Processes.Tests.Load;

/// <summary>
/// One client at work: it draws what to do next from its seed, so that what all clients ask for can be repeated, though not how
/// it interleaves. Accounts hover around zero, so that denials are as common as charges need.
/// </summary>
internal sealed class Worker(
    Clients clients, IReadOnlyList<string> accounts, IReadOnlyDictionary<string, Key> keys, string name, int seed, Func<Random, int> route, TimeSpan? patience)
{
    private const long Unit = 1_000_000_000;
    private const int RememberedAtLeast = 50;

    private readonly Random random = new(seed);
    private readonly List<Operation> settled = [];
    private readonly List<(string Account, long Hold, long Nanos)> holds = [];
    private readonly List<(string Account, long Charge, long Nanos)> charges = [];
    private int count;

    /// <summary>Works until told to stop, and finishes what it has begun.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Operation next = this.Next();
            Attempt answer = await clients.AskAsync(next, route(this.random), patience);
            this.Learn(next, answer);
        }
    }

    private Operation Next()
    {
        string account = accounts[this.random.Next(accounts.Count)];
        string id = string.Create(CultureInfo.InvariantCulture, $"{name}-{++this.count}");
        int dice = this.random.Next(100);
        return dice switch
        {
            < 36 => Requests.Charge(account, id, this.Amount(2)),
            < 52 => Requests.Verify(account, id, keys[account], this.Amount(2)),
            < 63 => Requests.Credit(account, id, this.Amount(8)),
            < 71 => Requests.Hold(account, id, this.Amount(3), this.random.Next(10) == 0 ? 1 : 600),
            < 81 when this.holds.Count > 0 => this.EndHold(id),
            < 84 when this.charges.Count > 0 => this.Reverse(id),
            < 86 => Requests.Charge(account, id, 1_000_000 * Unit),
            < 93 when this.settled.Count > 0 => this.settled[this.random.Next(this.settled.Count)],
            < 94 when this.settled.Find(o => o.Done is not null && o.Act == Act.Charge) is { } done => Requests.Mismatch(done),
            _ => Requests.Read(account),
        };
    }

    private void Learn(Operation operation, Attempt answer)
    {
        if (operation.Act is Act.Read or Act.Mismatch)
        {
            return;
        }

        if (this.settled.Count < RememberedAtLeast || this.random.Next(5) == 0)
        {
            this.settled.Add(operation);
        }

        if (answer.Verdict != Verdict.Done || operation.Attempts.Count(a => a.Verdict == Verdict.Done) > 1)
        {
            return;
        }

        if (operation.Act == Act.Hold)
        {
            this.holds.Add((operation.Account, answer.Number("hold"), operation.AmountNanos));
        }
        else if (operation.Act is Act.Charge or Act.Verify)
        {
            this.charges.Add((operation.Account, answer.Number("charge"), operation.AmountNanos));
        }
    }

    // Most are captured or released once; some in two parts, some twice (the second is refused), some for more than was held.
    private Operation EndHold(string id)
    {
        int at = this.random.Next(this.holds.Count);
        (string account, long hold, long nanos) = this.holds[at];
        int dice = this.random.Next(10);
        if (dice > 0)
        {
            this.holds.RemoveAt(at);
        }

        return dice switch
        {
            < 1 => Requests.Capture(account, id, hold, Math.Max(1, nanos / 4), final: false),
            < 5 => Requests.Capture(account, id, hold, nanos, final: true),
            < 7 => Requests.Capture(account, id, hold, Math.Max(1, nanos / 2), final: true),
            < 8 => Requests.Capture(account, id, hold, nanos + this.Amount(1), final: true),
            _ => Requests.Release(account, id, hold),
        };
    }

    private Operation Reverse(string id)
    {
        int at = this.random.Next(this.charges.Count);
        (string account, long charge, long nanos) = this.charges[at];
        return Requests.Reverse(account, id, charge, this.random.Next(2) == 0 ? nanos : Math.Max(1, nanos / 3));
    }

    private long Amount(long units) => this.random.NextInt64(1, units * Unit);
}
