using System.Collections.Concurrent;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Conformance.Grains;

/// <summary>Between a host and its journal: holds commits up, loses their replies, cuts the line.</summary>
/// <param name="inner">The journal.</param>
/// <param name="kit">Whose store it is.</param>
internal sealed class GatedJournal(IJournal inner, JournalKit kit) : JournalWrapper(inner)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<int, WriterIdentity> writers = new();
    private TaskCompletionSource? gate;
    private TaskCompletionSource? readGate;
    private TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool unplugged;
    private int repliesToLose;
    private int loads;
    private int lookups;

    /// <summary>Completes when a commit waits at the closed gate.</summary>
    public Task ReachedAsync => WaitAsync(this.reached.Task, "a commit to come to the closed gate");

    /// <summary>How often the host has loaded something.</summary>
    public int Loads => Volatile.Read(ref this.loads);

    /// <summary>How often the host has looked request ids up.</summary>
    public int Lookups => Volatile.Read(ref this.lookups);

    /// <summary>Holds up all commits from now on.</summary>
    public void Close()
    {
        this.reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref this.gate, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>Lets the one that waits through, and waits until the next one has come.</summary>
    public async Task StepAsync()
    {
        TaskCompletionSource? closed = this.gate;
        this.Close();
        closed!.SetResult();
        await this.ReachedAsync;
    }

    /// <summary>Lets them through.</summary>
    public void Open() => Interlocked.Exchange(ref this.gate, null)?.SetResult();

    /// <summary>Holds up all loads from now on.</summary>
    public void CloseReads() => Volatile.Write(ref this.readGate, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Lets them through.</summary>
    public void OpenReads() => Interlocked.Exchange(ref this.readGate, null)?.SetResult();

    /// <summary>Takes the next commit, and loses the session before the host hears of it.</summary>
    public void LoseNextReply() => Volatile.Write(ref this.repliesToLose, 1);

    /// <summary>Ends the host's writer sessions from outside.</summary>
    public async Task CutAsync()
    {
        foreach (WriterIdentity session in this.writers.Values)
        {
            await kit.CutAsync(session);
        }
    }

    /// <summary>The host never reaches the journal again.</summary>
    public Task UnplugAsync()
    {
        this.unplugged = true;
        this.Open();
        return this.CutAsync();
    }

    public override async Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct)
    {
        this.MustReach();
        IJournalWriter writer = await base.OpenWriterAsync(lane, previous, ct);
        this.writers[lane] = writer.Identity;
        return writer;
    }

    public override async Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct)
    {
        Interlocked.Increment(ref this.loads);
        await this.ReadGateAsync(ct);
        return await this.Reached().LoadAsync(grains, maxRows, ct);
    }

    public override async Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct)
    {
        await this.ReadGateAsync(ct);
        return await this.Reached().ReadRowsAsync(grain, after, maxRows, ct);
    }

    public override Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) => this.Reached().ReadRowAsync(grain, seq, ct);

    public override Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
        this.Reached(ref this.lookups).FindRequestsAsync(requests, ct);

    public override Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct) =>
        this.Reached().ReadRequestIdsAsync(grain, afterSeq, rowsMax, ct);

    public override Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct) => this.Reached().SaveSnapshotsAsync(snapshots, ct);

    public override Task<long> ReadClockAsync(CancellationToken ct) => this.Reached().ReadClockAsync(ct);

    public override Task AskForRestAsync(GrainId grain, CancellationToken ct) => this.Reached().AskForRestAsync(grain, ct);

    protected override async Task<AppendResult> AppendAsync(IJournalWriter writer, IReadOnlyList<JournalRow> rows, CancellationToken ct)
    {
        if (Volatile.Read(ref this.gate) is { } closed)
        {
            this.reached.TrySetResult();
            await closed.Task.WaitAsync(ct);
        }

        AppendResult result = await base.AppendAsync(writer, rows, ct);
        if (Interlocked.Exchange(ref this.repliesToLose, 0) == 1)
        {
            await kit.CutAsync(writer.Identity);
            throw new JournalInDoubtException("The connection broke after the commit.");
        }

        return result;
    }

    private static async Task WaitAsync(Task task, string what)
    {
        try
        {
            await task.WaitAsync(Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Waited {Patience.TotalSeconds:0} s for {what}.", e);
        }
    }

    private Task ReadGateAsync(CancellationToken ct) => Volatile.Read(ref this.readGate)?.Task.WaitAsync(ct) ?? Task.CompletedTask;

    private IJournal Reached(ref int count)
    {
        Interlocked.Increment(ref count);
        return this.Reached();
    }

    private IJournal Reached()
    {
        this.MustReach();
        return this.Inner;
    }

    private void MustReach()
    {
        if (this.unplugged)
        {
            throw new JournalUnavailableException("This host has crashed.");
        }
    }
}
