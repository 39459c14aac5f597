using OrleansBilling.Account;
using OrleansBilling.Grains.Account;

namespace OrleansBilling.Grains.Tests;

/// <summary>What is due next, in the words of the rule: of all that has ended by now the earliest, by number where they tie.</summary>
internal static class DueByDefinition
{
    public static Event? Next(AccountState s, long now)
    {
        if (s.LowBalanceArmed && s.Available < s.LowBalance)
        {
            return new LowBalanceCrossed(s.LowBalance, s.Available);
        }

        IEnumerable<(long At, long Number, Event Event)> grants = s.Grants.ToArray().Where(g => g.Free > 0).Select(g => (
            g.Expires,
            g.Number,
            (Event)new GrantExpired { Grant = g.Number, AmountNanos = g.Free, BalanceNanos = s.Balance - g.Free, DueAtNanos = g.Expires }));
        IEnumerable<(long At, long Number, Event Event)> holds = s.Holds.ToArray().Select(h => (
            h.Expires, h.Number, (Event)new HoldExpired(h.Number, h.Remaining, s.Balance, s.Held - h.Remaining, h.Expires)));
        return grants.Concat(holds).Where(d => d.At <= now).OrderBy(d => d.At).ThenBy(d => d.Number).Select(d => d.Event).FirstOrDefault();
    }
}
