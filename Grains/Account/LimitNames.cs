namespace OrleansBilling.Grains.Account;

/// <summary>What one owner's caps are called.</summary>
internal sealed record LimitNames(string Daily, string Monthly, string Total)
{
    public static readonly LimitNames Account = new("daily_cap", "monthly_cap", "total_cap");
    public static readonly LimitNames Key = new("key_daily_cap", "key_monthly_cap", "key_total_cap");
    public static readonly LimitNames Workspace = new("workspace_daily_cap", "workspace_monthly_cap", "workspace_total_cap");
}
