using NodaTime;
using NodaTime.TimeZones;

namespace OrleansBilling.Grains.Time;

/// <summary>
/// Local days and billing months as instants. Zone rules are those of the IANA data that NodaTime bundles, so every host of a
/// release has the same.
/// </summary>
public static class Calendar
{
    /// <summary>Whether the zone is known.</summary>
    /// <param name="zone">An IANA name, for example <c>Europe/Berlin</c>.</param>
    public static bool Knows(string zone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null;

    /// <summary>
    /// Whether a zone is off UTC by something else than whole hours, at any time from 2020 on. Every zone's offset since then is a
    /// multiple of a quarter of an hour.
    /// </summary>
    /// <param name="zone">A known zone.</param>
    public static bool HasPartHours(string zone) => DateTimeZoneProviders.Tzdb[zone]
        .GetZoneIntervals(Instant.FromUtc(2020, 1, 1, 0, 0), Instant.FromUtc(2050, 1, 1, 0, 0))
        .Any(static i => i.WallOffset.Seconds % NodaConstants.SecondsPerHour != 0);

    /// <summary>
    /// The local day that contains an instant. A day starts at the first instant whose local date is that date, and ends where
    /// the next date that exists starts.
    /// </summary>
    /// <param name="zone">A known zone.</param>
    /// <param name="nowNanos">The instant.</param>
    public static Period Day(string zone, long nowNanos) => Day(DateTimeZoneProviders.Tzdb[zone], nowNanos);

    /// <summary>
    /// The billing month that contains an instant: from the anchor day, or the month's last day where the month is shorter, to
    /// the next one.
    /// </summary>
    /// <param name="zone">A known zone.</param>
    /// <param name="anchorDay">1 to 31.</param>
    /// <param name="nowNanos">The instant.</param>
    public static Period Month(string zone, int anchorDay, long nowNanos) => Month(DateTimeZoneProviders.Tzdb[zone], anchorDay, nowNanos);

    internal static Period Day(DateTimeZone rules, long nowNanos)
    {
        LocalDate date = DateAt(rules, ToInstant(nowNanos));
        return new Period(ToNanos(StartOf(rules, date)), ToNanos(StartOf(rules, date.PlusDays(1))));
    }

    internal static Period Month(DateTimeZone rules, int anchorDay, long nowNanos)
    {
        LocalDate date = DateAt(rules, ToInstant(nowNanos));
        LocalDate first = new(date.Year, date.Month, 1);
        LocalDate anchor = AnchorIn(first, anchorDay);
        (LocalDate start, LocalDate end) = date >= anchor
            ? (anchor, AnchorIn(first.PlusMonths(1), anchorDay))
            : (AnchorIn(first.PlusMonths(-1), anchorDay), anchor);
        return new Period(ToNanos(StartOf(rules, start)), ToNanos(StartOf(rules, end)));
    }

    private static LocalDate AnchorIn(LocalDate first, int anchorDay) =>
        first.PlusDays(Math.Min(anchorDay, first.Calendar.GetDaysInMonth(first.Year, first.Month)) - 1);

    // Not always the local date: clocks set back over midnight show the old date once more, when the new day has begun already.
    private static LocalDate DateAt(DateTimeZone rules, Instant now)
    {
        LocalDate date = now.InZone(rules).Date;
        while (StartOf(rules, date.PlusDays(1)) <= now)
        {
            date = date.PlusDays(1);
        }

        return date;
    }

    // Where midnight, or the whole date, was skipped: the first instant after the gap.
    private static Instant StartOf(DateTimeZone rules, LocalDate date)
    {
        ZoneLocalMapping mapping = rules.MapLocal(date.AtMidnight());
        return mapping.Count == 0 ? mapping.LateInterval.Start : mapping.First().ToInstant();
    }

    private static Instant ToInstant(long nanos) => NodaConstants.UnixEpoch.PlusNanoseconds(nanos);

    private static long ToNanos(Instant instant) => (instant - NodaConstants.UnixEpoch).ToInt64Nanoseconds();
}
