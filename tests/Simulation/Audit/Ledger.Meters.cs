using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>Quotas: what is counted, by meter and month.</summary>
internal sealed partial class Ledger
{
    private Verdict DecideTier(SetTier c)
    {
        QuotaLimit[] quotas = (c.Quotas ?? c.TierQuotas)!;
        return this.NotUsable() ?? (quotas.Length > MetersMax ? Verdict.Deny(Outcome.TooMany) : Verdict.Accept(new TierSet(c.Tier, quotas) { Reason = c.Reason }));
    }

    private Verdict DecideResetQuota(ResetQuota c) =>
        this.NotUsable() ?? (c.Meter is null || this.MeterOf(c.Meter) is not null
            ? Verdict.Accept(new QuotaReset(c.Meter, c.Reason))
            : Verdict.Deny(Outcome.MeterNotFound));

    private LedgerMeter? MeterOf(string name)
    {
        foreach (LedgerMeter meter in this.meters)
        {
            if (string.Equals(meter.Name, name, StringComparison.Ordinal))
            {
                return meter;
            }
        }

        return null;
    }

    private long Count(LedgerMeter meter, long at) => meter.ByMonth.GetValueOrDefault(this.MonthOf(at).StartNanos);

    // What no tier limits is counted as long as there is room for its counter.
    private void AddCount(string name, long at, long seq, long quantity)
    {
        LedgerMeter? meter = this.MeterOf(name);
        if (meter is null && this.meters.Count < MetersMax)
        {
            this.meters.Add(meter = new LedgerMeter(name) { Since = seq });
        }

        if (meter is not null)
        {
            meter.ByMonth[this.MonthOf(at).StartNanos] = this.Count(meter, at) + quantity;
        }
    }

    // What was counted before a reset is not in the counter any more, so it is not given back either.
    private void GiveCountBack(string name, long at, long seq, long quantity)
    {
        if (this.MeterOf(name) is { } meter && seq >= meter.Since)
        {
            meter.ByMonth[this.MonthOf(at).StartNanos] = this.Count(meter, at) - quantity;
        }
    }

    // The tier's meters stand first; what was counted stays, as far as there is room.
    private void SetQuotas(QuotaLimit[] limited, long seq)
    {
        List<LedgerMeter> others = [.. this.meters.Where(m => Array.TrueForAll(limited, q => q.Meter != m.Name))];
        others.ForEach(m => m.Max = null);
        LedgerMeter[] listed =
        [
            .. limited.Select(q =>
            {
                LedgerMeter meter = this.MeterOf(q.Meter) ?? new LedgerMeter(q.Meter) { Since = seq };
                meter.Max = q.Max;
                return meter;
            }),
        ];
        this.meters.Clear();
        this.meters.AddRange(listed.Concat(others).Take(MetersMax));
    }

    private void ApplyQuotaReset(QuotaReset x, long seq, long at)
    {
        foreach (LedgerMeter meter in this.meters)
        {
            if (x.Meter is null || string.Equals(meter.Name, x.Meter, StringComparison.Ordinal))
            {
                meter.ByMonth[this.MonthOf(at).StartNanos] = 0;
                meter.Since = seq;
            }
        }
    }
}
