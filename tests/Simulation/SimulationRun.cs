using OrleansBilling.Account;
using OrleansBilling.Hosting;
using OrleansBilling.Simulation.Audit;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Kernel;
using OrleansBilling.Simulation.Nodes;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation;

/// <summary>How a run ended.</summary>
internal sealed record SimulationResult(ulong Seed, Violation? Violation, ulong Trace, int Operations, long Steps, long Rows, IReadOnlyDictionary<Outcome, int> Outcomes, IReadOnlyDictionary<string, long> Counts);

/// <summary>One world from its beginning to its end: nodes, clients, faults, and the auditor who looks on.</summary>
internal sealed partial class SimulationRun
{
    private const long Milli = 1_000_000;
    private const long Second = 1_000 * Milli;

    private readonly SimulationOptions options;
    private readonly Scenario scenario;
    private readonly SimWorld world;
    private readonly SimDatabase database;
    private readonly Auditor auditor;
    private readonly CommandMaker maker;
    private readonly SimRandom random;
    private readonly SimRandom switching;
    private readonly SimRandom stalling;
    private readonly SimRandom grouping;
    private readonly SimRandom bending;
    private readonly List<SimNode> nodes = [];
    private readonly List<SimNode> candidates = [];
    private readonly List<Shelf> shelves = [];
    private readonly Dictionary<Outcome, int> outcomes = [];
    private int issued;
    private int bodies;
    private int underWay;
    private int requests;
    private bool healed;
    private int switchAt;
    private int stallAt;
    private int stormAt;
    private int stormEnd;
    private int jumps;
    private int hauntings;
    private SimNode? zombie;
    private Shelf? latest;

    public SimulationRun(SimulationOptions options)
    {
        this.options = options;
        this.scenario = new Scenario(options);
        this.world = new SimWorld(options.Seed, this.scenario.StartNanos)
        {
            LagEvery = this.scenario.LagEvery,
            StepsMax = 5_000_000 + (1_000L * options.Operations),
        };
        this.random = this.world.Random.Fork();
        this.switching = new SimRandom(options.Seed ^ 0x94D049BB133111EB);
        this.stalling = new SimRandom(options.Seed ^ 0xBF58476D1CE4E5B9);
        this.grouping = new SimRandom(options.Seed ^ 0x9E3779B97F4A7C15);
        this.bending = new SimRandom(options.Seed ^ 0xC2B2AE3D27D4EB4F);
        this.database = new SimDatabase(this.world, this.scenario.Lanes, this.scenario.Shared);
        this.auditor = new Auditor(this.world, this.scenario);
        this.database.Observer = this.auditor;
        this.maker = new CommandMaker(this.world.Random.Fork(), () => this.world.NowNanos, this.scenario.Taste, this.scenario.Exact, this.scenario.Crowd);
        for (int i = 0; i < this.scenario.Nodes; i++)
        {
            this.nodes.Add(new SimNode(i, this.world, this.database, this.scenario.Engine) { Ended = this.Ended, EndedInOrder = this.EndedInOrder });
        }

        for (int i = 0; i < this.scenario.Accounts; i++)
        {
            this.shelves.Add(new Shelf(GrainId.Account($"a{i}")));
        }

        for (int i = 0; i < 3; i++)
        {
            this.shelves.Add(new Shelf(GrainId.ForKey($"k{i}")));
        }
    }

    /// <summary>All rows of all grains, for a person who looks for the reason of a violation.</summary>
    public IEnumerable<string> Print() => this.auditor.Grains.Values.SelectMany(g => g.Print());

    public Scenario Scenario => this.scenario;

    /// <summary>Everything that became durable.</summary>
    public IReadOnlyDictionary<GrainId, List<Hosting.Journal.JournalRow>> Journal => this.database.Chains;

    /// <summary>Runs the world on this thread.</summary>
    public SimulationResult Run()
    {
        // Nothing here is bound to an execution context: without one, tasks are made and run with less ado.
        using AsyncFlowControl flow = ExecutionContext.SuppressFlow();
        try
        {
            this.RunPhases();
            if (this.world.Leak is { } leak)
            {
                this.auditor.Report(new Violation("leak", leak));
            }
        }
        catch (Violation e)
        {
            this.auditor.Report(e);
        }

        return new SimulationResult(
            this.options.Seed, this.auditor.Found, this.world.Trace, this.issued, this.world.Steps,
            this.auditor.Grains.Values.Sum(g => g.Seq), this.outcomes, this.database.Tally.Counts);
    }

    private bool Stopped => this.auditor.Found is not null;

