using FsCheck;
using FsCheck.Fluent;
using OrleansBilling.Account;

namespace OrleansBilling.Grains.Tests;

/// <summary>
/// Invariants over generated histories. That available never falls below the credit limit and that entries add up to the balance
/// (1, 2) is audited after every single event; see <see cref="Audit"/>.
/// </summary>
public class PropertyTests
{
    // Always the same histories: a test that fails once fails again.
    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20260310, 1);

    [Fact]
    public void Every_state_adds_up_and_replaying_its_rows_gives_it_again_byte_for_byte() => Check(account =>
    {
        byte[] state = AccountUnderTest.Snapshot(account.State);
        Assert.Equal(state, AccountUnderTest.Snapshot(account.Replayed()));
        account.Restored();
    });

    [Fact]
    public void A_hold_ends_exactly_once_and_never_leaks() => Check(account =>
    {
        account.After(40 * AccountUnderTest.Day).Settle();
        Assert.Equal((0, 0), (account.State.Holds.Count, account.State.Held));
        Dictionary<long, long> left = [];
        foreach (((Event e, long _), int i) in account.Rows.Select((row, i) => (row, i)))
        {
            switch (e)
            {
                case HoldPlaced placed:
                    left.Add(i + 1, placed.AmountNanos);
                    break;
                case HoldCaptured captured:
                    Assert.Equal(left[captured.Hold], captured.AmountNanos - captured.ExcessNanos + captured.ReleasedNanos + captured.RemainingNanos);
                    left[captured.Hold] = captured.RemainingNanos;
                    Ends(left, captured.Hold, captured.Final ? 0 : null);
                    break;
                case HoldReleased released:
                    Ends(left, released.Hold, released.AmountNanos);
                    break;
                case HoldExpired expired:
                    Ends(left, expired.Hold, expired.AmountNanos);
                    break;
                default:
                    break;
            }
        }

        Assert.Empty(left);
    });

    [Fact]
    public void No_charge_gives_back_more_than_it_took_and_all_of_them_give_everything_back() => Check(account =>
    {
        Dictionary<long, long> spent = [];
        foreach (((Event e, long _), int i) in account.Rows.Select((row, i) => (row, i)))
        {
            switch (e)
            {
                case Charged charged:
                    spent.Add(i + 1, charged.AmountNanos);
                    break;
                case HoldCaptured captured:
                    spent.Add(i + 1, captured.AmountNanos);
                    break;
                case ChargeReversed reversed:
                    spent[reversed.Charge] -= reversed.AmountNanos;
                    Assert.True(spent[reversed.Charge] >= 0);
                    break;
                default:
                    break;
            }
        }

        Assert.Equal(account.State.TotalSpent, spent.Values.Sum());
        if (account.State.Status == AccountStatus.Closed)
        {
            return;
        }

        foreach ((long charge, long nanos) in spent.Where(s => s.Value > 0))
        {
            account.When(Make.Reverse(charge, nanos));
            Assert.True(account.Outcome is Outcome.Accepted or Outcome.ReversalTooLate, account.Outcome.ToString());
            spent[charge] = account.Outcome == Outcome.Accepted ? 0 : nanos;
        }

        Assert.Equal(account.State.TotalSpent, spent.Values.Sum());

        // What is neither spent nor held is counted nowhere for ever.
        Assert.Equal(account.State.Held + account.State.TotalSpent, account.State.Budget.Total);
    });

    [Fact]
    public void A_crossing_is_said_once_and_only_below_the_threshold() => Check(account =>
    {
        AccountUnderTest replay = new();
        bool said = true;
        for (int i = 0; i < account.Rows.Count; i++)
        {
            (Event e, long at) = account.Rows[i];
            replay.At(Math.Max(at, replay.Now)).Record(e);
            if (e is LowBalanceCrossed crossed)
            {
                Assert.False(said, "Said twice.");
                Assert.True(crossed.AvailableNanos < crossed.ThresholdNanos);
                Assert.Equal(replay.State.Available, crossed.AvailableNanos);
                said = true;
            }
            else if (e is LimitsSet || replay.State.Available >= replay.State.LowBalance)
            {
                said = replay.State.Available < replay.State.LowBalance;
            }
            else if (!said && i == account.Rows.Count - 1)
            {
                Assert.Fail("A crossing was not said.");
            }
        }
    });

    private static void Check(Action<AccountUnderTest> holds) =>
        Prop.ForAll(Histories.Any, steps => holds(Histories.Live(steps))).Check(Config);

    private static void Ends(Dictionary<long, long> left, long hold, long? rest)
    {
        if (rest is not null)
        {
            Assert.Equal(rest, left[hold]);
            left.Remove(hold);
        }
    }
}
