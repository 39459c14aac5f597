using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Conformance.Grains;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;
using Xunit;

namespace OrleansBilling.Conformance;

/// <summary>Late repeats on one account after a restart: its ids are read once, then only repeats are looked up.</summary>
public sealed class LateRepeatTests
{
    private const int Old = 50;
    private static readonly GrainId Account = GrainId.Account("busy");

    // Another one's ids turn the filter over.
    private static readonly GrainId Other = GrainId.Account("other");

    // A window of one reply: all but the last id are late.
    private static readonly EngineOptions SmallFilter = new() { WindowSize = 1, RepeatFilterBits = 1280 };

    [Fact]
    public async Task OnceAnAccountsIdsAreReadOnlyItsRepeatsAreLookedUp()
    {
        MemoryStore store = new(TimeProvider.System);
        await using (Engine before = await StartAsync(new MemoryJournal(store)))
        {
            await OpenAsync(before, Account);
            for (int i = 0; i < Old; i++)
            {
                Assert.False((await AskAsync(before, Charge($"old {i}"))).Replayed);
            }
        }

        Watched journal = new(new MemoryJournal(store));
        await using Engine engine = await StartAsync(journal);
        for (int i = 0; i < 5; i++)
        {
            Assert.True((await AskAsync(engine, Charge($"old {i}"))).Replayed);
        }

        await journal.IdsRead.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        await UntilReadAsync(engine, journal, "new");
        journal.LookedUp.Clear();
        int refusals = journal.Refusals;
        for (int i = 0; i < Old; i++)
        {
            Assert.True((await AskAsync(engine, Charge($"old {i}"))).Replayed);
            Assert.False((await AskAsync(engine, Charge($"newer {i}"))).Replayed);
        }

        Assert.Equal(
            Enumerable.Range(0, Old).Select(i => $"old {i}").Order(StringComparer.Ordinal),
            journal.LookedUp.Where(id => id.StartsWith("old", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        // The filter may take a few for known that are not.
        Assert.InRange(journal.LookedUp.Count, Old, Old + 5);
        Assert.Equal(refusals, journal.Refusals);
    }

    [Fact]
    public async Task WhatTheFilterForgotIsReadAgain()
    {
        MemoryStore store = new(TimeProvider.System);
        await using (Engine before = await StartAsync(new MemoryJournal(store)))
        {
            await OpenAsync(before, Account);
            for (int i = 0; i < 5; i++)
            {
                await AskAsync(before, Charge($"old {i}"));
            }
        }

        Watched journal = new(new MemoryJournal(store));
        await using Engine engine = await StartAsync(journal, SmallFilter);
        await OpenAsync(engine, Other);
        for (int reads = 0; reads < 2; reads++)
        {
            Task read = journal.ExpectIds();
            for (int i = 0; i < 5; i++)
            {
                Assert.True((await AskAsync(engine, Charge($"old {i}"))).Replayed);
            }

            await read.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            await UntilReadAsync(engine, journal, $"fresh {reads}");
            await TurnFilterAsync(engine, $"{reads}, once");
            await TurnFilterAsync(engine, $"{reads}, twice");
        }
    }

    [Fact]
    public async Task WhatTheFilterForgotOfAnAccountThatItWasReadBeforeIsReadAgain()
    {
        MemoryStore store = new(TimeProvider.System);
        await using (Engine before = await StartAsync(new MemoryJournal(store)))
        {
            await OpenAsync(before, Account);
            for (int i = 0; i < 10; i++)
            {
                await AskAsync(before, Charge($"old {i}"));
            }
        }

        // The filter turns over between the first page of ids and the second.
        Watched journal = new(new MemoryJournal(store));
        await using Engine engine = await StartAsync(journal, SmallFilter with { LoadPageRows = 4 });
        await OpenAsync(engine, Other);
        journal.BeforeSecondPage = () => TurnFilterAsync(engine, "while it is read");
        for (int i = 0; i < 5; i++)
        {
            Assert.True((await AskAsync(engine, Charge($"old {i}"))).Replayed);
        }

        await UntilReadAsync(engine, journal, "fresh");

        // And once more, so that the first page is forgotten and the second is not.
        await TurnFilterAsync(engine, "after it was read");
        Task again = journal.ExpectIds();
        for (int i = 0; i < 3; i++)
        {
            Assert.True((await AskAsync(engine, Charge("old 0"))).Replayed);
        }

        await again.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    // As many ids as one half of the small filter has room for.
    private static async Task TurnFilterAsync(Engine engine, string name)
    {
        for (int i = 0; i < SmallFilter.RepeatFilterBits / 10; i++)
        {
            Assert.IsType<Accepted>(await engine.AskAsync(Other, Charge($"{name}: {i}")));
        }
    }

    private static async Task OpenAsync(Engine engine, GrainId account)
    {
        Assert.IsType<Accepted>(await engine.AskAsync(account, new OpenAccount { Currency = "USD", Zone = "UTC", RequestId = "open" }));
        Assert.IsType<Accepted>(await engine.AskAsync(account, Asking.Topup(Money.NanosPerUnit, "credit")));
    }

    // As soon as the ids are in the filter, a new one is not looked up any more before its turn; after it, as of any denial, it is. One
    // that is denied does not go into the filter. The test's own time limit ends the wait.
    private static async Task UntilReadAsync(Engine engine, Watched journal, string name)
    {
        int fresh = 0;
        string id;
        do
        {
            id = $"{name} {fresh++}";
            Assert.IsType<Denied>(await engine.AskAsync(Account, new Charge { AmountNanos = 2 * Money.NanosPerUnit, RequestId = id }));
            await Task.Yield();
        }
        while (journal.LookedUp.Count(l => l == id) > 1);
    }

    private static Charge Charge(string requestId) => new() { AmountNanos = 1, RequestId = requestId };

    private static async Task<Accepted> AskAsync(Engine engine, Command command) => Assert.IsType<Accepted>(await engine.AskAsync(Account, command));

    private static async Task<Engine> StartAsync(IJournal journal, EngineOptions? options = null)
    {
        // A window of one reply: all but the last id are late.
        Engine engine = new(
            journal, options ?? new EngineOptions { WindowSize = 1 }, GrainKinds.All, PriceTable.Empty, new Attentive(), NullLogger<Engine>.Instance);
        await engine.StartAsync();
        return engine;
    }

    /// <summary>No time goes by between two repeats: all come within the second, and what they tell is not forgotten.</summary>
    private sealed class Attentive : TimeProvider
    {
        public override long GetTimestamp() => 1;
    }

    private sealed class Watched(IJournal inner) : JournalWrapper(inner)
    {
        private TaskCompletionSource idsRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int refusals;

        public ConcurrentQueue<string> LookedUp { get; } = new();

        /// <summary>Completes when all ids of the account have been read.</summary>
        public Task IdsRead => this.idsRead.Task;

        /// <summary>Runs once, before the second page of ids is read.</summary>
        public Func<Task>? BeforeSecondPage { get; set; }

        /// <summary>The next time that they are read.</summary>
        public Task ExpectIds() => (this.idsRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public int Refusals => Volatile.Read(ref this.refusals);

        public override Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct)
        {
            foreach (RequestKey request in requests)
            {
                this.LookedUp.Enqueue(request.RequestId);
            }

            return base.FindRequestsAsync(requests, ct);
        }

        public override async Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct)
        {
            if (afterSeq > 0 && this.BeforeSecondPage is { } before)
            {
                this.BeforeSecondPage = null;
                await before();
            }

            RequestIds ids = await base.ReadRequestIdsAsync(grain, afterSeq, rowsMax, ct);
            this.idsRead.TrySetResult();
            return ids;
        }

        protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
        {
            AppendResult result = await base.AppendAsync(writer, rows, ct);
            if (result is AppendResult.Refused)
            {
                Interlocked.Increment(ref this.refusals);
            }

            return result;
        }
    }
}