    private void Count(string what) => this.database.Tally.Add(what);

    private void RunPhases()
    {
        this.nodes[0].Start();
        if (this.scenario.Shared)
        {
            this.nodes.ForEach(n =>
            {
                if (!n.IsUp)
                {
                    n.Start();
                }
            });
        }

        this.scenario.Draw(this.database.Faults, this.random);
        this.Until(this.world.NowNanos + Second, () => false);
        this.PlanChaos();
        while (this.issued < this.options.Operations && !this.Stopped)
        {
            int next = this.scenario.JumpEvery == 0 ? this.options.Operations : Math.Min(this.options.Operations, this.issued + this.scenario.JumpEvery);
            for (int i = this.underWay; i < this.scenario.Clients; i++)
            {
                this.Issue(next);
            }

            this.Must("load", this.world.NowNanos + (3_600 * Second), () => this.issued >= next && this.underWay == 0);
            if (this.issued < this.options.Operations)
            {
                this.Jump();
            }
        }

        if (!this.Stopped)
        {
            this.Heal();
            this.Finish();
        }
    }

    // Runs until done; false when the time was over before.
    private bool Until(long deadlineNanos, Func<bool> done)
    {
        bool late = false;
        this.world.At(deadlineNanos, () => late = true);
        this.world.Run(() => late || this.Stopped || done());
        return this.Stopped || done();
    }

    private void Must(string what, long deadlineNanos, Func<bool> done)
    {
        if (!this.Until(deadlineNanos, done))
        {
            string stuck = string.Join("\n  ", this.nodes.SelectMany(n => n.Calls).Take(5).Select(c => $"call {c.Id} of node {c.Node.Number} since {(this.world.NowNanos - c.StartNanos) / Milli} ms: {c.Command} on {c.Grain}"));
            throw new Violation("liveness", $"{what}: {this.underWay} calls did not end\n  {stuck}");
        }
    }

    // One client makes its next call, and another when that has ended.
    private void Issue(int last)
    {
        if (this.issued >= last || this.Stopped)
        {
            return;
        }

        if (!this.nodes.Exists(n => n.IsUp))
        {
            this.world.After(20 * Milli, () => this.Issue(last));
            return;
        }

        this.underWay++;
        this.issued++;
        if (this.scenario.StormEvery > 0 && this.issued >= this.stormAt)
        {
            this.stormAt = this.issued + 1 + this.random.Below(2 * this.scenario.StormEvery);
            this.world.After(0, this.BeginStorm);
        }

        if (this.scenario.SwitchEvery > 0 && this.issued >= this.switchAt)
        {
            this.SwitchServer();
        }

        if (this.scenario.StallEvery > 0 && this.issued >= this.stallAt)
        {
            this.Stall();
        }

        if (this.issued % 256 == 0)
        {
            this.auditor.Advance();
            this.CheckRoom();
        }

        // Some do not wait for the reply and ask again.
        bool again = this.issued < this.stormEnd && this.latest is not null && this.random.OneIn(2);
        Shelf shelf = again ? this.latest! : this.PickShelf();
        this.latest = shelf;
        Call call = this.MakeCall(shelf, again);
        int more = call.MayBeInOrder && this.grouping.OneIn(40) ? Math.Min(1 + this.grouping.Below(6), last - this.issued) : 0;
        if (this.scenario.Haunted && this.bending.OneIn(30))
        {
            this.world.After(this.bending.Between(0, Milli), () => this.PutAway(call.Node, shelf.Grain));
        }

        if (more == 0)
        {
            this.Ask(call, () => this.Issue(last));
            this.Keep(shelf, call);
        }
        else
        {
            this.AskInOrder(shelf, call, more, () => this.Issue(last));
        }
    }

    private void Keep(Shelf shelf, Call call)
    {
        Shelf.Keep(shelf.Requests, call, this.random);
        shelf.Latest = call;
    }

    // Several commands to one grain, as a batch of an account's requests: of the same client, who waits for all of them.
    private void AskInOrder(Shelf shelf, Call first, int more, Action then)
    {
        List<Call> calls = [];
        void Add(Call call)
        {
            this.Begin(call);
            this.Keep(shelf, call);
            calls.Add(call);
        }

        first.Then = then;
        Add(first);
        if (this.scenario.Wavers && more >= 2 && shelf.Grain.Kind == GrainId.AccountKind)
        {
            bool suspends = this.grouping.OneIn(2);
            Add(this.MakeTurn(shelf, suspends, first.Node));
            Add(this.MakeTurn(shelf, !suspends, first.Node));
            more -= 2;
        }

        for (int i = 0; i < more; i++)
        {
            this.underWay++;
            this.issued++;
            Call call = this.MakeCall(shelf, this.grouping.OneIn(3), first.Node);
            if (call.MayBeInOrder)
            {
                Add(call);
            }
            else
            {
                this.Ask(call, () => { });
                this.Keep(shelf, call);
            }
        }

        calls.ForEach(static c => c.IsInOrder = true);
        this.Count(calls.Count > 1 ? "calls in their order" : "one call in its order");
        first.Node.AskInOrder([.. calls]);
    }

