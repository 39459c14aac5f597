using OrleansBilling.Account;
using OrleansBilling.Grains.Snapshots;
using OrleansBilling.Grains.Time;

namespace OrleansBilling.Grains.Account;

/// <content>Reading it back.</content>
internal static partial class AccountSnapshot
{
    public static AccountState? Read(ReadOnlySpan<byte> snapshot)
    {
        SnapshotReader r = new(snapshot);
        if (r.Byte() != Version)
        {
            return null;
        }

        AccountState s = new()
        {
            Status = (AccountStatus)r.Byte(),
            LowBalanceArmed = r.Flag(),
            AnchorDay = r.Byte(),
            Mode = (AccountMode)r.Byte(),
            Currency = SharedNames.Of(r.Text()),
            Zone = SharedNames.Of(r.Text()),
            Tier = SharedNames.Of(r.Text()),
            Balance = r.Number(),
            Held = r.Number(),
            Debt = r.Number(),
            TotalSpent = r.Number(),
            CreditLimit = r.Number(),
            LowBalance = r.Number(),
            Day = new Period(r.Number(), r.Number()),
            Month = new Period(r.Number(), r.Number()),
            Budget = ReadBudget(ref r),
        };
        ReadLists(s, ref r);
        return r.IsWhole ? s : null;
    }

    private static void ReadLists(AccountState s, ref SnapshotReader r)
    {
        for (int i = r.Count(); i > 0; i--)
        {
            s.Grants.Add(new Grant
            {
                Number = r.Number(),
                Free = r.Number(),
                Held = r.Number(),
                Expires = r.Number(),
                Priority = r.Byte(),
                Kind = (CreditKind)r.Byte(),
            });
        }

        for (int i = r.Count(); i > 0; i--)
        {
            s.Holds.Add(ReadHold(ref r));
        }

        for (int i = r.Count(); i > 0; i--)
        {
            s.ExpiredHolds.Add(ReadExpiredHold(ref r));
        }

        for (int i = r.Count(); i > 0; i--)
        {
            s.EndedHolds.Add(r.Number());
        }

        ReadKeys(s, ref r);

        for (int i = r.Count(); i > 0; i--)
        {
            s.Workspaces.Add(new WorkspaceState { Name = r.Text(), Since = r.Number(), Budget = ReadBudget(ref r) });
        }

        for (int i = r.Count(); i > 0; i--)
        {
            s.Meters.Add(new MeterState { Name = SharedNames.Of(r.Text()), Max = r.Number(), Used = r.Number(), Since = r.Number() });
        }

        for (int i = r.Count(); i > 0; i--)
        {
            s.Reversals.Add(new Reversal { Charge = r.Number(), ChargedAt = r.Number(), Nanos = r.Number() });
        }
    }

    private static Budget ReadBudget(ref SnapshotReader r) => new()
    {
        DailyCap = r.Number(),
        MonthlyCap = r.Number(),
        TotalCap = r.Number(),
        Day = r.Number(),
        Month = r.Number(),
        Total = r.Number(),
    };

    private static HoldState ReadHold(ref SnapshotReader r)
    {
        HoldState hold = new()
        {
            Number = r.Number(),
            Remaining = r.Number(),
            Captured = r.Number(),
            PlacedAt = r.Number(),
            Expires = r.Number(),
            Quantity = r.Number(),
            Key = r.OptionalText(),
            Workspace = Shared(r.OptionalText()),
            Meter = SharedNames.Of(r.Text()),
            PriceVersion = Shared(r.OptionalText()),
            Internal = r.Flag(),
            Used = r.Flag(),
        };
        int parts = r.Count();
        hold.Parts = parts == 0 ? null : new GrantPart[parts];
        for (int i = 0; i < parts; i++)
        {
            long grant = r.Number();
            long nanos = r.Number();
            long priority = r.Number();
            long expires = r.Number();
            hold.Parts![i] = new GrantPart(
                grant,
                nanos,
                priority == GrantPart.UsualPriority ? null : unchecked((byte)priority),
                expires == long.MaxValue ? null : expires,
                (CreditKind)r.Byte());
        }

        return hold;
    }

    private static ExpiredHold ReadExpiredHold(ref SnapshotReader r) => new()
    {
        Number = r.Number(),
        DueAt = r.Number(),
        Quantity = r.Number(),
        Key = r.OptionalText(),
        Workspace = Shared(r.OptionalText()),
        Meter = SharedNames.Of(r.Text()),
    };

    private static string? Shared(string? name) => name is null ? null : SharedNames.Of(name);
}
