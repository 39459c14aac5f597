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

/// <summary>
/// A host that runs on while its server is replaced by a copy that lacks the last rows: nothing it saw under the session before is
/// true any more (rule 6).
/// </summary>
public sealed class SwitchedServerTests
{
    private const long Unit = Asking.Unit;
    private static readonly GrainId Account = GrainId.Account("switched");
    private static readonly GrainId Other = GrainId.Account("other");

    [Fact]
    public async Task AReplyThatTheNewServerDoesNotKnowIsNotGivenAgain()
    {
        await using Switchable journal = new();
        await using Engine engine = await StartAsync(journal);
        Accepted lost = await engine.AcceptAsync(Account, Asking.Charge(Unit, "lost"));
        await journal.SwitchAsync(lost.Seq - 1);
        await LoseSessionAsync(engine);

        // Takes the number that the lost one had.
        Accepted next = await engine.AcceptAsync(Account, Asking.Charge(2 * Unit, "next"));
        Assert.Equal(lost.Seq, next.Seq);
        Assert.False((await engine.AcceptAsync(Account, Asking.Charge(Unit, "lost"))).Replayed, "A charge that is not in the journal was said to be done.");
        Asking.AssertRepeats(next, await engine.AcceptAsync(Account, Asking.Charge(2 * Unit, "next")));
        Assert.Equal(7 * Unit, (await engine.ViewAsync(Account)).BalanceNanos);
    }

    [Fact]
    public async Task AChargeThatTheNewServerDoesNotKnowIsNotReversed()
    {
        await using Switchable journal = new();
        await using Engine engine = await StartAsync(journal);
        Accepted lost = await engine.AcceptAsync(Account, Asking.Charge(Unit, "lost"));
        journal.AfterReadRow = async () =>
        {
            await journal.SwitchAsync(lost.Seq - 1);
            await LoseSessionAsync(engine);
        };
        await engine.DenyAsync(Account, new ReverseCharge { Charge = lost.Seq, RequestId = "back" }, Outcome.ChargeNotFound);
        Assert.Equal(10 * Unit, (await engine.ViewAsync(Account)).BalanceNanos);
    }

    // The host does not know yet that its session is gone.
    [Fact]
    public async Task AGrainThatWasReadFromTwoServersIsNotBroken()
    {
        await using Switchable journal = new();
        await using Engine engine = await StartAsync(journal, loadPageRows: 2);
        for (int i = 0; i < 4; i++)
        {
            await engine.AcceptAsync(Account, Asking.Charge(Unit, $"charge {i}"));
        }

        Assert.True(engine.PutAway(Account));
        journal.AfterLoad = () => journal.SwitchAsync(1, 4);
        Assert.Equal(7 * Unit, (await engine.ViewAsync(Account)).BalanceNanos);
    }

    private static async Task<Engine> StartAsync(IJournal journal, int loadPageRows = 4096)
    {
        Engine engine = new(journal, new EngineOptions { LoadPageRows = loadPageRows, SnapshotInterval = TimeSpan.FromHours(1) }, GrainKinds.All, PriceTable.Empty, TimeProvider.System, NullLogger<Engine>.Instance);
        await engine.StartAsync();
        await engine.AcceptAsync(Account, new OpenAccount { Currency = "USD", Zone = "UTC", RequestId = "open" });
        await engine.AcceptAsync(Account, Asking.Topup(10 * Unit, "credit"));
        return engine;
    }

    // The confirmation of a read finds the session lost; the answer comes by the next one.
    private static Task<Denied> LoseSessionAsync(Engine engine) => engine.DenyAsync(Other, new GetAccount(), Outcome.AccountNotFound);

    /// <summary>A journal whose server can be switched to a copy.</summary>
    private sealed class Switchable() : JournalWrapper(new MemoryJournal(new MemoryStore(TimeProvider.System)))
    {
        private readonly MemoryJournal copy = new(new MemoryStore(TimeProvider.System));
        private WriterIdentity? session;
        private bool switched;

        public Func<Task>? AfterReadRow { get; set; }

        public Func<Task>? AfterLoad { get; set; }

        private IJournal Now => this.switched ? this.copy : this.Inner;

        /// <summary>Goes on with a copy of the account's first rows, and some that were written to it a second later; the session is lost.</summary>
        public async Task SwitchAsync(long rows, int others = 0)
        {
            List<JournalRow> kept = [.. await this.Inner.ReadRowsAsync(Account, 0, (int)rows + others, CancellationToken.None)];
            for (int i = (int)rows; i < kept.Count; i++)
            {
                JournalRow row = kept[i];
                kept[i] = new JournalRow(row.Grain, row.Seq, row.AtNanos + 1_000_000_000, row.Type, row.Actor, row.RequestId, row.RequestHash, row.Data)
                {
                    Previous = kept[i - 1].Hash,
                };
                kept[i].Hash = ChainHash.Next(kept[i - 1].Hash, kept[i]);
            }

            await using (IJournalWriter writer = await this.copy.OpenWriterAsync(0, null, CancellationToken.None))
            {
                Assert.IsType<AppendResult.Committed>(await writer.AppendAsync(kept, CancellationToken.None));
            }

            this.switched = true;
            ((MemoryJournal)this.Inner).Store.EndSession(this.session!);
        }

        public override async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct)
        {
            IJournalWriter writer = await this.Now.OpenWriterAsync(lane, this.switched ? null : previous, ct);
            this.session = writer.Identity;
            return this.Wrap(writer);
        }

        public override async Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct)
        {
            IReadOnlyList<StoredGrain> stored = await this.Now.LoadAsync(grains, maxRows, ct);
            if (this.AfterLoad is { } after)
            {
                this.AfterLoad = null;
                await after();
            }

            return stored;
        }

        public override Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) =>
            this.Now.ReadRowsAsync(grain, after, maxRows, ct);

        public override async Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct)
        {
            JournalRow? row = await this.Now.ReadRowAsync(grain, seq, ct);
            if (this.AfterReadRow is { } after)
            {
                this.AfterReadRow = null;
                await after();
            }

            return row;
        }

        public override Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
            this.Now.FindRequestsAsync(requests, ct);

        public override Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct) => this.Now.SaveSnapshotsAsync(snapshots, ct);
    }
}
