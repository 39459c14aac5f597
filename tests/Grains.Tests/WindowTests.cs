using NodaTime;
using NodaTime.TimeZones;
using OrleansBilling.Grains.Time;
using Period = OrleansBilling.Grains.Time.Period;

namespace OrleansBilling.Grains.Tests;

public class WindowTests
{
    // The table was made from IANA 2025b. Release 2026c knows that Morocco gave up summer time on 2026-09-20, so later rows of
    // it are held against the rules that the table was made from; no other row may need that.
    [Fact]
    public void Every_row_of_the_independent_table_holds_to_the_nano()
    {
        long overtaken = Csv.Instant("2026-09-20T01:00:00Z");
        DateTimeZone earlier = new EarlierCasablanca();
        List<string> wrong = [];
        foreach (string[] row in Csv.Rows("windows.csv"))
        {
            long now = Csv.Instant(row[2]);
            DateTimeZone rules = row[0] == "Africa/Casablanca" && now >= overtaken ? earlier : DateTimeZoneProviders.Tzdb[row[0]];
            Period day = new(Csv.Instant(row[3]), Csv.Instant(row[4]));
            Period month = new(Csv.Instant(row[5]), Csv.Instant(row[6]));
            if (Calendar.Day(rules, now) != day || Calendar.Month(rules, (int)Csv.Number(row[1]), now) != month)
            {
                wrong.Add(string.Join(' ', row));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Spring forward, fall back, a skipped midnight, midnight shown twice, offsets of 30 and 45 minutes, a skipped date.
    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T10:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T10:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData("America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    [InlineData("America/New_York", "2026-11-01T06:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    [InlineData("Africa/Cairo", "2026-04-24T00:30:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z")]
    [InlineData("America/Havana", "2026-11-01T04:59:59Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    [InlineData("Asia/Kolkata", "2026-06-15T18:29:59Z", "2026-06-14T18:30:00Z", "2026-06-15T18:30:00Z")]
    [InlineData("Asia/Kathmandu", "2026-06-15T18:15:00Z", "2026-06-15T18:15:00Z", "2026-06-16T18:15:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-05T00:00:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z")]
    [InlineData("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z")]
    [InlineData("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z")]
    public void A_day_is_from_the_first_instant_of_its_date_to_that_of_the_next(string zone, string now, string start, string end) =>
        Assert.Equal(new Period(Csv.Instant(start), Csv.Instant(end)), Calendar.Day(zone, Csv.Instant(now)));

    [Theory]
    [InlineData(31, "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData(31, "2026-02-27T23:59:59Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z")]
    [InlineData(30, "2028-02-29T12:00:00Z", "2028-02-29T00:00:00Z", "2028-03-30T00:00:00Z")]
    [InlineData(29, "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-29T00:00:00Z")]
    [InlineData(29, "2027-02-28T00:00:00Z", "2027-02-28T00:00:00Z", "2027-03-29T00:00:00Z")]
    [InlineData(1, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData(15, "2027-01-14T23:59:59Z", "2026-12-15T00:00:00Z", "2027-01-15T00:00:00Z")]
    public void A_month_starts_on_the_anchor_day_or_the_last_day_there_is(int anchor, string now, string start, string end) =>
        Assert.Equal(new Period(Csv.Instant(start), Csv.Instant(end)), Calendar.Month("UTC", anchor, Csv.Instant(now)));

    [Fact]
    public void Where_the_anchor_date_was_skipped_the_month_starts_with_the_next_date_there_is() =>
        Assert.Equal(
            new Period(Csv.Instant("2011-12-30T10:00:00Z"), Csv.Instant("2012-01-29T10:00:00Z")),
            Calendar.Month("Pacific/Apia", 30, Csv.Instant("2011-12-30T10:00:00Z")));

    // Clocks set back over midnight show the old date again: every instant still lies in exactly one day.
    [Theory]
    [InlineData("America/St_Johns", "2010-11-06T00:00:00Z")]
    [InlineData("America/Havana", "2026-10-31T00:00:00Z")]
    [InlineData("America/Sao_Paulo", "2018-02-17T00:00:00Z")]
    [InlineData("Africa/Cairo", "2026-10-29T00:00:00Z")]
    [InlineData("Pacific/Apia", "2011-12-29T00:00:00Z")]
    [InlineData("Pacific/Kwajalein", "1993-08-20T00:00:00Z")]
    [InlineData("Antarctica/Troll", "2026-03-28T00:00:00Z")]
    public void Days_follow_each_other_without_gap_or_overlap(string zone, string from)
    {
        long start = Csv.Instant(from);
        Period day = Calendar.Day(zone, start);
        for (long now = start; now < start + (4 * AccountUnderTest.Day); now += 10 * AccountUnderTest.Minute)
        {
            Period next = Calendar.Day(zone, now);
            Assert.True(next.Contains(now));
            Assert.True(next == day || next.Start == day.End, $"{zone}: {day} is followed by {next}");
            Assert.Equal(next, Calendar.Day(zone, next.Start));
            Assert.Equal(next, Calendar.Day(zone, next.End - 1));
            day = next;
        }
    }

    [Theory]
    [InlineData("UTC", false)]
    [InlineData("Europe/Berlin", false)]
    [InlineData("America/New_York", false)]
    [InlineData("Asia/Kolkata", true)]
    [InlineData("Asia/Kathmandu", true)]
    [InlineData("Australia/Lord_Howe", true)]
    [InlineData("America/St_Johns", true)]
    public void It_is_known_which_zones_are_not_whole_hours_off_UTC(string zone, bool hasPartHours) => Assert.Equal(hasPartHours, Calendar.HasPartHours(zone));

    // Morocco's clocks as IANA 2025b foresaw them: an hour back for Ramadan.
    private sealed class EarlierCasablanca() : DateTimeZone("Africa/Casablanca", false, Offset.Zero, Offset.FromHours(1))
    {
        private static readonly Instant[] Changes =
        [
            .. new[]
            {
                "2026-03-22T02:00:00Z", "2027-02-07T02:00:00Z", "2027-03-14T02:00:00Z", "2028-01-23T02:00:00Z", "2028-03-05T02:00:00Z",
                "2029-01-14T02:00:00Z", "2029-02-18T02:00:00Z", "2029-12-30T02:00:00Z", "2030-02-10T02:00:00Z", "2030-12-22T02:00:00Z",
                "2031-01-26T02:00:00Z",
            }.Select(text => NodaConstants.UnixEpoch.PlusNanoseconds(Csv.Instant(text))),
        ];

        public override ZoneInterval GetZoneInterval(Instant instant)
        {
            int next = Array.FindIndex(Changes, change => change > instant);
            Assert.True(next > 0, "These rules are known from 2026-03-22 to 2031-01-26.");
            return new ZoneInterval("+", Changes[next - 1], Changes[next], next % 2 == 1 ? Offset.FromHours(1) : Offset.Zero, Offset.Zero);
        }
    }
}