    private void Ask(Call call, Action then)
    {
        if (call.Guard is not null)
        {
            this.auditor.OnStart(call.Guard);
        }

        this.Begin(call);
        call.Then = then;
        call.Node.Ask(call);
    }

    private void Begin(Call call)
    {
        this.auditor.OnStart(call);
        call.Excused = call.Node.IsFrozen;
    }

    private void EndedInOrder(Call[] calls, Reply[]? replies, Exception? failure)
    {
        for (int i = 0; i < calls.Length; i++)
        {
            for (int before = 0; before < i; before++)
            {
                this.auditor.OnFollow(calls[i], calls[before]);
            }

            this.Ended(calls[i], replies?[i], failure);
            this.auditor.OnAnsweredBefore(calls[i], calls.AsSpan(i + 1));
        }
    }

    private void Ended(Call call, Reply? reply, Exception? failure)
    {
        if (call.State == CallState.Lost)
        {
            return;
        }

        if (call.Guard is { } guard)
        {
            // A host that cannot say what became of the command proves nothing of the read before it.
            if (guard.Reply is null || reply?.Outcome is Outcome.Unavailable or Outcome.Overloaded or Outcome.InDoubt or Outcome.Stopping or Outcome.ClockSkew)
            {
                this.auditor.OnLost(guard);
            }
            else
            {
                this.auditor.OnEnd(guard, guard.Reply, null);
            }

            if (guard.Reply is not null && reply is not null != SimNode.LetsThrough(guard.Reply))
            {
                this.auditor.Report(new Violation("guard", $"call {call.Id} came to {reply} behind a guard that said {guard.Reply}"));
            }
        }

        if (reply is null && failure is null)
        {
            this.auditor.OnNotDecided(call);
        }
        else
        {
            this.auditor.OnEnd(call, reply, failure);
            if (failure is not null)
            {
                this.Count("client gave up");
            }
        }

        if (reply is not null)
        {
            this.outcomes[reply.Outcome] = this.outcomes.GetValueOrDefault(reply.Outcome) + 1;
            this.CheckTime(call, reply);
        }

        if (reply is Accepted accepted)
        {
            Shelf shelf = this.shelves.Find(s => s.Grain == call.Grain)!;
            shelf.Newest = accepted.Seq;
            if (accepted.Event is HoldPlaced)
            {
                Shelf.Keep(shelf.Holds, accepted.Seq, this.random);
            }
            else if (accepted.Event is Charged or HoldCaptured)
            {
                Shelf.Keep(shelf.Charges, accepted.Seq, this.random);
            }
        }

        this.Continue(call);
    }

    private void Continue(Call call)
    {
        if (call.Detached)
        {
            return;
        }

        call.Detached = true;
        this.underWay--;

        // After a refusal for want of a host the client waits a little, as clients do.
        bool tired = call.Reply?.Outcome is Outcome.Unavailable or Outcome.Overloaded or Outcome.Stopping or Outcome.ClockSkew or Outcome.InDoubt;
        Action? then = call.Then;
        call.Then = null;
        if (then is null)
        {
            return;
        }

        if (this.database.IsSlow && this.stalling.OneIn(3))
        {
            // Else all would ask at once and wait together: these come when the others have waited for long.
            this.world.After(this.stalling.Between(1, 4_000) * Milli, then);
        }
        else if (tired || this.random.OneIn(50))
        {
            long patience = call.Reply?.Outcome == Outcome.ClockSkew ? 600 : 30;
            this.world.After(this.random.Between(1, patience) * Milli, then);
        }
        else
        {
            then();
        }
    }

    private void CheckTime(Call call, Reply reply)
    {
        long took = call.EndNanos - call.StartNanos;
        EngineOptions engine = this.scenario.Engine;
        long limit = engine.CallTime.Ticks * 100;
        if (!call.Excused && took > limit + (50 * Milli))
        {
            this.auditor.Report(new Violation("call time", $"call {call.Id} on {call.Grain}, {call.Command}, took {took / Milli} ms and was answered {reply}"));
        }
    }
}
