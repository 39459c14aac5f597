using Microsoft.Extensions.Logging.Abstractions;
using OrleansBilling.Grains;
using OrleansBilling.Hosting;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Kernel;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Nodes;

/// <summary>One host: the real engine in a process of its own, which may crash, freeze, stop and start again.</summary>
#pragma warning disable CA1001 // A node's journal is a part of the world: nothing in it is to be disposed of.
internal sealed class SimNode(int number, SimWorld world, SimDatabase database, EngineOptions options)
{
    private static readonly Action<object?> Begin = static call => _ = ((Call)call!).Node.AskAsync((Call)call);
    private static readonly Action<object?> BeginInOrder = static calls => _ = ((Call[])calls!)[0].Node.AskInOrderAsync((Call[])calls);
    private SimScheduler scheduler = new(world);
    private SimJournal? journal;
    private long skewNanos;

    public int Number => number;

    public Engine? Engine { get; private set; }

    public SimClock? Clock { get; private set; }

    /// <summary>Whether the process is there.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Whether the process is still there, finishing.</summary>
    public bool IsStopping { get; private set; }

    public bool IsFrozen => this.scheduler.IsFrozen;

    /// <summary>Counts the processes that this node has been.</summary>
    public int Incarnation { get; private set; }

    /// <summary>The prices it was started with.</summary>
    public Tariff? Tariff { get; private set; }

    /// <summary>How far its clock is off.</summary>
    public long SkewNanos
    {
        get => this.skewNanos;
        set
        {
            this.skewNanos = value;
            if (this.Clock is not null)
            {
                this.Clock.SkewNanos = value;
            }
        }
    }

    /// <summary>Grains of which the engine said that they left its memory.</summary>
    public HashSet<GrainId> LeftMemory { get; } = [];

    /// <summary>When it last read the database's clock.</summary>
    public long ClockReadNanos => this.journal!.ClockReadNanos;

    /// <summary>When it last failed to reach the database.</summary>
    public long FailedNanos => this.journal!.FailedNanos;

    /// <summary>When it last had an answer of a writer session for which it had waited for long.</summary>
    public long SlowNanos => this.journal!.SlowNanos;

    /// <summary>When it was last started or thawed.</summary>
    public long AwakeSinceNanos { get; private set; }

    /// <summary>Told of every call that ends.</summary>
    public required Action<Call, Reply?, Exception?> Ended { get; init; }

    /// <summary>Told of calls that were made in their order, when they have ended.</summary>
    public required Action<Call[], Reply[]?, Exception?> EndedInOrder { get; init; }

    /// <summary>Calls made of this process that have not ended.</summary>
    public HashSet<Call> Calls { get; } = [];

    public override string ToString() =>
        $"node {number} ({(this.IsUp ? this.IsFrozen ? "frozen" : "up" : this.IsStopping ? "stopping" : "down")}{(this.Engine?.IsReady == true ? ", ready" : "")}, start {this.Incarnation})";

    public void Start()
    {
        this.Incarnation++;
        this.AwakeSinceNanos = world.NowNanos;
        this.Tariff = Tariff.Pick(database.Random);
        this.scheduler = new SimScheduler(world);
        this.Clock = new SimClock(this.scheduler) { SkewNanos = this.skewNanos };
        this.journal = new SimJournal(database, this.scheduler);
        database.Hosts.Add(this.journal);
        this.Engine = new Engine(
            this.journal, options with { Scheduler = this.scheduler }, GrainKinds.All, this.Tariff.Prices, this.Clock, NullLogger<Engine>.Instance);
        this.Engine.LeftMemory = grain => this.LeftMemory.Add(grain);
        Engine engine = this.Engine;
        _ = this.scheduler.Start(engine.StartAsync);
        this.IsUp = true;
    }

    /// <summary>The process is gone in an instant.</summary>
    public void Crash()
    {
        this.scheduler.Kill();
        this.Leave();
    }

