using OrleansBilling.Account;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Keys;
using OrleansBilling.Simulation.Audit;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Nodes;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation;

/// <summary>Jumps in time, and the end: faults stop, everything is asked once more, every hold ends.</summary>
internal sealed partial class SimulationRun
{
    private const long Day = 86_400 * Second;

    // The end of 2037, where the tables of zones end and their rules go on: the runtime's zones, which the auditor works with, read
    // the rule of America/Santiago ("first Saturday of September at 24:00") an hour wrong in years in which that is the first.
    private const long LastJumpNanos = 2_145_916_800 * Second;

    // Nothing is under way here, so only clocks and what is due by time are concerned.
    private void Jump()
    {
        this.auditor.Advance();
        long nanos = this.PickJump();
        nanos = this.world.NowNanos + nanos > LastJumpNanos ? Second : nanos;
        foreach (SimNode node in this.nodes)
        {
            foreach (Call call in node.Calls)
            {
                call.Excused = true;
            }
        }

        if (this.scenario.Exact)
        {
            nanos = this.Approach(nanos);
        }

        this.world.Jump(Math.Max(0, nanos));
        this.Count(nanos >= Day ? "jump by a day or more" : "jump by less than a day");
    }

    private long PickJump()
    {
        if (this.scenario.Brisk && !this.bending.OneIn(10))
        {
            return this.Step();
        }

        if (this.scenario.KeysEnd && this.bending.OneIn(2))
        {
            return this.ToDue();
        }

        return this.random.Below(8) switch
        {
            0 => this.random.Between(1, 3_600) * Second,
            1 => this.random.Between(1, 40) * Day,
            2 => 100 * Day,
            3 or 4 => this.ToDue(),
            _ => this.ToMidnight(),
        };
    }

    // As long as requests count in a rate, one second more or less; first, where clocks are set back over midnight, into the hour after that.
    private long Step() => this.bending.Below(12) switch
    {
        _ when this.scenario.Zone is not null && this.jumps++ == 0 => this.ToMidnight(ofMonth: false) + (this.bending.Between(60, 3_600) * Second),
        < 4 => 60 * Second,
        < 8 => Second,
        8 => 59 * Second,
        9 => this.bending.Between(1, 120) * Second,
        10 => this.ToMidnight(),
        _ => this.bending.Between(1, 60) * 60 * Second,
    };

    // To a second before: hosts that have compared clocks there decide at the very moment.
    private long Approach(long nanos)
    {
        long moment = this.world.NowNanos + nanos;
        if (nanos > 2 * Second)
        {
            this.world.Jump(nanos - Second);
            this.Until(this.world.NowNanos + (Second / 2), () => false);
            this.Count("jump to the very moment");
        }

        return moment - this.world.NowNanos;
    }

    // Just before or just after a moment; where all is exact, that moment itself, by the clock of a host.
    private long Around(long nanos)
    {
        long off = this.random.Between(-20 * Milli, 5 * Milli);
        return nanos + (this.scenario.Exact ? -(this.nodes.Find(n => n.IsUp)?.SkewNanos ?? 0) : off);
    }

    // To just before or just after something ends.
    private long ToDue()
    {
        GrainAudit audit = this.auditor.Of(this.shelves[this.random.Below(this.scenario.Accounts)].Grain);
        long due = this.scenario.KeysEnd ? audit.Ledger.NextKeyEndAfter(this.world.NowNanos) : audit.Ledger.NextDueNanos;
        return due > LastJumpNanos ? Second : this.Around(due - this.world.NowNanos);
    }

    private long ToMidnight(bool? ofMonth = null)
    {
        GrainAudit audit = this.auditor.Of(this.shelves[this.random.Below(this.scenario.Accounts)].Grain);
        if (!audit.Ledger.IsOpened)
        {
            return 0;
        }

        long end = audit.Ledger.WindowEnd(this.world.NowNanos, ofMonth ?? this.random.OneIn(2));
        return this.Around(end - this.world.NowNanos);
    }

