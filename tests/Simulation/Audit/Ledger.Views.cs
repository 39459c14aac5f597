using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>What a read shows.</summary>
internal sealed partial class Ledger
{
    /// <summary>
    /// Whether a read shows the account as it is, compared in place: a crowded account's view has thousands of parts. False may
    /// also mean that it shows something in another order.
    /// </summary>
    public bool IsShownBy(AccountView view)
    {
        if (this.opened is null)
        {
            return false;
        }

        Window inDay = this.DayOf(view.AtNanos);
        Window inMonth = this.MonthOf(view.AtNanos);
        Caps own = new() { DailyNanos = this.limits.DailyCapNanos, MonthlyNanos = this.limits.MonthlyCapNanos };
        return view.Seq == this.Seq && view.Status == this.status && view.Mode == this.opened.Mode && view.Currency == this.opened.Currency && view.Zone == this.zone
            && view.AnchorDay == this.opened.AnchorDay && view.BalanceNanos == this.Balance && view.HeldNanos == this.held
            && view.CreditLimitNanos == this.limits.CreditLimitNanos && view.TotalSpentNanos == this.totalSpent
            && view.LowBalanceNanos == this.limits.LowBalanceNanos && view.Tier == this.tier
            && view.Day == inDay && view.Month == inMonth
            && view.Limits.Length == 2 + this.meters.Count && AreCaps(view.Limits, own, this.spent, AccountNames, inDay, inMonth)
            && this.AreMeters(view.Limits.AsSpan(2), inMonth) && this.AreGrants(view.Grants) && this.AreHolds(view.Holds)
            && this.AreKeys(view.Keys, inDay, inMonth, view.AtNanos) && this.AreWorkspaces(view.Workspaces, inDay, inMonth);
    }

    private static readonly string[] AccountNames = ["daily_cap", "monthly_cap"];
    private static readonly string[] KeyNames = ["key_daily_cap", "key_monthly_cap", "key_total_cap"];
    private static readonly string[] WorkspaceNames = ["workspace_daily_cap", "workspace_monthly_cap", "workspace_total_cap"];

    private static bool IsLimit(Limit limit, string name, long max, long used, long resets) =>
        limit.Name == name && limit.Max == max && limit.Used == used && limit.Requested == 0 && limit.ResetsAtNanos == resets;

    private static bool AreCaps(Limit[] limits, Caps? caps, LedgerScope scope, string[] names, Window inDay, Window inMonth) =>
        limits.Length >= names.Length
        && IsLimit(limits[0], names[0], Shown(caps?.DailyNanos), scope.InDay(inDay), inDay.EndNanos)
        && IsLimit(limits[1], names[1], Shown(caps?.MonthlyNanos), scope.InMonth(inMonth), inMonth.EndNanos)
        && (names.Length == 2 || (limits.Length == 3 && IsLimit(limits[2], names[2], Shown(caps?.TotalNanos), scope.Total, 0)));

    private bool AreMeters(ReadOnlySpan<Limit> limits, Window inMonth)
    {
        for (int i = 0; i < limits.Length; i++)
        {
            LedgerMeter meter = this.meters[i];
            if (!IsLimit(limits[i], meter.Shown, meter.Max ?? -1, meter.ByMonth.GetValueOrDefault(inMonth.StartNanos), inMonth.EndNanos))
            {
                return false;
            }
        }

        return true;
    }

    private bool AreGrants(GrantView[] views)
    {
        for (int i = 0; i < views.Length && i < this.grants.Count; i++)
        {
            LedgerGrant grant = this.grants[i];
            if (views[i] != new GrantView(grant.Seq, grant.Kind, grant.Left, grant.Priority, grant.Expires))
            {
                return false;
            }
        }

        return views.Length == this.grants.Count;
    }

    private bool AreHolds(HoldView[] views)
    {
        int i = 0;
        foreach (LedgerHold hold in this.open.Values)
        {
            if (i == views.Length || views[i++] != View(hold))
            {
                return false;
            }
        }

        return i == views.Length;
    }

