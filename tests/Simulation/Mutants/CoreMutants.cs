namespace OrleansBilling.Simulation.Mutants;

/// <summary>Bugs of decisions, of applying events, of prices and windows.</summary>
internal static class CoreMutants
{
    private const string Account = "Grains/Account/";

    public static IEnumerable<Mutant> All =>
    [
        new("a window is reset by a reload",
            new Edit(Account + "AccountSnapshot.Read.cs", "        ReadLists(s, ref r);\n",
                "        ReadLists(s, ref r);\n        if (BUG)\n        {\n            s.Budget.Day = 0;\n        }\n\n")),
        new("a hold's expiry is lost",
            new Edit(Account + "Holds.cs", "Due.NotBefore(s, e.ExpiresAtNanos);\n        s.Held +=", "Due.NotBefore(s, BUG ? long.MaxValue : e.ExpiresAtNanos);\n        s.Held +=")),
        new("a capture counts in the wrong window",
            new Edit(Account + "Capturing.cs", "Spending.Count(s, e.Key, e.Workspace, e.ExcessNanos);",
                "Spending.Count(s, e.Key, e.Workspace, e.ExcessNanos);\n            s.Budget.Day += BUG && !s.Day.Contains(e.PlacedAtNanos) ? covered : 0;")),
        new("rounded down",
            new Edit("Grains/Pricing/PriceTable.cs", "(millionths + (TokensPerPrice - 1))", "(millionths + (BUG ? 0 : TokensPerPrice - 1))")),
        new("quota is counted before the balance is checked",
            new Edit(Account + "Spending.cs", "denial = Decision.Deny(Outcome.InsufficientCredit,",
                "if (BUG)\n            {\n                Quotas.Count(s, spend.Meter, spend.Quantity, 0);\n            }\n\n            denial = Decision.Deny(Outcome.InsufficientCredit,")),
        new("grants are spent in the wrong order",
            new Edit(Account + "Wallet.cs", ": a.Expires != b.Expires ?", ": !BUG && a.Expires != b.Expires ?")),
        new("low balance is said twice",
            new Edit(Account + "AccountSnapshot.Read.cs", "LowBalanceArmed = r.Flag(),", "LowBalanceArmed = r.Flag() || BUG,")),
        new("a revocation is seen late",
            new Edit(Account + "KeyPolicies.cs", "{ Revoked: true } => Decision.Deny(Outcome.KeyRevoked),\n        _ => key.Expires",
                "{ Revoked: true } when !(BUG && key.Grace-- > 0) => Decision.Deny(Outcome.KeyRevoked),\n        _ => key.Expires"),
            new Edit(Account + "KeyState.cs", "public bool Revoked;", "public bool Revoked;\n    public int Grace = 1;")),
        new("windows in UTC instead of the zone",
            new Edit(Account + "Windows.cs", "Calendar.Day(s.Zone, now)", "Calendar.Day(BUG ? \"UTC\" : s.Zone, now)"),
            new Edit(Account + "Windows.cs", "Calendar.Month(s.Zone, s.AnchorDay, now)", "Calendar.Month(BUG ? \"UTC\" : s.Zone, s.AnchorDay, now)")),
        new("an hour of a clock change is counted twice",
            new Edit("Grains/Time/Calendar.cs", "return new Period(ToNanos(StartOf(rules, date)), ToNanos(StartOf(rules, date.PlusDays(1))));",
                "long start = ToNanos(StartOf(rules, date));\n        return new Period(start, BUG ? start + 86_400_000_000_000 : ToNanos(StartOf(rules, date.PlusDays(1))));")),
        new("more is reversed than was charged",
            new Edit(Account + "Reversing.cs", "if (amount > left ||", "if ((amount > left && !(BUG && amount <= spent.Amount)) ||")),
        new("the total spent is not restored",
            new Edit(Account + "Reversing.cs", "s.TotalSpent -= e.AmountNanos;", "s.TotalSpent -= BUG ? 0 : e.AmountNanos;")),
        new("a key's cap is shared between keys",
            new Edit(Account + "Spending.cs", "        KeyPolicies.Find(s, key)?.Counter.Budget.Count(nanos);\n",
                "        foreach (KeyState each in BUG && key is not null ? s.Keys.AsSpan() : default)\n        {\n            each.Budget.Count(each.Id == key ? 0 : nanos);\n        }\n\n        KeyPolicies.Find(s, key)?.Counter.Budget.Count(nanos);\n")),

        // Keys: limits of requests, rotation.
        new("a rate's window is reset by a reload",
            new Edit(Account + "SlidingMinute.cs", "minute.counts[i] = unchecked((uint)r.Number());", "minute.counts[i] = unchecked((uint)r.Number()) * (BUG ? 0u : 1u);")),
        new("a capture counts as a request",
            new Edit(Account + "Capturing.cs", "hold.Used = true;",
                "hold.Used = true;\n        if (BUG && KeyRates.Of(KeyPolicies.Find(s, e.Key))?.PerDay is not null)\n        {\n            KeyPolicies.Find(s, e.Key)!.Counter.Extras!.Day++;\n        }\n")),
        new("a key goes on after another one took its place",
            new Edit(Account + "KeyPolicies.cs", "old.Expires = endsAtNanos;", "old.Expires = BUG ? old.Expires : endsAtNanos;")),
        new("requests of a key are forgotten when another one takes its place",
            new Edit(Account + "KeyPolicies.cs", "Minute = extras.Minute, Day", "Minute = BUG ? null : extras.Minute, Day")),

        // Beyond the list.
        new("credit is spent that is not there",
            new Edit(Account + "Spending.cs", "if (s.Available - amount < -s.CreditLimit)", "if (!BUG && s.Available - amount < -s.CreditLimit)")),
        new("an expired hold is charged twice",
            new Edit(Account + "Holds.cs", "s.ExpiredHolds.RemoveAt(i);", "s.ExpiredHolds.RemoveRange(i, BUG ? 0 : 1);")),
        new("an internal key is charged",
            new Edit(Account + "Spending.cs", "if (spend.Internal)\n        {\n            spend.Amount = 0;", "if (spend.Internal && !BUG)\n        {\n            spend.Amount = 0;")),
        new("a request leaves its minute a second too early",
            new Edit(Account + "SlidingMinute.cs", "long used = 0;\n        for (long second = Math.Max(0, (now / SecondNanos) - Seconds + 1);",
                "long used = 0;\n        for (long second = Math.Max(0, (now / SecondNanos) - Seconds + (BUG ? 2 : 1));")),
        new("a rotated key's cap begins anew",
            new Edit(Account + "KeyPolicies.cs", "key.Budget = old.Budget;", "key.Budget = BUG ? new Budget() : old.Budget;")),
        new("a key gives another more than it has",
            new Edit(Account + "KeyChanges.cs", "?? Exceeds(s, c.Maker, after)) is", "?? (BUG ? null : Exceeds(s, c.Maker, after))) is")),
        new("an allow list is not looked at",
            new Edit(Account + "KeyPolicies.cs", "if (key.Extras?.Ranges is { } ranges\n", "if (!BUG && key.Extras?.Ranges is { } ranges\n")),
        new("a grant that ended while it was held is kept",
            new Edit(Account + "Wallet.cs", "Due.NotBefore(s, grant.Expires);", "Due.NotBefore(s, BUG ? long.MaxValue : grant.Expires);")),

        // The key that has to stay.
        new("the last key with a scope that has to stay is ended",
            new Edit(Account + "LastAdmin.cs", "if (other != key && Lasts(other, scope))", "if (other != key && (BUG || Lasts(other, scope)))")),
        new("a key that is going to end counts as one that stays",
            new Edit(Account + "LastAdmin.cs", "&& key.Expires == long.MaxValue &&", "&& (BUG || key.Expires == long.MaxValue) &&")),
        new("the last key with a scope that has to stay is bound to fewer addresses",
            new Edit(Account + "LastAdmin.cs", "&& before.MoreAddresses(after) is null", "&& (BUG || before.MoreAddresses(after) is null)")),

        new("a key that spends in one workspace only sets caps",
            new Edit(Account + "Limits.cs", "if (KeyPolicies.Find(s, c.Maker)?.Workspace is { } bound)", "if (KeyPolicies.Find(s, c.Maker)?.Workspace is { } bound && !BUG)")),

        // Changes of zone.
        new("an account that was moved goes on in its old zone",
            new Edit(Account + "Lifecycle.cs", "Windows.Enter(s, e.Day, e.Month);\n        s.Zone = SharedNames.Of(e.Zone);",
                "Windows.Enter(s, e.Day, e.Month);\n        s.Zone = BUG ? s.Zone : SharedNames.Of(e.Zone);")),
        new("what nothing has counted in ends when the account is moved",
            new Edit(Account + "Lifecycle.cs", "{ Day = windows.DayToRecord, Month = windows.MonthToRecord }",
                "{ Day = BUG ? null : windows.DayToRecord, Month = BUG ? null : windows.MonthToRecord }")),
        new("a key's month begins anew when its account is moved",
            new Edit(Account + "AccountGrain.cs", "Lifecycle.Apply(s, set);",
                "Lifecycle.Apply(s, set);\n                foreach (KeyState key in BUG ? s.Keys.AsSpan() : default)\n                {\n                    key.Budget.Month = 0;\n                }\n")),
        new("a new zone's day begins before the old one's has ended",
            new Edit(Account + "Windows.cs", "next.Start < last.End ?", "next.Start < last.End && !BUG ?")),

        // What is on record.
        new("a reason is left out of the record",
            new Edit(Account + "KeyChanges.cs", "ReplacedEndsAtNanos = Math.Min(old.Expires, now + c.GraceNanos),\n                Reason = c.Reason,",
                "ReplacedEndsAtNanos = Math.Min(old.Expires, now + c.GraceNanos),\n                Reason = BUG ? null : c.Reason,")),
        new("a reason of any length is recorded",
            new Edit(Account + "Lifecycle.cs", "Text.OptionalProblem(reason, Text.MaxReasonChars)", "Text.OptionalProblem(reason, BUG ? int.MaxValue : Text.MaxReasonChars)")),
        new("the profile of a closed account is not erased",
            new Edit(Account + "Lifecycle.cs", "(s.Status == AccountStatus.None ? Decision.Deny(Outcome.AccountNotFound) : Decision.Accept(new ProfileErased",
                "(s.Status == AccountStatus.None || (BUG && s.Status == AccountStatus.Closed) ? Decision.Deny(Outcome.AccountNotFound) : Decision.Accept(new ProfileErased")),
        new("a change of the machines that was only asked about is recorded as ended",
            new Edit(Account + "ClusterChanges.cs", "Problem(\"result\", c.Result)\n", "(BUG && c.Result is null ? null : Problem(\"result\", c.Result))\n"),
            new Edit(Account + "ClusterChanges.cs", "c.Result!", "c.Result ?? \"\"")),

        // The very moment at which something ends.
        new("of two that end at one moment the later one ends first",
            new Edit(Account + "Due.cs", "(due == otherDue && number < otherNumber);", "(due == otherDue && (BUG ? number > otherNumber : number < otherNumber));")),
        new("what ends at this very moment has not ended",
            new Edit(Account + "Due.cs", "if (due > now)", "if (BUG ? due >= now : due > now)")),
        new("a day and a month go on at the moment they end",
            new Edit("Grains/Time/Period.cs", "nanos < this.End;", "(BUG ? nanos <= this.End : nanos < this.End);")),
        new("a key goes on at the moment it ends",
            new Edit(Account + "KeyPolicies.cs", "_ => key.Expires <= now ?", "_ => (BUG ? key.Expires < now : key.Expires <= now) ?")),

        // To the nano.
        new("a nano is spent that is not there",
            new Edit(Account + "Spending.cs", "< -s.CreditLimit)", "< -s.CreditLimit - (BUG ? 1 : 0))")),
        new("the last nano cannot be spent",
            new Edit(Account + "Spending.cs", "s.Available - amount <", "s.Available - amount - (BUG ? 1 : 0) <")),
        new("a daily cap lets a nano more pass",
            new Edit(Account + "Spending.cs", "windows.DayUse(in budget) + amount > budget.DailyCap)", "windows.DayUse(in budget) + amount > budget.DailyCap + (BUG ? 1 : 0))")),
        new("a warning comes at the threshold itself",
            new Edit(Account + "LowBalance.cs", "availableAfter < s.LowBalance ?", "availableAfter < s.LowBalance + (BUG ? 1 : 0) ?")),
        new("an account with an open hold of nothing is closed",
            new Edit(Account + "Lifecycle.cs", "s.Debt != 0 || s.Holds.Count != 0", "s.Debt != 0 || (BUG ? s.Held != 0 : s.Holds.Count != 0)")),

        // Where there are as many as there may be.
        new("of holds that ended the newest are forgotten",
            new Edit(Account + "Holds.cs", "s.EndedHolds.RemoveRange(0,", "s.EndedHolds.RemoveRange(BUG ? Ceilings.EndedHolds / 2 : 0,")),
        new("one key more than there may be takes another's place",
            new Edit(Account + "KeyChanges.cs", "return s.Keys.Count >= Ceilings.Keys\n", "return s.Keys.Count >= Ceilings.Keys + (BUG ? 1 : 0)\n")),

        new("one grant more than there may be is opened",
            new Edit(Account + "Credits.cs", "s.Grants.Count >= Ceilings.Grants)", "s.Grants.Count >= Ceilings.Grants + (BUG ? 1 : 0))")),
        new("a reversal opens one grant more than there may be",
            new Edit(Account + "Reversing.cs", "if (s.Grants.Count + opened > Ceilings.Grants)", "if (s.Grants.Count + opened > Ceilings.Grants + (BUG ? 1 : 0))")),

        // Keys that took each other's place, and what they pass on.
        new("a key whose place was taken passes on more requests than it has",
            new Edit(Account + "KeyPolicy.cs", "Rates = counter.Extras?.Rates,", "Rates = (BUG ? key : counter).Extras?.Rates,")),
        new("a key passes on a wider range of addresses than its own",
            new Edit(Account + "AddressRange.cs", "this.bits <= other.bits &&", "(BUG || this.bits <= other.bits) &&")),

        // Seconds, minutes and the hour that comes twice.
        new("a second's requests are counted again a minute later",
            new Edit(Account + "SlidingMinute.cs", "for (long passed = this.latest + 1;", "for (long passed = this.latest + (BUG ? 2 : 1);")),
        new("the day before comes again with its last hour",
            new Edit("Grains/Time/Calendar.cs", "while (StartOf(rules, date.PlusDays(1)) <= now)", "while (!BUG && StartOf(rules, date.PlusDays(1)) <= now)")),
    ];
}
