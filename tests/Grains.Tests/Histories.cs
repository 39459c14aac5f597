using FsCheck;
using FsCheck.Fluent;
using OrleansBilling.Account;
using static OrleansBilling.Grains.Tests.AccountUnderTest;
using static OrleansBilling.Grains.Tests.Make;

namespace OrleansBilling.Grains.Tests;

/// <summary>One step of a generated history: time goes on, then a command comes, which may well be refused.</summary>
/// <param name="AfterNanos">How much later than the step before.</param>
/// <param name="Command">Makes the command for an account that has so many rows.</param>
/// <param name="Text">The command for people.</param>
internal sealed record Step(long AfterNanos, Func<AccountUnderTest, Command> Command, string Text)
{
    public override string ToString() => $"+{this.AfterNanos / Second}s {this.Text}";
}

/// <summary>Generates histories of small numbers, so that limits, ends and windows are met often.</summary>
internal static class Histories
{
    private static readonly Gen<long> Amount = Gen.Choose(0, 40).Select(n => (long)n);

    private static readonly Gen<long> Later = Gen.Frequency(
        (6, Gen.Constant(0L)),
        (4, Gen.Choose(1, 120).Select(minutes => minutes * Minute)),
        (2, Gen.Choose(1, 30).Select(hours => hours * Hour)),
        (1, Gen.Choose(1, 20).Select(days => days * Day)));

    private static readonly Gen<string?> Key = Gen.Elements(null, "k", "l", "internal", "unknown");

    private static readonly Gen<string?> Workspace = Gen.Elements(null, "w", "v");

    private static readonly Gen<long?> Cap = Gen.Frequency((1, Gen.Constant((long?)null)), (2, Gen.Choose(0, 120).Select(n => (long?)n)));

    private static readonly Gen<Caps> AnyCaps =
        from day in Cap
        from month in Cap
        from total in Cap
        select new Caps { DailyNanos = day, MonthlyNanos = month, TotalNanos = total };

