using OrleansBilling.Hosting.Journal;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Tests;

/// <summary>How a slow journal behaves for a while.</summary>
public enum Slowness
{
    /// <summary>As usual.</summary>
    None,

    /// <summary>Each append is ended by the server after two seconds, and may be sent again.</summary>
    StatementTimeouts,

    /// <summary>Appends fail after up to a second and a half, and may be sent again.</summary>
    Passing,

    /// <summary>Most appends are refused for a row's sake after a while, and have to be split.</summary>
    Poison,

    /// <summary>Appends take up to two seconds.</summary>
    SlowAppends,

    /// <summary>Nothing on the writer session is answered.</summary>
    Silence,

    /// <summary>Reads take up to six seconds.</summary>
    SlowReads,
}

/// <summary>A journal in memory whose calls take as long as the simulated clock says, and end when they are given up.</summary>
internal sealed class SlowJournal(IJournal inner, TimeProvider clock, SimRandom random) : IJournal
{
    public Slowness Slowness { get; set; }

    /// <summary>At the next look-up of ids the server is switched for a copy that has none of them; sessions of before are gone.</summary>
    public bool SwitchesAtLookup { get; set; }

    private int Server { get; set; }

    public int Lanes => inner.Lanes;

    public bool Shared => inner.Shared;

    public Action<GrainId>? RestRequested { get; set; }

    public async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct)
    {
        await this.DelayAsync(this.Slowness == Slowness.Silence ? 2_000 : 20, ct);
        return new Writer(this, await inner.OpenWriterAsync(lane, previous, ct));
    }

    public async Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct)
    {
        await this.ReadAsync(ct);
        return await inner.LoadAsync(grains, maxRows, ct);
    }

    public async Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct)
    {
        await this.ReadAsync(ct);
        return await inner.ReadRowsAsync(grain, after, maxRows, ct);
    }

    public async Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct)
    {
        await this.ReadAsync(ct);
        return await inner.ReadRowAsync(grain, seq, ct);
    }

    public async Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct)
    {
        await this.ReadAsync(ct);
        if (this.SwitchesAtLookup)
        {
            this.SwitchesAtLookup = false;
            this.Server++;
            return new JournalRow?[requests.Count];
        }

        return await inner.FindRequestsAsync(requests, ct);
    }

    public async Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct)
    {
        await this.ReadAsync(ct);
        return await inner.ReadRequestIdsAsync(grain, afterSeq, rowsMax, ct);
    }

    public Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct) => inner.SaveSnapshotsAsync(snapshots, ct);

    public Task<long> ReadClockAsync(CancellationToken ct) => inner.ReadClockAsync(ct);

    public Task AskForRestAsync(GrainId grain, CancellationToken ct) => inner.AskForRestAsync(grain, ct);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private Task ReadAsync(CancellationToken ct) => this.DelayAsync(this.Slowness == Slowness.SlowReads ? 6_000 : 5, ct);

    private Task DelayAsync(int mostMs, CancellationToken ct) => Task.Delay(TimeSpan.FromMilliseconds(random.Between(1, mostMs)), clock, ct);

    private sealed class Writer(SlowJournal journal, IJournalWriter writer) : IJournalWriter
    {
        private readonly int server = journal.Server;

        public WriterIdentity Identity => writer.Identity;

        public async Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct)
        {
            switch (journal.Slowness)
            {
                case Slowness.StatementTimeouts:
                    await Task.Delay(TimeSpan.FromSeconds(2), journal.Clock, ct);
                    return new AppendResult.Passing("statement timeout");
                case Slowness.Passing:
                    await journal.DelayAsync(1_500, ct);
                    return new AppendResult.Passing("deadlock");
                case Slowness.Poison when !journal.Random.OneIn(4):
                    await journal.DelayAsync(800, ct);
                    return new AppendResult.Rejected("a row that cannot be kept");
                case Slowness.Poison or Slowness.SlowAppends:
                    await journal.DelayAsync(2_000, ct);
                    break;
                default:
                    await this.AnswerAsync(ct);
                    break;
            }

            return await writer.AppendAsync(rows, ct);
        }

        public async Task PingAsync(CancellationToken ct)
        {
            await this.AnswerAsync(ct);
            await writer.PingAsync(ct);
        }

        public async Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct)
        {
            await this.AnswerAsync(ct);
            return await writer.ReadHeadsAsync(grains, ct);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();

        private Task AnswerAsync(CancellationToken ct) => journal.Slowness switch
        {
            _ when this.server != journal.Server => throw new JournalInDoubtException("the session is lost"),
            Slowness.Silence => Task.Delay(Timeout.InfiniteTimeSpan, journal.Clock, ct),
            Slowness.SlowAppends => journal.DelayAsync(3_000, ct),
            _ => journal.DelayAsync(3, ct),
        };
    }

    private TimeProvider Clock => clock;

    private SimRandom Random => random;
}