    /// <summary>Stops as asked to: finishes calls, commits, writes snapshots.</summary>
    public void Stop(Action stopped)
    {
        Engine engine = this.Engine!;
        this.IsUp = false;
        this.IsStopping = true;
        _ = this.scheduler.Start(async () =>
        {
            await engine.DisposeAsync();
            stopped();
        });
    }

    /// <summary>What is left of a process after it stopped.</summary>
    public void Leave()
    {
        this.IsUp = this.IsStopping = false;
        database.Hosts.Remove(this.journal!);
        database.Abandon(this.scheduler);
    }

    public void Freeze() => this.scheduler.Freeze();

    public void Thaw()
    {
        this.scheduler.Thaw();
        this.AwakeSinceNanos = world.NowNanos;
    }

    /// <summary>Cuts the node's database sessions, and keeps it from the database for a while.</summary>
    public void CutSessions(long forNanos = 0)
    {
        database.CutSessions(this.scheduler);
        this.journal!.CutOffUntilNanos = world.NowNanos + forNanos;
    }

    /// <summary>The node can reach the database again.</summary>
    public void Reconnect()
    {
        if (this.journal is not null)
        {
            this.journal.CutOffUntilNanos = 0;
        }
    }

    /// <summary>Puts a grain away, as the host does with idle ones.</summary>
    public void PutAway(GrainId grain)
    {
        Engine engine = this.Engine!;
        _ = Task.Factory.StartNew(() => engine.PutAway(grain), CancellationToken.None, TaskCreationOptions.None, this.scheduler);
    }

    /// <summary>Makes a call; <see cref="Ended"/> is told when it ends.</summary>
    public void Ask(Call call)
    {
        this.Calls.Add(call);

        // Nothing of a process that is gone is run any more, so the engine is still this one when it begins.
        _ = Task.Factory.StartNew(Begin, call, CancellationToken.None, TaskCreationOptions.None, this.scheduler);
    }

    /// <summary>Makes calls of one grain in their order; <see cref="EndedInOrder"/> is told when all have ended.</summary>
    public void AskInOrder(Call[] calls)
    {
        this.Calls.UnionWith(calls);
        _ = Task.Factory.StartNew(BeginInOrder, calls, CancellationToken.None, TaskCreationOptions.None, this.scheduler);
    }

    /// <summary>What a guard's reply must be.</summary>
    public static bool LetsThrough(Reply read) => read.Outcome == Outcome.Accepted;

    private async Task AskInOrderAsync(Call[] calls)
    {
        Reply[]? replies = null;
        Exception? failure = null;
        try
        {
            replies = await this.Engine!.AskInOrderAsync(calls[0].Grain, Array.ConvertAll(calls, c => c.Command));
        }
        catch (Exception e)
        {
            failure = e;
        }

        this.Calls.ExceptWith(calls);
        this.EndedInOrder(calls, replies, failure);
    }

    private async Task AskAsync(Call call)
    {
        Engine engine = this.Engine!;
        Reply? reply = null;
        Exception? failure = null;
        try
        {
            if (call.Guard is { } guard)
            {
                GuardedReply guarded = await engine.AskAsync(new Guard(guard.Grain, guard.Command, LetsThrough), call.Grain, call.Command);
                (guard.Reply, reply) = (guarded.Read, guarded.Reply);
            }
            else if (call.PatienceNanos == 0)
            {
                reply = await engine.AskAsync(call.Grain, call.Command);
            }
            else
            {
                using CancellationTokenSource patience = new(TimeSpan.FromTicks(call.PatienceNanos / 100), this.Clock!);
                reply = await engine.AskAsync(call.Grain, call.Command, patience.Token);
            }
        }
        catch (Exception e)
        {
            // The auditor knows which exceptions a call may end with.
            failure = e;
        }

        this.Calls.Remove(call);
        this.Ended(call, reply, failure);
    }
}
