using System.Globalization;
using NpgsqlTypes;
using AllTotals = System.Collections.Generic.KeyValuePair<(string Currency, string Mode), OrleansBilling.Journal.Postgres.AllSums>;
using HourTotals = System.Collections.Generic.KeyValuePair<(long Hour, string Currency, string Mode), OrleansBilling.Journal.Postgres.HourSums>;
using TopTotals = (OrleansBilling.Journal.Postgres.TopEntry Entry, OrleansBilling.Journal.Postgres.TopSums Sums);

namespace OrleansBilling.Journal.Postgres;

/// <summary>The tables of sums, as steps add to them: see the migration 0009.</summary>
internal static class UsageTables
{
    private const string Key = "";
    private const string Set = "excluded.{0}";
    private const string Add = "t.{0} + excluded.{0}";

    // An account's charges of a day come whole, those of models and endpoints to be added.
    private const string Top = "excluded.{0} + CASE WHEN t.kind = 'account' THEN 0 ELSE t.{0} END";

    /// <summary>By account, bucket and combination.</summary>
    public static UsageTable<HourlyRow> Hourly() => new(
        "usage_hourly",
        [
            Text<HourlyRow>("account", Key, static r => r.Account),
            Time<HourlyRow>("bucket", Key, static r => r.Bucket),
            Text<HourlyRow>("meter", Key, static r => r.Sums.Of.Meter),
            Text<HourlyRow>("endpoint", Key, static r => r.Sums.Of.Endpoint),
            Text<HourlyRow>("model", Key, static r => r.Sums.Of.Model),
            Text<HourlyRow>("key", Key, static r => r.Sums.Of.Key),
            Text<HourlyRow>("workspace", Key, static r => r.Sums.Of.Workspace),
            Flag<HourlyRow>("other", Key, static r => r.Sums.Of.Other),
            Number<HourlyRow>("quantity", Add, static r => r.Sums.Quantity),
            .. Requests<HourlyRow>(static r => r.Sums),
            .. Tokens<HourlyRow>(static r => r.Sums),
            .. Money<HourlyRow>(static r => r.Sums),
        ]);

    /// <summary>Where accounts stand.</summary>
    public static UsageTable<UsageAccountBatch> Accounts() => new(
        "account_totals",
        [
            Text<UsageAccountBatch>("account", Key, static a => a.Account),
            Number<UsageAccountBatch>("seq", Set, static a => a.State.Seq),
            Time<UsageAccountBatch>("bucket", Set, static a => a.State.Bucket),
            Number<UsageAccountBatch>("combinations", Set, static a => a.State.Combinations),
            Flag<UsageAccountBatch>("part_hours", Set, static a => a.State.PartHours),
            Text<UsageAccountBatch>("currency", Set, static a => a.State.Currency),
            Text<UsageAccountBatch>("mode", Set, static a => a.State.Mode),
            Text<UsageAccountBatch>("status", Set, static a => a.State.Status),
            Date<UsageAccountBatch>("day", Set, static a => a.State.Day),
            Number<UsageAccountBatch>("day_requests", Set, static a => a.State.DayRequests),
            Number<UsageAccountBatch>("day_charged", Set, static a => a.State.DayCharged),
            Number<UsageAccountBatch>("requests", Add, static a => a.Requests),
            Number<UsageAccountBatch>("balance", Add, static a => a.Balance),
            Number<UsageAccountBatch>("charged", Add, static a => a.Charged),
        ]);

    /// <summary>All accounts, by hour.</summary>
    public static UsageTable<HourTotals> Hours() => new(
        "totals_hourly",
        [
            Time<HourTotals>("hour", Key, static h => h.Key.Hour),
            Text<HourTotals>("currency", Key, static h => h.Key.Currency),
            Text<HourTotals>("mode", Key, static h => h.Key.Mode),
            Number<HourTotals>("opened", Add, static h => h.Value.Opened),
            .. Requests<HourTotals>(static h => h.Value.Sums),
            .. Tokens<HourTotals>(static h => h.Value.Sums),
            .. Money<HourTotals>(static h => h.Value.Sums),
        ]);

