using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Tests;

/// <summary>What a command refers to may be decided and not durable yet.</summary>
public class UnderWayTests
{
    // The state has the charge already: that there is none is not true of it at any time.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_charge_that_is_on_its_way_is_reversed(ulong seed)
    {
        SimWorld world = new(seed, 1_773_144_000 * Money.NanosPerUnit);
        SimScheduler scheduler = new(world);
        SimClock clock = new(scheduler);
        SlowJournal journal = new(new MemoryJournal(new MemoryStore(clock), shared: false), clock, world.Random.Fork());
#pragma warning disable CA2000 // A part of a world that is thrown away.
        Engine engine = new(journal, new EngineOptions { Scheduler = scheduler }, GrainKinds.All, PriceTable.Empty, clock, NullLogger<Engine>.Instance);
#pragma warning restore CA2000
        GrainId account = GrainId.Account("a");

        async Task ReverseAsync()
        {
            await engine.StartAsync();
            await engine.AskAsync(account, new OpenAccount { Currency = "USD", Zone = "UTC" });
            await engine.AskAsync(account, new PostCredit { Kind = CreditKind.Topup, AmountNanos = 10 });
            journal.Slowness = Slowness.SlowAppends;
            Task<Reply> charge = engine.AskAsync(account, new Charge { AmountNanos = 10 }).AsTask();
            Reply reversal = await engine.AskAsync(account, new ReverseCharge { Charge = 3 });
            Assert.Equal(3, Assert.IsType<Accepted>(await charge).Seq);
            Assert.Equal(10, Assert.IsType<ChargeReversed>(Assert.IsType<Accepted>(reversal).Event).AmountNanos);
            Assert.Equal(Outcome.ChargeNotFound, (await engine.AskAsync(account, new ReverseCharge { Charge = 5 })).Outcome);
        }

        // The test runner's would draw the continuations out of the world.
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Task all = scheduler.Start(ReverseAsync);
        try
        {
            Assert.True(world.Run(() => all.IsCompleted), "Nothing goes on any more.");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        await all;
    }
}
