using System.Buffers;
using OrleansBilling.Account;
using OrleansBilling.Grains.Snapshots;
using OrleansBilling.Grains.Time;

namespace OrleansBilling.Grains.Account;

/// <summary>The account's state in bytes. A change of the form takes a new version; the old one is then not read, but replayed.</summary>
internal static class AccountSnapshot
{
    private const byte Version = 1;

    public static void Write(AccountState s, IBufferWriter<byte> output)
    {
        SnapshotWriter w = new(output);
        w.Byte(Version);
        w.Byte((byte)s.Status);
        w.Flag(s.LowBalanceArmed);
        w.Byte(s.AnchorDay);
        w.Text(s.Currency);
        w.Text(s.Zone);
        w.Text(s.Tier);
        w.Number(s.Balance);
        w.Number(s.Held);
        w.Number(s.Debt);
        w.Number(s.TotalSpent);
        w.Number(s.CreditLimit);
        w.Number(s.LowBalance);
        w.Number(s.Day.Start);
        w.Number(s.Day.End);
        w.Number(s.Month.Start);
        w.Number(s.Month.End);
        Write(w, in s.Budget);
        w.Number(s.Grants.Count);
        foreach (ref Grant grant in s.Grants.AsSpan())
        {
            Write(w, in grant);
        }

        w.Number(s.Holds.Count);
        foreach (HoldState hold in s.Holds.AsSpan())
        {
            Write(w, hold);
        }

        w.Number(s.ExpiredHolds.Count);
        foreach (ExpiredHold hold in s.ExpiredHolds.AsSpan())
        {
            Write(w, hold);
        }

        w.Number(s.EndedHolds.Count);
        foreach (long number in s.EndedHolds.AsSpan())
        {
            w.Number(number);
        }

        w.Number(s.Keys.Count);
        foreach (KeyState key in s.Keys.AsSpan())
        {
            Write(w, key);
        }

        w.Number(s.Workspaces.Count);
        foreach (WorkspaceState workspace in s.Workspaces.AsSpan())
        {
            w.Text(workspace.Name);
            w.Number(workspace.Since);
            Write(w, in workspace.Budget);
        }

        w.Number(s.Meters.Count);
        foreach (ref MeterState meter in s.Meters.AsSpan())
        {
            w.Text(meter.Name);
            w.Number(meter.Max);
            w.Number(meter.Used);
            w.Number(meter.Since);
        }

        w.Number(s.Reversals.Count);
        foreach (ref Reversal reversal in s.Reversals.AsSpan())
        {
            w.Number(reversal.Charge);
            w.Number(reversal.ChargedAt);
            w.Number(reversal.Nanos);
        }
    }

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

        for (int i = r.Count(); i > 0; i--)
        {
            KeyPolicies.Add(s, ReadKey(ref r));
        }

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

    private static void Write(SnapshotWriter w, in Budget budget)
    {
        w.Number(budget.DailyCap);
        w.Number(budget.MonthlyCap);
        w.Number(budget.TotalCap);
        w.Number(budget.Day);
        w.Number(budget.Month);
        w.Number(budget.Total);
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

    private static void Write(SnapshotWriter w, in Grant grant)
    {
        w.Number(grant.Number);
        w.Number(grant.Free);
        w.Number(grant.Held);
        w.Number(grant.Expires);
        w.Byte(grant.Priority);
        w.Byte((byte)grant.Kind);
    }

    private static void Write(SnapshotWriter w, HoldState hold)
    {
        w.Number(hold.Number);
        w.Number(hold.Remaining);
        w.Number(hold.Captured);
        w.Number(hold.PlacedAt);
        w.Number(hold.Expires);
        w.Number(hold.Quantity);
        w.Text(hold.Key);
        w.Text(hold.Workspace);
        w.Text(hold.Meter);
        w.Text(hold.PriceVersion);
        w.Flag(hold.Internal);
        w.Flag(hold.Used);
        w.Number(hold.Parts?.Length ?? 0);
        foreach (GrantPart part in hold.Parts ?? [])
        {
            w.Number(part.Grant);
            w.Number(part.Nanos);
            w.Number(part.Priority ?? GrantPart.UsualPriority);
            w.Number(part.ExpiresAtNanos ?? long.MaxValue);
            w.Byte((byte)part.Kind);
        }
    }

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

    private static void Write(SnapshotWriter w, ExpiredHold hold)
    {
        w.Number(hold.Number);
        w.Number(hold.DueAt);
        w.Number(hold.Quantity);
        w.Text(hold.Key);
        w.Text(hold.Workspace);
        w.Text(hold.Meter);
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

    private static void Write(SnapshotWriter w, KeyState key)
    {
        w.Text(key.Id);
        w.Text(key.Prefix);
        w.Text(key.Name);
        w.Text(key.Workspace);
        w.Number(key.Scopes?.Length ?? 0);
        foreach (string scope in key.Scopes ?? [])
        {
            w.Text(scope);
        }

        w.Number(key.Expires);
        w.Byte((byte)key.Type);
        w.Flag(key.Revoked);
        Write(w, in key.Budget);
    }

    private static KeyState ReadKey(ref SnapshotReader r)
    {
        KeyState key = new()
        {
            Id = r.Text(),
            Prefix = SharedNames.Of(r.Text()),
            Name = r.OptionalText(),
            Workspace = Shared(r.OptionalText()),
        };
        int scopes = r.Count();
        key.Scopes = scopes == 0 ? null : new string[scopes];
        for (int i = 0; i < scopes; i++)
        {
            key.Scopes![i] = SharedNames.Of(r.Text());
        }

        key.Expires = r.Number();
        key.Type = (KeyType)r.Byte();
        key.Revoked = r.Flag();
        key.Budget = ReadBudget(ref r);
        return key;
    }

    private static string? Shared(string? name) => name is null ? null : SharedNames.Of(name);
}
