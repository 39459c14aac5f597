using OrleansBilling.Account;

namespace OrleansBilling.Simulation.Audit;

/// <summary>
/// Days and billing months of a zone, worked out from the runtime's own zone data by trying: a day starts at the first instant
/// whose local date is that date. Shares nothing with the core's calendar.
/// </summary>
internal sealed class Zones
{
    private const long SecondNanos = 1_000_000_000;
    private readonly Dictionary<string, TimeZoneInfo> zones = new(StringComparer.Ordinal);

    // The same in every world.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string Zone, DateOnly Date), long> Starts = [];

    private readonly Dictionary<string, Window> lastDay = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Zone, int Anchor), Window> lastMonth = [];

    /// <summary>The local day that an instant is in.</summary>
    public Window Day(string zone, long nanos)
    {
        if (this.lastDay.TryGetValue(zone, out Window? last) && nanos >= last.StartNanos && nanos < last.EndNanos)
        {
            return last;
        }

        DateOnly date = this.DateAt(zone, Floor(nanos));
        Window day = new(this.StartOf(zone, date), this.StartOf(zone, date.AddDays(1)));
        if (nanos < day.StartNanos || nanos >= day.EndNanos)
        {
            throw new InvalidOperationException($"{zone}: the day of {nanos} would be {day}.");
        }

        this.lastDay[zone] = day;
        return day;
    }

    /// <summary>The billing month that an instant is in.</summary>
    public Window Month(string zone, int anchor, long nanos)
    {
        if (this.lastMonth.TryGetValue((zone, anchor), out Window? last) && nanos >= last.StartNanos && nanos < last.EndNanos)
        {
            return last;
        }

        DateOnly date = this.DateAt(zone, Floor(nanos));
        DateOnly start = Anchor(date.Year, date.Month, anchor);
        if (date < start)
        {
            DateOnly before = new DateOnly(date.Year, date.Month, 1).AddMonths(-1);
            start = Anchor(before.Year, before.Month, anchor);
        }

        DateOnly after = new DateOnly(start.Year, start.Month, 1).AddMonths(1);
        Window month = new(this.StartOf(zone, start), this.StartOf(zone, Anchor(after.Year, after.Month, anchor)));
        this.lastMonth[(zone, anchor)] = month;
        return month;
    }

    private static DateOnly Anchor(int year, int month, int anchor) => new(year, month, Math.Min(anchor, DateTime.DaysInMonth(year, month)));

    private static long Floor(long nanos) => nanos / SecondNanos;

    // Clocks that are set back over midnight show the day before once more, when the new day has begun already.
    private DateOnly DateAt(string zone, long seconds)
    {
        DateOnly date = this.LocalDate(zone, seconds);
        return this.StartOf(zone, date.AddDays(1)) <= seconds * SecondNanos ? date.AddDays(1) : date;
    }

    // The first minute whose local date is the date or later, tried one after the other: offsets lie within a day either way.
    private long StartOf(string zone, DateOnly date)
    {
        if (Starts.TryGetValue((zone, date), out long known))
        {
            return known;
        }

        long midnight = (long)(date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds;
        long start = midnight - (15 * 3600);
        while (this.LocalDate(zone, start) < date)
        {
            // No zone changes its offset and changes it back within an hour.
            bool wholeHour = this.OffsetAt(zone, start) == this.OffsetAt(zone, start + 3600) && this.LocalDate(zone, start + 3600) < date;
            start += wholeHour ? 3600 : 60;
        }

        return Starts[(zone, date)] = start * SecondNanos;
    }

    private DateOnly LocalDate(string zone, long seconds) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddSeconds(seconds) + this.OffsetAt(zone, seconds));

    private TimeSpan OffsetAt(string zone, long seconds)
    {
        if (!this.zones.TryGetValue(zone, out TimeZoneInfo? info))
        {
            this.zones.Add(zone, info = TimeZoneInfo.FindSystemTimeZoneById(zone));
        }

        return info.GetUtcOffset(DateTime.UnixEpoch.AddSeconds(seconds));
    }
}
