using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Tests;

/// <summary>Several commands in their order, while the server is switched for a copy that lacks its last commits.</summary>
public class InOrderTests
{
    // The state is the old server's, in which the repeat's charge is; the look-up is the copy's, in which it is not. Refused for want
    // of credit it would be true of neither, whatever was committed after its turn and before its look-up.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_was_looked_up_is_not_proven_by_a_commit_before_that(ulong seed)
    {
        SimWorld world = new(seed, 1_773_144_000 * Money.NanosPerUnit);
        SimScheduler scheduler = new(world);
        SimClock clock = new(scheduler);
        SlowJournal journal = new(new MemoryJournal(new MemoryStore(clock), shared: false), clock, world.Random.Fork());
        Engine NewHost() => new(journal, new EngineOptions { Scheduler = scheduler }, GrainKinds.All, PriceTable.Empty, clock, NullLogger<Engine>.Instance);
        GrainId account = GrainId.Account("a");
        Charge charge = new() { AmountNanos = 10, RequestId = "first" };

        async Task RepeatAsync()
        {
            await using (Engine before = NewHost())
            {
                await before.StartAsync();
                await before.AskAsync(account, new OpenAccount { Currency = "USD", Zone = "UTC" });
                await before.AskAsync(account, new PostCredit { Kind = CreditKind.Topup, AmountNanos = 10 });
                Assert.Equal(Outcome.Accepted, (await before.AskAsync(account, charge)).Outcome);
            }

            // It knows the account's state, and of no id but by looking.
            await using Engine engine = NewHost();
            await engine.StartAsync();
            journal.SwitchesAtLookup = true;
            Reply[] replies = await engine.AskInOrderAsync(account, [charge, new PostCredit { Kind = CreditKind.Topup, AmountNanos = 1 }]);

            Assert.False(journal.SwitchesAtLookup);
            Assert.Equal([Outcome.Unavailable, Outcome.Accepted], replies.Select(r => r.Outcome));
            Assert.True(Assert.IsType<Accepted>(await engine.AskAsync(account, charge)).Replayed);
        }

        // The test runner's would draw the continuations out of the world.
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Task all = scheduler.Start(RepeatAsync);
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