    /// <summary>All accounts.</summary>
    public static UsageTable<AllTotals> All() => new(
        "totals",
        [
            Text<AllTotals>("currency", Key, static a => a.Key.Currency),
            Text<AllTotals>("mode", Key, static a => a.Key.Mode),
            Number<AllTotals>("active", Add, static a => a.Value.Active),
            Number<AllTotals>("suspended", Add, static a => a.Value.Suspended),
            Number<AllTotals>("closed", Add, static a => a.Value.Closed),
            Number<AllTotals>("balance", Add, static a => a.Value.Sums.Balance),
            .. Requests<AllTotals>(static a => a.Value.Sums),
            .. Money<AllTotals>(static a => a.Value.Sums),
        ]);

    /// <summary>The highest of each day.</summary>
    public static UsageTable<TopTotals> Tops() => new(
        "top_daily",
        [
            Date<TopTotals>("day", Key, static t => t.Entry.Day),
            Text<TopTotals>("kind", Key, static t => t.Entry.Kind),
            Text<TopTotals>("currency", Key, static t => t.Entry.Currency),
            Text<TopTotals>("mode", Key, static t => t.Entry.Mode),
            Text<TopTotals>("value", Key, static t => t.Entry.Value),
            Number<TopTotals>("requests", Top, static t => t.Sums.Requests),
            Number<TopTotals>("charged", Top, static t => t.Sums.Charged),
        ]);

    private static UsageColumn<T>[] Requests<T>(Func<T, UsageSums> sums) =>
        [Number<T>("requests", Add, r => sums(r).Requests), Number<T>("reversals", Add, r => sums(r).Reversals)];

    private static UsageColumn<T>[] Tokens<T>(Func<T, UsageSums> sums) =>
    [
        Number<T>("input_tokens", Add, r => sums(r).InputTokens),
        Number<T>("output_tokens", Add, r => sums(r).OutputTokens),
        Number<T>("cached_tokens", Add, r => sums(r).CachedTokens),
        Number<T>("reasoning_tokens", Add, r => sums(r).ReasoningTokens),
    ];

    private static UsageColumn<T>[] Money<T>(Func<T, UsageSums> sums) =>
    [
        Number<T>("charged", Add, r => sums(r).Charged),
        Number<T>("reversed", Add, r => sums(r).Reversed),
        Number<T>("granted", Add, r => sums(r).Granted),
        Number<T>("debited", Add, r => sums(r).Debited),
        Number<T>("expired", Add, r => sums(r).Expired),
    ];

    private static UsageNumber<T> Number<T>(string name, string update, Func<T, Int128> value) => new(name, Update(name, update), value);

    private static UsageColumn<T, string> Text<T>(string name, string update, Func<T, string> value) => new(name, Update(name, update), NpgsqlDbType.Text, "text", value);

    private static UsageColumn<T, long> Time<T>(string name, string update, Func<T, long> value) => new(name, Update(name, update), NpgsqlDbType.TimestampTz, "timestamptz", value);

    private static UsageColumn<T, DateOnly> Date<T>(string name, string update, Func<T, DateOnly> value) => new(name, Update(name, update), NpgsqlDbType.Date, "date", value);

    private static UsageColumn<T, bool> Flag<T>(string name, string update, Func<T, bool> value) => new(name, Update(name, update), NpgsqlDbType.Boolean, "boolean", value);

    private static string? Update(string name, string update) => update == Key ? null : string.Format(CultureInfo.InvariantCulture, update, name);
}

/// <summary>A row of use.</summary>
/// <param name="Account">The account.</param>
/// <param name="Bucket">The bucket's start, in microseconds as PostgreSQL counts them.</param>
/// <param name="Sums">What is added, and the combination.</param>
internal readonly record struct HourlyRow(string Account, long Bucket, UsageEntry Sums);