    private void Heal()
    {
        this.healed = true;
        this.database.ComeUp();
        this.database.Faults.Clear();
        this.database.Delay(0, 0, Delayed.None);
        foreach (SimNode node in this.nodes)
        {
            this.SetClock(node, 0);
            node.Reconnect();
            if (node.IsFrozen)
            {
                node.Thaw();
            }
        }

        foreach (SimNode second in this.scenario.Shared ? [] : this.nodes.Where(n => n.IsUp).Skip(1).ToArray())
        {
            this.Crash(second);
        }

        this.Must("after faults stopped", this.world.NowNanos + (30 * Second), () => this.nodes.TrueForAll(n => n.Calls.Count == 0 && !n.IsStopping));
        if (this.scenario.Shared)
        {
            this.nodes.Where(n => !n.IsUp).ToList().ForEach(n => n.Start());
        }
        else if (!this.nodes.Exists(n => n.IsUp))
        {
            this.nodes[0].Start();
        }

        this.Until(this.world.NowNanos + (15 * Second), () => false);
    }

    private void Finish()
    {
        // The first ones may find out that a session was cut.
        this.AskAll(shelf => shelf.Grain.Kind == GrainId.AccountKind ? new GetAccount() : new GetKeyProof(), forgiving: true);
        this.AskAll(shelf => shelf.Grain.Kind == GrainId.AccountKind ? new Charge { AmountNanos = 1 } : new GetKeyProof());
        this.world.Jump(31 * Day);

        // Who slept for so long has to compare clocks first.
        this.Until(this.world.NowNanos + Second, () => false);
        this.AskAll(shelf => shelf.Grain.Kind == GrainId.AccountKind ? new GetAccount() : new GetKeyProof());
        if (this.Stopped)
        {
            return;
        }

        this.CheckUpkeep();
        this.auditor.Advance();
        this.auditor.Guard(() =>
        {
            foreach (GrainAudit audit in this.auditor.Grains.Values)
            {
                StoredSnapshot? kept = this.options.Seed % 3 == 0 ? this.database.Snapshots.GetValueOrDefault(audit.Grain) : null;
                audit.CheckEnd(kept?.Data[0] == SimDatabase.Spoiled ? null : kept);
            }
        });
    }

    // Every grain at every node that serves: each must answer, in time, with something other than a 503.
    private void AskAll(Func<Shelf, Command> command, bool forgiving = false)
    {
        List<SimNode> serving = [.. this.nodes.Where(n => n.IsUp && n.Engine!.IsReady)];
        if (serving.Count == 0 || (this.scenario.Shared && serving.Count < this.nodes.Count))
        {
            throw new Violation("liveness", $"only {serving.Count} of {this.nodes.Count} nodes are ready 15 s after faults stopped: {string.Join(", ", this.nodes.Select(n => n.ToString()))}");
        }

        // One after another at each node, so that the smallest queue has room.
        List<Call> asked = [];
        void Ask(SimNode node, int next)
        {
            if (next == this.shelves.Count)
            {
                return;
            }

            Shelf shelf = this.shelves[next];
            int id = this.auditor.Calls.Count;
            Call call = new() { Id = id, Grain = shelf.Grain, Command = command(shelf) with { Actor = $"c{id}" }, Body = ++this.bodies, Node = node };
            asked.Add(call);
            this.underWay++;
            this.Ask(call, () => Ask(node, next + 1));
        }

        serving.ForEach(node => Ask(node, 0));
        this.Must("the last questions", this.world.NowNanos + (60 * Second), () => this.underWay == 0 && asked.Count == serving.Count * this.shelves.Count);
        foreach (Call call in asked)
        {
            if (!this.Stopped && !forgiving && call.Reply?.Outcome is null or Outcome.Unavailable or Outcome.Overloaded or Outcome.InDoubt or Outcome.ClockSkew or Outcome.Stopping)
            {
                throw new Violation("liveness", $"with nothing wrong any more, call {call.Id} of node {call.Node.Number} on {call.Grain} was answered {call.Reply}");
            }
        }
    }
}
