using System.Globalization;
using OrleansBilling.Account;
using OrleansBilling.ApiHost.Requests;

namespace OrleansBilling.ApiHost.Tests;

public sealed class RecentDenialsTests
{
    private readonly Clock time = new();

    [Fact]
    public void The_last_refusal_under_an_id_is_kept_for_some_hours()
    {
        RecentDenials denials = new(this.time);
        denials.Add("a", Asked("r"), new Denied(Outcome.KeyRevoked));
        denials.Add("a", Asked("r"), new Denied(Outcome.QuotaExceeded));
        denials.Add("a", Asked(null), new Denied(Outcome.QuotaExceeded));

        Assert.Equal(Outcome.QuotaExceeded, denials.Find("a", "r")!.Denied.Outcome);
        Assert.Null(denials.Find("b", "r"));
        this.time.Now += RecentDenials.MaxAge;
        Assert.NotNull(denials.Find("a", "r"));
        this.time.Now += TimeSpan.FromTicks(1);
        Assert.Null(denials.Find("a", "r"));
    }

    [Fact]
    public void No_more_are_kept_than_there_is_room_for()
    {
        RecentDenials denials = new(this.time);
        denials.Add("a", Asked("again"), new Denied(Outcome.KeyRevoked));
        denials.Add("a", Asked("first"), new Denied(Outcome.KeyRevoked));
        denials.Add("a", Asked("again"), new Denied(Outcome.KeyRevoked));
        for (int i = 0; i < RecentDenials.Capacity - 1; i++)
        {
            denials.Add("a", Asked(i.ToString(CultureInfo.InvariantCulture)), new Denied(Outcome.KeyRevoked));
        }

        Assert.Null(denials.Find("a", "first"));
        Assert.NotNull(denials.Find("a", "again"));
        Assert.NotNull(denials.Find("a", "0"));
    }

    private static Charge Asked(string? id) => new() { Meter = "m", Quantity = 1, RequestId = id };

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(60);

        public override DateTimeOffset GetUtcNow() => this.Now;
    }
}
