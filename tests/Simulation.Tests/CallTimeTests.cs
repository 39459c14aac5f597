using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Memory;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Tests;

/// <summary>Every call ends within five seconds, whatever the journal does, and the host serves again when it behaves (rule 11).</summary>
public class CallTimeTests
{
    private const long Milli = 1_000_000;
    private const long Second = 1_000 * Milli;
    private const long Start = 1_773_144_000 * Second;
    private const int Accounts = 12;

    public static TheoryData<Slowness, bool> Slownesses
    {
        get
        {
            TheoryData<Slowness, bool> data = [];
            foreach (Slowness slowness in Enum.GetValues<Slowness>())
            {
                data.Add(slowness, true);
                data.Add(slowness, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Slownesses))]
    public void Every_call_ends_in_time(Slowness slowness, bool shared)
    {
        for (ulong seed = 1; seed <= 4; seed++)
        {
            Run run = new(seed, shared, slowness);
            (long longest, string call) = run.Live();
            Assert.True(longest <= 5 * Second, $"Seed {seed}: {call} took {longest / Milli} ms.");
            Assert.True(run.EndsWell, $"Seed {seed}: the host did not serve any more.");
        }
    }

#pragma warning disable CA1001 // What it owns is a part of a world that is thrown away.
    /// <summary>Callers that ask one thing after the other, while the journal is now slow, now not.</summary>
    private sealed class Run
    {
        private readonly SimWorld world;
        private readonly SimScheduler scheduler;
        private readonly SimRandom random;
        private readonly SlowJournal journal;
        private readonly Engine engine;
        private readonly Slowness slowness;
        private (long Nanos, string Call) longest;
        private int requests;
        private int callers;

        public Run(ulong seed, bool shared, Slowness slowness)
        {
            this.slowness = slowness;
            this.world = new SimWorld(seed, Start);
            this.random = this.world.Random.Fork();
            this.scheduler = new SimScheduler(this.world);
            SimClock clock = new(this.scheduler);
            this.journal = new SlowJournal(new MemoryJournal(new MemoryStore(clock), shared), clock, this.world.Random.Fork());
            EngineOptions options = new()
            {
                Scheduler = this.scheduler,
                MaxActivations = 8,
                MaxBatchRows = this.random.Pick<int>([5, 40, 2_048]),
                WindowSize = 4,
                SnapshotRows = 20,
                SnapshotTailRows = 10,
            };
            this.engine = new Engine(this.journal, options, GrainKinds.All, PriceTable.Empty, clock, NullLogger<Engine>.Instance);
        }

        public bool EndsWell { get; private set; }

        public (long Nanos, string Call) Live()
        {
            // The test runner's would draw the continuations out of the world.
            SynchronizationContext? outer = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            try
            {
                Task all = this.scheduler.Start(this.LiveAsync);
                Assert.True(this.world.Run(() => all.IsCompleted), "Nothing goes on any more.");
                Assert.Null(this.world.Leak);
                all.GetAwaiter().GetResult();
                return this.longest;
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(outer);
            }
        }

        private async Task LiveAsync()
        {
            await this.engine.StartAsync();
            for (int i = 0; i < Accounts; i++)
            {
                await this.AskAsync(Account(i), new OpenAccount { Currency = "USD", Zone = "UTC" });
                await this.AskAsync(Account(i), new PostCredit { Kind = CreditKind.Topup, AmountNanos = 1_000_000 });
            }

            long end = this.world.NowNanos + (40 * Second);
            Task[] asking = [.. Enumerable.Range(0, 60).Select(_ => this.CallAsync(end))];
            while (this.callers > 0)
            {
                this.journal.Slowness = this.slowness;
                await this.PauseAsync(100, 9_000);
                this.journal.Slowness = Slowness.None;
                await this.PauseAsync(1, 1_000);
            }

            await Task.WhenAll(asking);
            await this.PauseAsync(15_000, 15_000);
            Reply[] last = await Task.WhenAll(Enumerable.Range(0, Accounts).Select(i => this.AskAsync(Account(i), this.NewCharge())));
            this.EndsWell = Array.TrueForAll(last, reply => reply is Accepted);
        }

        private async Task CallAsync(long end)
        {
            this.callers++;
            while (this.world.NowNanos < end)
            {
                await this.PauseAsync(1, this.random.OneIn(3) ? 2_000 : 20);
                GrainId account = Account(this.random.Below(Accounts));
                switch (this.random.Below(6))
                {
                    case 0:
                        await this.AskAsync(account, new GetAccount());
                        break;
                    case 1:
                        await this.AskAsync(account, new Charge { AmountNanos = 100_000_000, RequestId = $"r{++this.requests}" });
                        break;
                    case 2:
                        await this.AskAsync(account, new Charge { AmountNanos = 1, RequestId = $"r{1 + this.random.Below(this.requests + 1)}" });
                        break;
                    case 3:
                        await this.AskAsync(account, new ReverseCharge { Charge = this.random.Between(1, 9) });
                        break;
                    case 4:
                        await this.TimeAsync(
                            "a guarded charge",
                            async () => await this.engine.AskAsync(new Guard(Account(0), new GetAccount(), r => r is AccountView), account, this.NewCharge()));
                        break;
                    default:
                        await this.AskAsync(account, this.NewCharge());
                        break;
                }
            }

            this.callers--;
        }

        private static GrainId Account(int i) => GrainId.Account($"a{i}");

        private Charge NewCharge() => new() { AmountNanos = 1, RequestId = $"r{++this.requests}" };

        private Task PauseAsync(long leastMs, long mostMs)
        {
            TaskCompletionSource source = new();
            this.world.After(this.random.Between(leastMs, mostMs) * Milli, source.SetResult);
            return source.Task;
        }

        private Task<Reply> AskAsync(GrainId account, Command command) =>
            this.TimeAsync($"{command}", async () => await this.engine.AskAsync(account, command));

        private async Task<T> TimeAsync<T>(string what, Func<Task<T>> ask)
        {
            long began = this.world.NowNanos;
            T answer = await ask();
            if (this.world.NowNanos - began is var took && took > this.longest.Nanos)
            {
                this.longest = (took, $"{what}, answered {answer},");
            }

            return answer;
        }
    }
}
