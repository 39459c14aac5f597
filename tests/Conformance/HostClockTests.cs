using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;
using Xunit;

namespace OrleansBilling.Conformance;

/// <summary>A host decides only while its clock is proven to be less than half a second off the journal's (rule 10).</summary>
public sealed class HostClockTests
{
    private static readonly GrainId Account = GrainId.Account("a");

    [Theory]
    [InlineData(501, false)]
    [InlineData(500, true)]
    [InlineData(-500, true)]
    [InlineData(-501, false)]
    public async Task The_limit_is_half_a_second(int skewMs, bool decides)
    {
        World world = new() { Skew = TimeSpan.FromMilliseconds(skewMs) };
        await using Engine engine = await world.StartAsync();

        Assert.Equal(decides, await DecidesAsync(engine));
    }

    [Fact]
    public async Task A_clock_that_is_set_while_the_journals_cannot_be_read_is_noticed()
    {
        World world = new();
        await using Engine engine = await world.StartAsync();
        world.Hidden = true;
        Assert.True(await DecidesAsync(engine));

        world.Skew = TimeSpan.FromMilliseconds(501);
        Assert.False(engine.IsReady);
        Assert.False(await DecidesAsync(engine));

        world.Skew = TimeSpan.FromMilliseconds(499);
        Assert.True(await DecidesAsync(engine));
    }

    [Fact]
    public async Task A_reading_is_good_for_a_minute()
    {
        World world = new();
        await using Engine engine = await world.StartAsync();
        world.Hidden = true;
        world.Pass(TimeSpan.FromSeconds(60));
        Assert.True(await DecidesAsync(engine));

        world.Pass(TimeSpan.FromMilliseconds(1));
        Assert.False(await DecidesAsync(engine));

        world.Hidden = false;
        Assert.True(await DecidesAsync(engine));
    }

    // The journal may have read its clock at the beginning of that second or at its end.
    [Theory]
    [InlineData(1_000, 0, false)]
    [InlineData(900, 0, false)]
    [InlineData(0, 500, true)]
    [InlineData(0, 501, false)]
    public async Task A_reading_that_took_long_proves_the_less(int beforeMs, int afterMs, bool decides)
    {
        World world = new() { Before = TimeSpan.FromMilliseconds(beforeMs), After = TimeSpan.FromMilliseconds(afterMs) };
        await using Engine engine = await world.StartAsync();

        Assert.Equal(decides, await DecidesAsync(engine));
    }

    [Fact]
    public async Task A_slow_reading_does_not_take_the_place_of_a_young_quick_one()
    {
        World world = new();
        await using Engine engine = await world.StartAsync();
        world.After = TimeSpan.FromSeconds(2);
        world.Skew = TimeSpan.FromSeconds(1);
        Assert.False(await DecidesAsync(engine));

        world.Skew = default;
        world.Hidden = true;
        Assert.True(await DecidesAsync(engine));
    }

    [Fact]
    public async Task When_the_journals_clock_was_set_the_new_reading_counts()
    {
        World world = new();
        await using Engine engine = await world.StartAsync();
        world.After = TimeSpan.FromMilliseconds(100);
        world.JournalSkew = TimeSpan.FromMinutes(10);
        world.Skew = TimeSpan.FromMinutes(10);
        Assert.True(await DecidesAsync(engine));

        world.JournalSkew = default;
        world.Skew = default;
        Assert.True(await DecidesAsync(engine));
    }

    private static async Task<bool> DecidesAsync(Engine engine)
    {
        Reply reply = await engine.AskAsync(Account, new GetAccount());
        Assert.True(reply is Denied { Outcome: Outcome.AccountNotFound or Outcome.ClockSkew }, $"{reply}");
        return reply.Outcome != Outcome.ClockSkew;
    }

    /// <summary>A host's clocks and its journal's; all stand still until they are told to go on. Timers run by the system's.</summary>
    private sealed class World : TimeProvider
    {
        private static readonly DateTimeOffset Start = new(2026, 3, 14, 9, 26, 53, TimeSpan.Zero);
        private TimeSpan passed;

        public TimeSpan Skew { get; set; }

        public TimeSpan JournalSkew { get; set; }

        /// <summary>How long the journal is asked before it reads its clock, and answers after.</summary>
        public TimeSpan Before { get; set; }

        public TimeSpan After { get; set; }

        public bool Hidden { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Start + this.passed + this.Skew;

        public override long GetTimestamp() => this.passed.Ticks;

        public void Pass(TimeSpan time) => this.passed += time;

        public long JournalNanos() => (Start + this.passed + this.JournalSkew - DateTimeOffset.UnixEpoch).Ticks * 100;

        public async Task<Engine> StartAsync()
        {
            // Nothing is compared but at the start and when a turn asks for it.
            Engine engine = new(
                new Journal(this), new EngineOptions { HousekeepingInterval = TimeSpan.FromHours(1) }, GrainKinds.All, PriceTable.Empty, this, NullLogger<Engine>.Instance);
            await engine.StartAsync();
            return engine;
        }
    }

    private sealed class Journal(World world) : JournalWrapper(new MemoryJournal(new MemoryStore(TimeProvider.System)))
    {
        public override Task<long> ReadClockAsync(CancellationToken ct)
        {
            if (world.Hidden)
            {
                throw new JournalUnavailableException("The clock cannot be read.");
            }

            world.Pass(world.Before);
            long read = world.JournalNanos();
            world.Pass(world.After);
            return Task.FromResult(read);
        }
    }
}
