using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>
/// The grants: spent by priority, then earliest end, then age. Credit pays debt first, whether it is new, given back or
/// released from a hold.
/// </summary>
internal static class Wallet
{
    /// <summary>What an amount would take from free credit, in order; what the parts do not cover is debt.</summary>
    public static GrantPart[]? Plan(AccountState s, long nanos)
    {
        Span<Grant> grants = s.Grants.AsSpan();
        int parts = 0;
        long rest = nanos;
        for (int i = 0; i < grants.Length && rest > 0; i++)
        {
            if (grants[i].Free > 0)
            {
                parts++;
                rest -= Math.Min(rest, grants[i].Free);
            }
        }

        if (parts == 0)
        {
            return null;
        }

        GrantPart[] plan = new GrantPart[parts];
        rest = nanos;
        for (int i = 0, part = 0; part < parts; i++)
        {
            if (grants[i].Free > 0)
            {
                long taken = Math.Min(rest, grants[i].Free);
                plan[part++] = Part(in grants[i], taken);
                rest -= taken;
            }
        }

        return plan;
    }

    /// <summary>The sum of some parts.</summary>
    public static long Sum(GrantPart[]? parts)
    {
        long sum = 0;
        foreach (GrantPart part in parts ?? [])
        {
            sum += part.Nanos;
        }

        return sum;
    }

    /// <summary>Takes free credit; what the parts do not cover becomes debt. The balance goes down.</summary>
    public static void Take(AccountState s, long nanos, GrantPart[]? parts)
    {
        long rest = nanos;
        foreach (GrantPart part in parts ?? [])
        {
            int at = Find(s, part.Grant);
            s.Grants[at].Free -= part.Nanos;
            DropIfEmpty(s, at);
            rest -= part.Nanos;
        }

        s.Debt += rest;
        s.Balance -= nanos;
    }

    /// <summary>Sets free credit aside for a hold. The balance stays.</summary>
    public static void SetAside(AccountState s, GrantPart[]? parts)
    {
        foreach (GrantPart part in parts ?? [])
        {
            ref Grant grant = ref s.Grants[Find(s, part.Grant)];
            grant.Free -= part.Nanos;
            grant.Held += part.Nanos;
        }
    }

    /// <summary>Takes what was set aside in one grant.</summary>
    public static void TakeHeld(AccountState s, long grant, long nanos)
    {
        int at = Find(s, grant);
        s.Grants[at].Held -= nanos;
        DropIfEmpty(s, at);
    }

    /// <summary>Makes what was set aside free again; where its grant's end has passed meanwhile, it is due at once.</summary>
    public static void Free(AccountState s, GrantPart[]? parts)
    {
        foreach (GrantPart part in parts ?? [])
        {
            ref Grant grant = ref s.Grants[Find(s, part.Grant)];
            grant.Held -= part.Nanos;
            grant.Free += part.Nanos;
            Due.NotBefore(s, grant.Expires);
        }

        PayDebt(s);
    }

    /// <summary>Puts credit into a grant, opening it where it is not there. The balance goes up.</summary>
    public static void Give(AccountState s, GrantPart part)
    {
        s.Balance += part.Nanos;
        long expires = part.ExpiresAtNanos ?? long.MaxValue;
        Due.NotBefore(s, expires);
        int at = Find(s, part.Grant);
        if (at >= 0)
        {
            s.Grants[at].Free += part.Nanos;
            return;
        }

        Grant grant = new()
        {
            Number = part.Grant,
            Free = part.Nanos,
            Expires = expires,
            Priority = (byte)(part.Priority ?? GrantPart.UsualPriority),
            Kind = part.Kind,
        };
        at = s.Grants.Count;
        while (at > 0 && IsSpentBefore(in grant, in s.Grants[at - 1]))
        {
            at--;
        }

        s.Grants.Insert(at, grant);
    }

    /// <summary>Reduces debt. The balance goes up.</summary>
    public static void Forgive(AccountState s, long nanos)
    {
        s.Balance += nanos;
        s.Debt -= nanos;
    }

    /// <summary>Debt is paid from free credit, in spending order, so that the two never stand side by side.</summary>
    public static void PayDebt(AccountState s)
    {
        for (int i = 0; i < s.Grants.Count && s.Debt > 0;)
        {
            ref Grant grant = ref s.Grants[i];
            long paid = Math.Min(s.Debt, grant.Free);
            grant.Free -= paid;
            s.Debt -= paid;
            if (!DropIfEmpty(s, i))
            {
                i++;
            }
        }
    }

    /// <summary>A grant's place in the list, or −1.</summary>
    public static int Find(AccountState s, long number)
    {
        Span<Grant> grants = s.Grants.AsSpan();
        for (int i = 0; i < grants.Length; i++)
        {
            if (grants[i].Number == number)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Part of a grant, with the grant's terms.</summary>
    public static GrantPart Part(in Grant grant, long nanos) => new(
        grant.Number,
        nanos,
        grant.Priority == GrantPart.UsualPriority ? null : grant.Priority,
        grant.Expires == long.MaxValue ? null : grant.Expires,
        grant.Kind);

    private static bool DropIfEmpty(AccountState s, int at)
    {
        if (s.Grants[at].Free != 0 || s.Grants[at].Held != 0)
        {
            return false;
        }

        s.Grants.RemoveAt(at);
        return true;
    }

    private static bool IsSpentBefore(in Grant a, in Grant b) =>
        a.Priority != b.Priority ? a.Priority < b.Priority
        : a.Expires != b.Expires ? a.Expires < b.Expires
        : a.Number < b.Number;
}
