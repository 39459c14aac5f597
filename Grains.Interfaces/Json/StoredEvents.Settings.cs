using OrleansBilling.Account;

namespace OrleansBilling.Json;

/// <content>What is set on an account and what becomes of it: few rows each, but of every account.</content>
internal static partial class StoredEvents
{
    private static GrantExpired GrantExpired(ref StoredReader r)
    {
        r.Begin();
        GrantExpired e = new()
        {
            Grant = r.RequiredInt64("\"grant\":"u8),
            AmountNanos = r.RequiredInt64("\"amountNanos\":"u8),
            BalanceNanos = r.RequiredInt64("\"balanceNanos\":"u8),
            DueAtNanos = r.RequiredInt64("\"dueAtNanos\":"u8),
        };
        r.End();
        return e;
    }

    private static HoldExtended HoldExtended(ref StoredReader r)
    {
        r.Begin();
        HoldExtended e = new(r.Int64("\"hold\":"u8), r.Int64("\"expiresAtNanos\":"u8));
        r.End();
        return e;
    }

    // Of a live account; a test account says its mode, which is the serializer's to read.
    private static AccountOpened AccountOpened(ref StoredReader r)
    {
        r.Begin();
        AccountOpened e = new(
            r.Text("\"currency\":"u8)!, r.Text("\"zone\":"u8)!, r.Int32("\"anchorDay\":"u8), r.Int64("\"creditLimitNanos\":"u8), r.Text("\"tier\":"u8)!, Quotas(ref r)!)
        {
            Reason = r.Text("\"reason\":"u8),
        };
        r.End();
        return e;
    }

    private static LimitsSet LimitsSet(ref StoredReader r)
    {
        r.Begin();
        LimitsSet e = new(
            r.Int64("\"creditLimitNanos\":"u8), r.NullableInt64("\"dailyCapNanos\":"u8), r.NullableInt64("\"monthlyCapNanos\":"u8), r.NullableInt64("\"lowBalanceNanos\":"u8))
        {
            Reason = r.Text("\"reason\":"u8),
        };
        r.End();
        return e;
    }

    private static TierSet TierSet(ref StoredReader r)
    {
        r.Begin();
        TierSet e = new(r.Text("\"tier\":"u8)!, Quotas(ref r)!) { Reason = r.Text("\"reason\":"u8) };
        r.End();
        return e;
    }

    private static QuotaReset QuotaReset(ref StoredReader r)
    {
        r.Begin();
        QuotaReset e = new(r.Text("\"meter\":"u8), r.Text("\"reason\":"u8)!);
        r.End();
        return e;
    }

    private static WorkspaceSet WorkspaceSet(ref StoredReader r)
    {
        r.Begin();
        WorkspaceSet e = new(r.Text("\"workspace\":"u8)!, Caps(ref r)!) { Reason = r.Text("\"reason\":"u8) };
        r.End();
        return e;
    }

    private static LowBalanceCrossed LowBalanceCrossed(ref StoredReader r)
    {
        r.Begin();
        LowBalanceCrossed e = new(r.Int64("\"thresholdNanos\":"u8), r.Int64("\"availableNanos\":"u8));
        r.End();
        return e;
    }

    private static string? OnlyText(ref StoredReader r, ReadOnlySpan<byte> name)
    {
        r.Begin();
        string? text = r.Text(name);
        r.End();
        return text;
    }

    private static Caps? Caps(ref StoredReader r)
    {
        if (!r.Has("\"caps\":"u8))
        {
            return null;
        }

        r.Begin();
        Caps caps = new()
        {
            DailyNanos = r.NullableInt64("\"dailyNanos\":"u8),
            MonthlyNanos = r.NullableInt64("\"monthlyNanos\":"u8),
            TotalNanos = r.NullableInt64("\"totalNanos\":"u8),
        };
        r.End();
        return caps;
    }

    private static QuotaLimit[]? Quotas(ref StoredReader r)
    {
        if (!r.Has("\"quotas\":"u8))
        {
            return null;
        }

        QuotaLimit[] quotas = new QuotaLimit[r.BeginList()];
        for (int i = 0; i < quotas.Length; i++)
        {
            r.Element(i);
            r.Begin();
            quotas[i] = new QuotaLimit(r.Text("\"meter\":"u8)!, r.NullableInt64("\"max\":"u8));
            r.End();
        }

        r.EndList();
        return quotas;
    }
}
