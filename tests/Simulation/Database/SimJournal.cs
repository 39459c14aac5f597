using OrleansBilling.Hosting.Journal;
using OrleansBilling.Simulation.Audit;
using OrleansBilling.Simulation.Kernel;

namespace OrleansBilling.Simulation.Database;

/// <summary>One node's way to the database: takes time, and may break. Calls are made on the node's scheduler and return to it.</summary>
internal sealed class SimJournal(SimDatabase database, SimScheduler node) : IJournal
{
    private const long Micro = 1_000;
    private const long Milli = 1_000_000;
    private const long SlowMin = 300 * Milli;

    /// <summary>What is stored of this one cannot be read.</summary>
    public static GrainId Unreadable { get; } = GrainId.Account("unreadable");

    private SimWorld World => database.World;

    private SimRandom Random => database.Random;

    private FaultPlan Faults => database.Faults;

    /// <summary>Until then this node cannot reach the database, though others can.</summary>
    public long CutOffUntilNanos { get; set; }

    private bool IsReachable => database.IsUp && this.World.NowNanos >= this.CutOffUntilNanos;

    public int Lanes => database.Lanes;

    public bool Shared => database.Shared;

    public Action<GrainId>? RestRequested { get; set; }

    public Task<IReadOnlyList<StoredGrain>> LoadAsync(IReadOnlyList<GrainId> grains, int maxRows, CancellationToken ct) =>
        this.ReadAsync<IReadOnlyList<StoredGrain>>(
            "LoadAsync",
            () => grains.Contains(Unreadable) ? throw new JournalUnavailableException("a grain cannot be read") : [.. grains.Select(grain => database.Load(grain, maxRows))],
            ct);

    public Task<IReadOnlyList<JournalRow>> ReadRowsAsync(GrainId grain, long after, int maxRows, CancellationToken ct) =>
        this.ReadAsync("ReadRowsAsync", () => database.ReadRows(grain, after, maxRows), ct);

    public Task<JournalRow?> ReadRowAsync(GrainId grain, long seq, CancellationToken ct) =>
        this.ReadAsync("ReadRowAsync", () => database.RowOf(grain, seq), ct);

    public Task<IReadOnlyList<JournalRow?>> FindRequestsAsync(IReadOnlyList<RequestKey> requests, CancellationToken ct) =>
        this.ReadAsync<IReadOnlyList<JournalRow?>>("FindRequestsAsync", () => [.. requests.Select(database.FindRequest)], ct);

    public async Task<RequestIds> ReadRequestIdsAsync(GrainId grain, long afterSeq, int rowsMax, CancellationToken ct)
    {
        database.Observer?.OnIdsAsked(node, grain, afterSeq);
        RequestIds? page = null;
        try
        {
            return page = await this.ReadAsync("ReadRequestIdsAsync", () => database.RequestIdsOf(grain, afterSeq, rowsMax), ct);
        }
        finally
        {
            database.Observer?.OnIdsRead(node, grain, page, page?.LastSeq == afterSeq + rowsMax);
        }
    }

    public Task<long> ReadClockAsync(CancellationToken ct) => this.ReadAsync("ReadClockAsync", this.ReadClock, ct);

    /// <summary>When it could last not be reached.</summary>
    public long FailedNanos { get; private set; }

    /// <summary>When an answer last came, or was given up, after long.</summary>
    public long SlowNanos { get; private set; }

    /// <summary>When this node last read the database's clock.</summary>
    public long ClockReadNanos { get; private set; }

    public Task SaveSnapshotsAsync(IReadOnlyList<StoredSnapshot> snapshots, CancellationToken ct) => this.ReadAsync(
        "SaveSnapshotsAsync",
        () =>
        {
            database.SaveSnapshots(snapshots);
            return true;
        },
        ct);

    public Task AskForRestAsync(GrainId grain, CancellationToken ct)
    {
        database.Observer?.OnRestAsked(node, grain);
        return this.ReadAsync(
            "AskForRestAsync",
            () =>
            {
                foreach (SimJournal other in database.Hosts)
                {
                    if (other != this)
                    {
                        other.Notify(grain);
                    }
                }

                return true;
            },
            ct);
    }

