using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Where answers turn over.</summary>
internal sealed partial class Ledger
{
    /// <summary>Amounts of which one nano more or less makes another answer, as the account is now.</summary>
    public List<long> EdgesOf(Command command, long now)
    {
        List<long> edges = [];
        switch (command)
        {
            case SpendCommand c:
                this.AddLeft(edges, c.Key, this.KeyOf(c.Key)?.Created.Workspace ?? c.Workspace, 0, now);
                break;
            case CaptureHold c when this.open.TryGetValue(c.Hold, out LedgerHold? hold):
                edges.Add(hold.Left);
                this.AddLeft(edges, hold.Placed.Key, hold.Placed.Workspace, hold.Left, now);
                break;
            case ReverseCharge c when this.charges.TryGetValue(c.Charge, out LedgerCharge? charge):
                edges.AddRange([charge.Amount - charge.Reversed, charge.Debt, charge.Debt - charge.Reversed]);
                break;
            case PostCredit c:
                edges.Add(this.debt);
                edges.Add((this.limits.LowBalanceNanos ?? 0) - this.Available);
                break;
            case SetBalance:
                edges.AddRange([0, 0, this.held - this.limits.CreditLimitNanos, this.held + (this.limits.LowBalanceNanos ?? 0)]);
                break;
            case SetLimits:
                edges.Add(this.Available);
                break;
        }

        return command is SetBalance or SetLimits ? edges : edges.FindAll(static nanos => nanos > 0);
    }

    /// <summary>When the next key ends; long.MaxValue when none does.</summary>
    public long NextKeyEndAfter(long now) => this.keys.Where(k => !k.Revoked && k.Created.ExpiresAtNanos > now).Min(static k => k.Created.ExpiresAtNanos) ?? long.MaxValue;

    // What is left of all that limits, beyond what is held for it already.
    private void AddLeft(List<long> edges, string? keyId, string? workspaceName, long held, long now)
    {
        void Add(Caps? caps, LedgerScope scope)
        {
            edges.Add(held + (caps?.DailyNanos ?? 0) - scope.InDay(this.DayOf(now)));
            edges.Add(held + (caps?.MonthlyNanos ?? 0) - scope.InMonth(this.MonthOf(now)));
            edges.Add(held + (caps?.TotalNanos ?? 0) - scope.Total);
        }

        edges.Add(held + this.Available + this.limits.CreditLimitNanos);
        edges.Add(held + this.Available - (this.limits.LowBalanceNanos ?? 0));
        Add(new Caps { DailyNanos = this.limits.DailyCapNanos, MonthlyNanos = this.limits.MonthlyCapNanos }, this.spent);
        if (this.KeyOf(keyId) is { } key)
        {
            Add(key.Last.Created.Caps, key.Spent);
        }

        if (workspaceName is not null && this.workspaces.TryGetValue(workspaceName, out LedgerWorkspace? workspace))
        {
            Add(workspace.Caps, workspace.Spent);
        }
    }
}
