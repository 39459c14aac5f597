using OrleansBilling.Account;

namespace OrleansBilling.Grains.Account;

/// <summary>Caps and what is spent of them, held credit included. A field, changed in place.</summary>
internal struct Budget
{
    /// <summary>Where a cap would stand: there is none.</summary>
    public const long None = -1;

    public long DailyCap;
    public long MonthlyCap;
    public long TotalCap;
    public long Day;
    public long Month;
    public long Total;

    public Budget()
    {
        this.SetCaps(null);
    }

    public void SetCaps(Caps? caps)
    {
        this.DailyCap = caps?.DailyNanos ?? None;
        this.MonthlyCap = caps?.MonthlyNanos ?? None;
        this.TotalCap = caps?.TotalNanos ?? None;
    }

    public readonly Caps ToCaps() => new() { DailyNanos = Cap(this.DailyCap), MonthlyNanos = Cap(this.MonthlyCap), TotalNanos = Cap(this.TotalCap) };

    public void Count(long nanos)
    {
        this.Day += nanos;
        this.Month += nanos;
        this.Total += nanos;
    }

    public void GiveBack(long dayNanos, long monthNanos, long totalNanos)
    {
        this.Day -= dayNanos;
        this.Month -= monthNanos;
        this.Total -= totalNanos;
    }

    private static long? Cap(long cap) => cap == None ? null : cap;
}
