using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// Says once that available credit fell below the threshold: in the decision that made it so, or right after an expiry. It can
/// be said again once available has been at or above the threshold.
/// </summary>
internal static class LowBalance
{
    /// <summary>Accepts, and says the crossing where this makes one.</summary>
    public static Decision Accept(AccountState s, AccountEvent e, long availableAfter) => Decision.Accept(
        e,
        s.LowBalanceArmed && availableAfter < s.LowBalance ? new LowBalanceCrossed(s.LowBalance, availableAfter) : null);

    /// <summary>After every event.</summary>
    public static void Rearm(AccountState s)
    {
        if (s.LowBalance != AccountState.NoThreshold && s.Available >= s.LowBalance)
        {
            s.LowBalanceArmed = true;
        }
    }
}