    private static readonly Gen<(Func<AccountUnderTest, Command> Command, string Text)> AnyCommand = Gen.Frequency(
        (8, from kind in Gen.Elements(Enum.GetValues<CreditKind>())
            from nanos in Gen.Choose(1, 60)
            from priority in Gen.Elements(10, 50)
            from ends in Gen.Elements(0, 0, 1, 5, 30)
            let debit = kind is CreditKind.PaymentRefund or CreditKind.Dispute
            select Of(a => new PostCredit
            {
                Kind = kind,
                AmountNanos = nanos,
                Priority = priority,
                ExpiresAtNanos = ends == 0 || debit ? null : a.Now + (ends * 7 * Hour),
            }, $"{kind} {nanos} priority {priority} ends {ends}")),
        (1, from nanos in Gen.Choose(-30, 60)
            select Of(_ => new SetBalance { BalanceNanos = nanos }, $"set balance {nanos}")),
        (12, from nanos in Amount
             from key in Key
             from workspace in Workspace
             from meter in Gen.Elements("m", "n", "o")
             from quantity in Gen.Choose(0, 3)
             select Of(_ => Charge(nanos, key, workspace, quantity, meter), $"charge {nanos} {key} {workspace} {quantity} {meter}")),
        (8, from nanos in Amount
            from key in Key
            from workspace in Workspace
            from ttl in Gen.Choose(1, 40)
            select Of(_ => Authorize(nanos, ttl * Hour, key, workspace), $"authorize {nanos} {key} {workspace} for {ttl}h")),
        (8, from pick in Gen.Choose(0, 1000)
            from nanos in Amount
            from final in Gen.Elements(true, false)
            select Of(a => Capture(Pick<HoldPlaced>(a, pick), nanos, final), $"capture {pick} {nanos} {final}")),
        (3, from pick in Gen.Choose(0, 1000)
            select Of(a => Release(Pick<HoldPlaced>(a, pick)), $"release {pick}")),
        (2, from pick in Gen.Choose(0, 1000)
            from ttl in Gen.Choose(1, 40)
            select Of(a => new ExtendHold(Pick<HoldPlaced>(a, pick), ttl * Hour), $"extend {pick} {ttl}h")),
        (8, from pick in Gen.Choose(0, 1000)
            from nanos in Gen.Choose(0, 40)
            select Of(a => Reverse(Pick<Charged>(a, pick), nanos == 0 ? null : nanos), $"reverse {pick} {nanos}")),
        (4, from pick in Gen.Choose(0, 1000)
            select Of(a => Reverse(Pick<HoldCaptured>(a, pick)), $"reverse capture {pick}")),
        (2, from credit in Gen.Elements(0, 0, 20)
            from day in Cap
            from month in Cap
            from low in Cap
            select Of(_ => new SetLimits { CreditLimitNanos = credit, DailyCapNanos = day, MonthlyCapNanos = month, LowBalanceNanos = low }, $"limits {credit} {day} {month} {low}")),
        (1, from max in Gen.Elements<long?>(null, 3, 30)
            select Of(_ => new SetTier("t", [new QuotaLimit("m", max)]), $"tier {max}")),
        (1, Gen.Elements(null, "m", "n").Select(meter => Of(_ => new ResetQuota(meter, "test"), $"reset {meter}"))),
        (2, from workspace in Gen.Elements("w", "v")
            from caps in AnyCaps
            select Of(_ => new SetWorkspace(workspace, caps), $"workspace {workspace} {caps}")),
        (2, from key in Gen.Elements("k", "l", "internal")
            from caps in AnyCaps
            from workspace in Workspace
            select Of(_ => Make.Key(key, key == "internal" ? KeyType.Internal : KeyType.Standard, caps, workspace), $"key {key} {caps} {workspace}")),
        (1, Gen.Elements("k", "l", "internal").Select(key => Of(_ => Revoke(key), $"revoke {key}"))),
        (1, Gen.Elements<Command>(new SuspendAccount("test"), new ResumeAccount("test"), new ResumeAccount("test"), new ResumeAccount("test"), new GetAccount(), new CloseAccount("test"))
            .Select(command => Of(_ => command, command.GetType().Name))));

    public static Arbitrary<Step[]> Any { get; } = Arb.From(
        (from later in Later
         from command in AnyCommand
         select new Step(later, command.Command, command.Text)).ArrayOf().Resize(150),
        steps => Halves(steps).Concat(steps.Select((_, i) => steps.Where((_, j) => j != i).ToArray())));

    /// <summary>An account that has lived through a history.</summary>
    public static AccountUnderTest Live(Step[] steps)
    {
        AccountUnderTest account = Open("America/St_Johns", anchorDay: 31, creditLimit: 10, quotas: new QuotaLimit("m", 40)).Given(
            Topup(50), Make.Key("k"), Make.Key("internal", KeyType.Internal));
        foreach (Step step in steps)
        {
            account.After(step.AfterNanos).When(step.Command(account));
        }

        return account;
    }

    private static IEnumerable<Step[]> Halves(Step[] steps) =>
        steps.Length < 4 ? [] : [steps[..(steps.Length / 2)], steps[(steps.Length / 2)..]];

    private static (Func<AccountUnderTest, Command> Command, string Text) Of(Func<AccountUnderTest, Command> command, string text) => (command, text);

    // The number of some row of a kind, the latest ones more often than not; 0 where there is none.
    private static long Pick<T>(AccountUnderTest account, int pick)
    {
        long[] numbers = [.. account.Rows.Select((row, i) => (row.Event, Number: i + 1L)).Where(row => row.Event is T).Select(row => row.Number)];
        return numbers.Length == 0 ? 0 : numbers[Math.Max(0, numbers.Length - 1 - (pick % 6))];
    }
}
