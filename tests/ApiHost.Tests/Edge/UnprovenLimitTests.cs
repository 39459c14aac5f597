using System.Net;
using OrleansBilling.ApiHost.Http.Edge;

namespace OrleansBilling.ApiHost.Tests.Edge;

public sealed class UnprovenLimitTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    private readonly Clock clock = new();

    [Fact]
    public void A_minutes_worth_passes_at_once_and_then_one_in_each_interval()
    {
        UnprovenLimit limit = new(60, this.clock);
        for (int i = 0; i < 60; i++)
        {
            Assert.Equal(0, limit.SecondsToWait(Address));
            limit.Count(Address);
        }

        Assert.Equal(1, limit.SecondsToWait(Address));
        this.clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(0, limit.SecondsToWait(Address));
        limit.Count(Address);
        Assert.Equal(1, limit.SecondsToWait(Address));
        this.clock.Now += TimeSpan.FromMinutes(1);
        for (int i = 0; i < 60; i++)
        {
            Assert.Equal(0, limit.SecondsToWait(Address));
            limit.Count(Address);
        }

        Assert.NotEqual(0, limit.SecondsToWait(Address));
    }

    [Fact]
    public void What_is_counted_over_the_limit_makes_the_wait_longer_so_that_a_flood_stays_out()
    {
        UnprovenLimit limit = new(60, this.clock);
        for (int i = 0; i < 90; i++)
        {
            limit.Count(Address);
        }

        Assert.Equal(31, limit.SecondsToWait(Address));
    }

    [Fact]
    public void Networks_of_IPv6_count_as_one_address_and_mapped_addresses_as_their_own()
    {
        UnprovenLimit limit = new(1, this.clock);
        limit.Count(IPAddress.Parse("2001:db8:1:2::1"));
        limit.Count(IPAddress.Parse("::ffff:192.0.2.1"));

        Assert.NotEqual(0, limit.SecondsToWait(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Equal(0, limit.SecondsToWait(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.NotEqual(0, limit.SecondsToWait(Address));
        Assert.Equal(0, limit.SecondsToWait(null));
    }

    [Fact]
    public void Memory_is_bounded_and_whoever_is_stopped_stays_so()
    {
        UnprovenLimit limit = new(1, this.clock);
        for (int i = 0; i < 99_999; i++)
        {
            limit.Count(new IPAddress(0x0A000000L + i));
        }

        this.clock.Now += TimeSpan.FromMinutes(2);
        limit.Count(Address);
        limit.Count(IPAddress.Parse("192.0.2.2"));

        Assert.NotEqual(0, limit.SecondsToWait(Address));
        Assert.InRange(limit.Addresses, 2, 10);
    }

    [Fact]
    public void None_is_any_number()
    {
        UnprovenLimit limit = new(0, this.clock);
        for (int i = 0; i < 1000; i++)
        {
            limit.Count(Address);
        }

        Assert.Equal(0, limit.SecondsToWait(Address));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => this.Now;
    }
}
