using System.Buffers;
using OrleansBilling.Account;
using OrleansBilling.Grains.Snapshots;

namespace OrleansBilling.Grains.Account;

/// <summary>The account's state in bytes. A change of the form takes a new version; the old one is then not read, but replayed.</summary>
internal static partial class AccountSnapshot
{
    private const byte Version = 2;

    public static void Write(AccountState s, IBufferWriter<byte> output)
    {
        SnapshotWriter w = new(output);
        w.Byte(Version);
        w.Byte((byte)s.Status);
        w.Flag(s.LowBalanceArmed);
        w.Byte(s.AnchorDay);
        w.Byte((byte)s.Mode);
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

    private static void Write(SnapshotWriter w, in Budget budget)
    {
        w.Number(budget.DailyCap);
        w.Number(budget.MonthlyCap);
        w.Number(budget.TotalCap);
        w.Number(budget.Day);
        w.Number(budget.Month);
        w.Number(budget.Total);
    }

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

    private static void Write(SnapshotWriter w, ExpiredHold hold)
    {
        w.Number(hold.Number);
        w.Number(hold.DueAt);
        w.Number(hold.Quantity);
        w.Text(hold.Key);
        w.Text(hold.Workspace);
        w.Text(hold.Meter);
    }
}
