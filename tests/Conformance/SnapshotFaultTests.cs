using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Account;
using OrleansBilling.Conformance.Grains;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Memory;
using Xunit;

namespace OrleansBilling.Conformance;

/// <summary>Whatever goes wrong with snapshots: the next ones are written all the same, and the host stops as it should.</summary>
public sealed class SnapshotFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly GrainId Account = GrainId.Account("a");

    [Fact]
    public async Task AfterAFaultThatNobodyForesawTheNextSnapshotsAreWritten()
    {
        await using Faulty journal = new();
        EngineOptions options = new() { SnapshotRows = 1, SnapshotInterval = TimeSpan.FromMilliseconds(1) };
        await using Engine engine = new(journal, options, GrainKinds.All, PriceTable.Empty, TimeProvider.System, NullLogger<Engine>.Instance);
        await engine.StartAsync();
        await engine.AcceptAsync(Account, new OpenAccount { Currency = "USD", Zone = "UTC", CreditLimitNanos = 100, RequestId = "open" });
        await journal.Failed.WaitAsync(Patience, TestContext.Current.CancellationToken);

        await engine.AcceptAsync(Account, Asking.Charge(1, "charge"));
        await journal.Written.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AHostStopsThoughItsLastSnapshotsCannotBeWritten()
    {
        await using Faulty journal = new();
        EngineOptions options = new() { SnapshotTailRows = 1 };
        Engine engine = new(journal, options, GrainKinds.All, PriceTable.Empty, TimeProvider.System, NullLogger<Engine>.Instance);
        await engine.StartAsync();
        await engine.AcceptAsync(Account, new OpenAccount { Currency = "USD", Zone = "UTC", RequestId = "open" });

        await engine.DisposeAsync();

        Assert.True(journal.Failed.IsCompleted, "No snapshot was to be written.");
    }

    /// <summary>The first snapshots fail in a way that no journal should.</summary>
    private sealed class Faulty() : MemoryJournal(new MemoryStore(TimeProvider.System))
    {
        private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Failed => this.failed.Task;

        public Task Written => this.written.Task;

        protected override ValueTask BeforeAsync(JournalCall call, CancellationToken ct) =>
            call == JournalCall.SaveSnapshots && this.failed.TrySetResult() ? throw new InvalidOperationException("Too large.") : ValueTask.CompletedTask;

        protected override ValueTask AfterAsync(JournalCall call, CancellationToken ct)
        {
            if (call == JournalCall.SaveSnapshots)
            {
                this.written.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }
    }
}
