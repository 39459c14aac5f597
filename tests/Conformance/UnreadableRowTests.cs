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

/// <summary>A row that a newer release wrote, met behind a request id or a reference: an outcome, not an exception.</summary>
public sealed class UnreadableRowTests
{
    private static readonly GrainId Account = GrainId.Account("ahead");

    [Fact]
    public async Task ARepeatOfWhatThisReleaseCannotReadIsSaidToBeBroken() =>
        await MeetAsync(Asking.Charge(1, "old"));

    [Fact]
    public async Task AReversalOfWhatThisReleaseCannotReadIsSaidToBeBroken() =>
        await MeetAsync(new ReverseCharge { Charge = 2, RequestId = "back" });

    private static async Task MeetAsync(Command command)
    {
        await using FromTheFuture journal = new(new MemoryJournal(new MemoryStore(TimeProvider.System)));

        // A window of one reply: the charge is found in the journal only.
        await using Engine engine = new(
            journal, new EngineOptions { WindowSize = 1 }, GrainKinds.All, PriceTable.Empty, TimeProvider.System, NullLogger<Engine>.Instance);
        await engine.StartAsync();
        await engine.AcceptAsync(Account, new OpenAccount { Currency = "USD", Zone = "UTC", CreditLimitNanos = 100, RequestId = "open" });
        await engine.AcceptAsync(Account, Asking.Charge(1, "old"));
        await engine.AcceptAsync(Account, Asking.Charge(1, "newer"));
        journal.Ahead = true;
        Denied denied = Assert.IsType<Denied>(await engine.AskAsync(Account, command));
        Assert.Equal(Outcome.GrainBroken, denied.Outcome);
    }

    private sealed class FromTheFuture(IJournal inner) : JournalWrapper(inner)
    {
        public bool Ahead { get; set; }

        public override async Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) => this.Age(await base.ReadRowAsync(grain, seq, ct));

        public override async Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
            [.. (await base.FindRequestsAsync(requests, ct)).Select(this.Age)];

        private JournalRow? Age(JournalRow? row) => row is null || !this.Ahead ? row : row with { Type = "charged_2030" };
    }
}
