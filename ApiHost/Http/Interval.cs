using System.Globalization;
using OrleansBilling.Grains.Time;
using Calendar = OrleansBilling.Grains.Time.Calendar;

namespace OrleansBilling.ApiHost.Http;

/// <summary>The parameters <c>interval</c>, <c>from</c> and <c>until</c>: the periods that figures are asked for.</summary>
/// <param name="Name"><c>hour</c>, <c>day</c> or <c>month</c>.</param>
/// <param name="FromNanos">The moment that is to be in the first period, in nanos since the Unix epoch.</param>
/// <param name="UntilNanos">The moment before which the last one begins.</param>
internal sealed record Interval(string Name, long FromNanos, long UntilNanos)
{
    private const string Hour = "hour";
    private const string Month = "month";
    private const string Day = "day";
    private const long HourNanos = 3_600_000_000_000;
    private const long DayNanos = 24 * HourNanos;
    private const int MaxHours = 31 * 24;
    private const int MaxDays = 400;
    private const int MaxMonths = 60;

    /// <summary>Reads the parameters; what is wrong is the query's to tell.</summary>
    /// <param name="query">The query.</param>
    /// <param name="nowNanos">The moment up to which figures are told where none is given.</param>
    public static Interval Read(Query query, long nowNanos)
    {
        string name = query.Word("interval", Hour, Day, Month) ?? Day;
        (long length, int usual, int max) = name switch
        {
            Hour => (HourNanos, 24, MaxHours),
            Day => (DayNanos, 30, MaxDays),
            _ => (30 * DayNanos, 12, MaxMonths),
        };
        long? from = query.Moment("from");
        long? until = query.Moment("until");
        long last = until ?? Math.Max(nowNanos, from ?? 0) + 1;
        long first = from ?? Math.Max(last - (usual * length), 0);
        if (first >= last)
        {
            query.Fail("from", "'from' must be before 'until'.");
        }
        else if ((last - first) / length >= max)
        {
            query.Fail("from", string.Create(CultureInfo.InvariantCulture, $"There are at most {max} {name}s between 'from' and 'until'; ask for fewer, or for a longer 'interval'."));
        }

        return new Interval(name, first, last);
    }

    /// <summary>Where the periods begin, and where the last one ends, in nanos since the Unix epoch.</summary>
    /// <param name="zone">The IANA time zone in which days and months begin; hours are those of UTC.</param>
    /// <param name="anchorDay">The day of the month on which months begin.</param>
    public IReadOnlyList<long> Boundaries(string zone, int anchorDay)
    {
        List<long> boundaries = [this.PeriodOf(zone, anchorDay, this.FromNanos).Start];
        while (boundaries[^1] < this.UntilNanos)
        {
            boundaries.Add(this.PeriodOf(zone, anchorDay, boundaries[^1]).End);
        }

        return boundaries;
    }

    private Period PeriodOf(string zone, int anchorDay, long nanos) => this.Name switch
    {
        Hour => new Period(nanos - (nanos % HourNanos), nanos - (nanos % HourNanos) + HourNanos),
        Day => Calendar.Day(zone, nanos),
        _ => Calendar.Month(zone, anchorDay, nanos),
    };
}