    private bool AreKeys(KeyView[] views, Window inDay, Window inMonth, long now)
    {
        for (int i = 0; i < views.Length && i < this.keys.Count; i++)
        {
            KeyView view = views[i];
            LedgerKey key = this.keys[i];
            KeyCreated created = key.Created;
            if (view.Key != created.Key || view.Prefix != created.Prefix || view.Name != created.Name || view.Type != created.Type
                || !view.Scopes.AsSpan().SequenceEqual(created.Scopes) || view.Revoked != key.Revoked
                || view.ExpiresAtNanos != created.ExpiresAtNanos || view.Workspace != created.Workspace
                || view.Mode != this.opened!.Mode || view.Requests != key.Requests || view.LastUsedAtNanos != (key.LastUsed == 0 ? null : key.LastUsed)
                || view.Successor != key.Successor?.Created.Key || !view.Rates.AsSpan().SequenceEqual(this.RatesOf(key, now, 0).ToArray())
                || !(view.Addresses ?? []).AsSpan().SequenceEqual(created.Addresses) || !(view.Metadata ?? []).AsSpan().SequenceEqual(created.Metadata)
                || !AreCaps(view.Limits, key.Last.Created.Caps, key.Spent, KeyNames, inDay, inMonth))
            {
                return false;
            }
        }

        return views.Length == this.keys.Count;
    }

    private bool AreWorkspaces(WorkspaceView[] views, Window inDay, Window inMonth)
    {
        int i = 0;
        foreach ((string name, LedgerWorkspace workspace) in this.workspaces)
        {
            if (workspace.Caps is null)
            {
                continue;
            }

            if (i == views.Length || views[i].Workspace != name || !AreCaps(views[i++].Limits, workspace.Caps, workspace.Spent, WorkspaceNames, inDay, inMonth))
            {
                return false;
            }
        }

        return i == views.Length;
    }

    private static HoldView View(LedgerHold hold) => new(
        hold.Seq, hold.Left, hold.Captured, hold.PlacedAt, hold.Expires, hold.Placed.Key, hold.Placed.Workspace, hold.Placed.Meter, hold.Placed.Quantity);

    private static long Shown(long? cap) => cap ?? -1;

    private Limit[] CapsView(Caps caps, LedgerScope scope, string prefix, long now, bool all)
    {
        Window inDay = this.DayOf(now);
        Window inMonth = this.MonthOf(now);
        List<Limit> shown = [];
        if (all || caps.DailyNanos is not null)
        {
            shown.Add(new Limit($"{prefix}daily_cap", Shown(caps.DailyNanos), scope.InDay(inDay), 0, inDay.EndNanos));
        }

        if (all || caps.MonthlyNanos is not null)
        {
            shown.Add(new Limit($"{prefix}monthly_cap", Shown(caps.MonthlyNanos), scope.InMonth(inMonth), 0, inMonth.EndNanos));
        }

        if (caps.TotalNanos is not null || (all && prefix.Length > 0))
        {
            shown.Add(new Limit($"{prefix}total_cap", Shown(caps.TotalNanos), scope.Total, 0));
        }

        return [.. shown];
    }

    private AccountView View(long now)
    {
        Caps own = new() { DailyNanos = this.limits.DailyCapNanos, MonthlyNanos = this.limits.MonthlyCapNanos };
        List<Limit> shown = [.. this.CapsView(own, this.spent, "", now, true)];
        foreach (LedgerMeter meter in this.meters)
        {
            shown.Add(new Limit(meter.Shown, meter.Max ?? -1, this.Count(meter, now), 0, this.MonthOf(now).EndNanos));
        }

        return new AccountView
        {
            Seq = this.Seq,
            AtNanos = now,
            Status = this.status,
            Mode = this.opened!.Mode,
            Currency = this.opened.Currency,
            Zone = this.zone,
            AnchorDay = this.opened.AnchorDay,
            BalanceNanos = this.Balance,
            HeldNanos = this.held,
            CreditLimitNanos = this.limits.CreditLimitNanos,
            TotalSpentNanos = this.totalSpent,
            LowBalanceNanos = this.limits.LowBalanceNanos,
            Tier = this.tier,
            Day = this.DayOf(now),
            Month = this.MonthOf(now),
            Limits = [.. shown],
            Grants = [.. this.grants.Select(g => new GrantView(g.Seq, g.Kind, g.Left, g.Priority, g.Expires))],
            Holds = [.. this.open.Values.Select(View)],
            Keys = [.. this.keys.Select(k => this.ViewOf(k, now))],
            Workspaces = [.. this.workspaces.Where(w => w.Value.Caps is not null)
                .Select(w => new WorkspaceView(w.Key, this.CapsView(w.Value.Caps!, w.Value.Spent, "workspace_", now, true)))],
        };
    }
}