    public Task<IJournalWriter> OpenWriterAsync(int lane, WriterIdentity? previous, CancellationToken ct)
    {
        this.World.CheckThread(node, "OpenWriterAsync");
        Answer<IJournalWriter> answer = new(this, ct);
        this.World.After(this.Latency() + database.DrawDelay(Delayed.Questions), () => this.Open(lane, previous, answer));
        return answer.Task;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Notify(GrainId grain)
    {
        Action<GrainId>? rest = this.RestRequested;
        if (rest is not null)
        {
            void Rest()
            {
                rest(grain);
                database.Observer?.OnRest(node, grain);
            }

            this.World.After(this.Latency(), () => _ = Task.Factory.StartNew(Rest, CancellationToken.None, TaskCreationOptions.None, node));
        }
    }

    private void Open(int lane, WriterIdentity? previous, Answer<IJournalWriter> answer)
    {
        if (!this.IsReachable || database.Strikes(this.Faults.Unreachable, "database not reached"))
        {
            answer.Fail(new JournalUnavailableException("the database cannot be reached"));
            return;
        }

        if (previous is not null && database.Find(previous) is { } old)
        {
            if (old.Busy && this.Random.OneIn(2))
            {
                // Its transaction is waited for instead of ended.
                old.Abandoned = true;
                old.WhenIdle.Add(() => this.Open(lane, previous, answer));
                return;
            }

            database.End(old);
        }

        // Nobody is there any more to use it.
        if (answer.IsGivenUp || node.IsDead)
        {
            return;
        }

        try
        {
            SimSession session = database.Open(lane, node);
            // Who gave up meanwhile closes what was opened for nobody.
            answer.Give(new Writer(this, session), this.Random.OneIn(2) ? 0 : this.Latency(), () => database.End(session));
        }
        catch (JournalOccupiedException e)
        {
            answer.Fail(e);
        }
    }

    private Task<T> ReadAsync<T>(string what, Func<T> read, CancellationToken ct)
    {
        this.World.CheckThread(node, what);
        Answer<T> answer = new(this, ct);
        long latency = this.Latency();
        // What a read found may be old when it comes back.
        long back = !this.Random.OneIn(3) ? 0 : this.Random.OneIn(4) ? this.Random.Between(1, 6) * Milli : this.Latency();
        if (database.Strikes(this.Faults.SlowRead, "slow read"))
        {
            // It takes long to get there, or to come back with what is old by then.
            long slow = this.Random.Between(Milli, 3_000 * Milli);
            (latency, back) = this.Random.OneIn(2) ? (slow, back) : (latency, slow);
        }

        latency += database.DrawDelay(Delayed.Questions);
        back += database.DrawDelay(Delayed.Answers);
        this.World.After(latency, () =>
        {
            if (!this.IsReachable || database.Strikes(this.Faults.Unreachable, "database not reached"))
            {
                answer.Fail(new JournalUnavailableException("the database cannot be reached"));
                return;
            }

            try
            {
                answer.Give(read(), back);
            }
            catch (JournalUnavailableException e)
            {
                answer.Fail(e);
            }
        });
        return answer.Task;
    }

    private long ReadClock()
    {
        this.ClockReadNanos = this.World.NowNanos;
        return this.World.NowNanos / 1000 * 1000;
    }

    private long Latency() => this.Random.Between(20, 400) * Micro;

    /// <summary>What a call waits for: completed once, by the answer, its loss, or the caller's giving up.</summary>
    private sealed class Answer<T>
    {
        private readonly SimJournal journal;
        // Not RunContinuationsAsynchronously: what waits for such a one through Task.WaitAsync goes by the thread pool.
        private readonly TaskCompletionSource<T> source = new();

        private readonly long askedNanos;

        public Answer(SimJournal journal, CancellationToken ct, Action<long>? cancelled = null)
        {
            this.journal = journal;
            this.askedNanos = journal.World.NowNanos;
            if (ct.CanBeCanceled)
            {
                ct.Register(() =>
                {
                    if (this.source.TrySetCanceled(ct))
                    {
                        this.Note();
                        cancelled?.Invoke(journal.World.NowNanos - this.askedNanos);
                    }
                });
            }
        }

        public Task<T> Task => this.source.Task;

        public bool IsGivenUp => this.source.Task.IsCompleted;

        public void Give(T value, long delay, Action? givenUp = null)
        {
            if (delay > 0)
            {
                this.journal.World.After(delay, () => this.Give(value, 0, givenUp));
            }
            else if (!this.source.TrySetResult(value))
            {
                givenUp?.Invoke();
            }
            else
            {
                this.Note();
            }
        }

        public void Fail(Exception e)
        {
            this.Note();
            this.journal.FailedNanos = e is JournalUnavailableException ? this.journal.World.NowNanos : this.journal.FailedNanos;
            this.source.TrySetException(e);
        }

        private void Note() =>
            this.journal.SlowNanos = this.journal.World.NowNanos - this.askedNanos > SlowMin ? this.journal.World.NowNanos : this.journal.SlowNanos;
    }

    private sealed class Writer(SimJournal journal, SimSession session) : IJournalWriter
    {
        private SimRandom Random => journal.Random;

        private FaultPlan Faults => journal.Faults;

        private SimDatabase Database { get; } = journal.Owner;

        public WriterIdentity Identity => session.Identity;

        public Task PingAsync(CancellationToken ct) => this.AskAsync("PingAsync", () => true, ct);

        public Task<IReadOnlyList<Head>> ReadHeadsAsync(IReadOnlyList<GrainId> grains, CancellationToken ct) =>
            this.AskAsync<IReadOnlyList<Head>>("ReadHeadsAsync", () => [.. grains.Select(this.Database.HeadOf)], ct);

        public Task<AppendResult> AppendAsync(IReadOnlyList<JournalRow> rows, CancellationToken ct)
        {
            journal.World.CheckThread(journal.Node, "AppendAsync");
            Answer<AppendResult> answer = new(journal, ct);
            this.Database.Observer?.OnSent(new SimProcess(session.Client, session), rows);
            session.Busy = true;
            long latency = this.Random.Between(100, 1_500) * Micro;
            if (this.Database.Strikes(this.Faults.Slow, "slow commit"))
            {
                latency = this.Random.Between(10, 6_000) * Milli;
            }
            else if (this.Database.Strikes(this.Faults.LateCommit, "commit after its session was given up"))
            {
                // The client hears that the session is lost, long before the transaction is over.
                journal.World.After(latency, () => answer.Fail(Lost()));
                // Soon, when the host has just loaded what it may still change, or when all is different by then.
                latency += this.Random.OneIn(2) ? this.Random.Between(300, 10_000) * Micro : this.Random.Between(1, 4_000) * Milli;
            }

            journal.World.After(latency + this.Database.DrawDelay(Delayed.Commits), () => this.Execute(rows, answer));
            return answer.Task;
        }

        public ValueTask DisposeAsync()
        {
            session.Abandoned = true;
            this.Database.EndUnlessBusy(session);
            return ValueTask.CompletedTask;
        }

        private static JournalInDoubtException Lost() => new("the session is lost");

        private void Execute(IReadOnlyList<JournalRow> rows, Answer<AppendResult> answer)
        {
            if (session.Ended)
            {
                answer.Fail(Lost());
                return;
            }

            if (this.Database.Strikes(this.Faults.LostBefore, "session lost before a commit"))
            {
                this.Idle();
                this.Database.End(session);
                answer.Fail(Lost());
                return;
            }

            AppendResult result;
            if (this.Database.Strikes(this.Faults.Passing, "commit refused for what passes"))
            {
                result = new AppendResult.Passing("a deadlock");
                this.Database.Observer?.OnFailed(new SimProcess(session.Client, session), rows, [], []);
            }
            else
            {
                result = this.Database.Append(session, rows);
            }

            this.Idle();
            if (this.Database.Strikes(this.Faults.LostAfter, "answer of a commit lost"))
            {
                this.Database.End(session);
                answer.Fail(Lost());
                return;
            }

            answer.Give(result, this.Random.OneIn(3) ? this.Random.Between(10, 1_000) * Micro : 0);
        }

        private void Idle()
        {
            session.Busy = false;
            if (session.Abandoned)
            {
                this.Database.EndUnlessBusy(session);
            }

            session.Wake();
        }

        private Task<T> AskAsync<T>(string what, Func<T> ask, CancellationToken ct)
        {
            journal.World.CheckThread(journal.Node, what);
            Answer<T> answer = new(journal, ct, nanos => this.Database.Observer?.OnGivenUp(session.Client, nanos));
            journal.World.After(journal.Latency() + this.Database.DrawDelay(Delayed.Questions), () =>
            {
                if (!session.Ended && this.Database.Strikes(this.Faults.SessionLost, "session lost while it was asked"))
                {
                    this.Database.End(session);
                }

                if (session.Ended)
                {
                    answer.Fail(Lost());
                    return;
                }

                answer.Give(ask(), this.Random.OneIn(3) ? journal.Latency() : 0);
            });
            return answer.Task;
        }
    }

    private SimDatabase Owner => database;

    private SimScheduler Node => node;
}
