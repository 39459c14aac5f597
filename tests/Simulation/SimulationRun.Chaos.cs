using OrleansBilling.Simulation.Audit;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Nodes;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation;

/// <summary>What happens to nodes, clocks and the database.</summary>
internal sealed partial class SimulationRun
{
    private void PlanChaos()
    {
        if (this.scenario.ChaosNanos > 0)
        {
            this.world.After(this.random.Between(1, 2 * this.scenario.ChaosNanos), this.Chaos);
        }
    }

    private void Chaos()
    {
        if (this.healed || this.Stopped)
        {
            return;
        }

        SimNode node = this.random.Pick(this.nodes);
        switch (this.random.Below(24))
        {
            case 0 or 1 when node.IsUp:
                this.Crash(node);
                break;
            case 2 or 3 when node.IsUp && !node.IsFrozen:
                this.Freeze(node);
                break;
            case 4 when node.IsUp && !node.IsFrozen:
                this.Stop(node);
                break;
            case 5 or 6 or 7:
                this.SetClock(node);
                break;
            case 8 when this.database.IsUp:
                this.database.GoDown();
                this.world.After(this.random.Between(1, 3_000) * Milli, this.database.ComeUp);
                break;
            case 9 or 10 when node.IsUp:
                this.Count("host cut off");
                node.CutSessions(this.random.OneIn(2) ? 0 : this.random.Between(1, 1_500) * Milli);
                break;
            case 11 or 12 or 13:
                this.database.DropSnapshot(this.random.Pick(this.shelves).Grain);
                break;
            case 14:
                this.database.MisplaceSnapshot(this.random.Pick(this.shelves).Grain);
                break;
            case 15:
                this.database.SpoilSnapshot(this.random.Pick(this.shelves).Grain);
                break;
            case 16 or 17 or 18 or 19 when node.IsUp:
                this.PutAway(node, this.random.Pick(this.shelves).Grain);
                break;
            case 20 or 21 when !this.scenario.Shared && this.nodes.Find(n => !n.IsUp && !n.IsStopping) is { } second:
                // A second host beside one that is configured to be alone: it gets whatever lane falls free.
                second.Start();
                this.Count("second host beside one that is alone");
                break;
            default:
                this.scenario.Draw(this.database.Faults, this.random);
                break;
        }

        this.PlanChaos();
    }

    // Clients that heard nothing for a while repeat all they have, often of a host that has just come.
    private void BeginStorm()
    {
        if (this.healed)
        {
            return;
        }

        this.Count("storm of repeats");
        this.stormEnd = this.issued + 20 + this.random.Below(200);
        if (this.nodes.Find(n => n.IsUp && !n.IsFrozen) is { } node && this.random.OneIn(2))
        {
            this.Crash(node);
        }
        else if (this.random.OneIn(2))
        {
            this.database.CutSessions(null);
        }
    }

    // Its choices are its own, so that worlds without it are what they were.
    private void SwitchServer()
    {
        if (this.switchAt > 0 && this.switching.OneIn(2))
        {
            // While grains are on their way into memory, the slower ones of them until after the next session has begun.
            foreach (SimNode node in this.nodes.Where(n => n.IsUp))
            {
                this.shelves.ForEach(s => node.PutAway(s.Grain));
            }

            this.database.Delay(this.world.NowNanos + (2 * Milli), 50 * Milli, Delayed.Answers);
            this.world.After(this.switching.Between(Milli / 2, 2 * Milli), this.SwitchNow);
        }
        else if (this.switchAt > 0)
        {
            this.SwitchNow();
        }

        this.switchAt = this.issued + 1 + this.switching.Below(2 * this.scenario.SwitchEvery);
    }

    private void SwitchNow()
    {
        if (this.healed)
        {
            return;
        }

        int commits = this.switching.Below(4) switch
        {
            0 => 0,
            1 => 1,
            2 => 1 + this.switching.Below(6),
            _ => 1 + this.switching.Below(SimDatabase.SwitchMax),
        };
        this.database.Switch(commits);
        if (this.database.IsUp && this.switching.OneIn(3))
        {
            this.database.GoDown();
            this.world.After(this.switching.Between(1, 1_000) * Milli, this.database.ComeUp);
        }
    }

    // For a while about half of what the server is asked takes up to longer than a host waits.
    private void Stall()
    {
        if (this.stallAt > 0)
        {
            this.Count("server stalled");
            (long most, Delayed what) = this.stalling.Below(6) switch
            {
                // Neither takes beyond its time alone.
                > 1 when this.scenario.Narrow => (3_700, Delayed.Questions | Delayed.Commits),
                0 => (5_000, Delayed.Questions | Delayed.Commits),
                1 => (5_000, Delayed.Answers),
                2 => (3_000, Delayed.Questions | Delayed.Commits),

                // Commits one after the other, each within its time, which come to more than a call's.
                3 or 4 => (3_900, Delayed.Commits),
                _ => (3_700, Delayed.Questions),
            };
            this.database.Delay(this.world.NowNanos + (this.stalling.Between(1_000, 10_000) * Milli), most * Milli, what);
        }

        this.stallAt = this.issued + 1 + this.stalling.Below(2 * this.scenario.StallEvery);
    }

    private void PutAway(SimNode node, GrainId grain)
    {
        if (node.IsUp)
        {
            this.Count("activation put away");
            node.PutAway(grain);
        }
    }

    private void Crash(SimNode node)
    {
        List<Call> lost = [.. node.Calls];
        node.Calls.Clear();
        node.Crash();
        this.Count("host crashed");
        foreach (Call call in lost)
        {
            this.auditor.OnLost(call);
            if (call.Guard is not null)
            {
                this.auditor.OnLost(call.Guard);
            }

            this.Continue(call);
        }

        this.StartLater(node);
    }

    // Alone, another node takes over; in company, the same one comes back.
    private void StartLater(SimNode node)
    {
        this.world.After(this.random.Between(1, 800) * Milli, () =>
        {
            bool served = this.nodes.Exists(n => n.IsUp && !n.IsFrozen);
            List<SimNode> down = [.. this.nodes.Where(n => !n.IsUp && !n.IsStopping && (!this.scenario.Shared || n == node))];
            if (down.Count > 0 && (this.scenario.Shared || !served))
            {
                this.random.Pick(down).Start();
            }
        });
    }

    private void Freeze(SimNode node)
    {
        node.Freeze();
        this.Count("host frozen");
        int incarnation = node.Incarnation;
        foreach (Call call in node.Calls)
        {
            call.Excused = true;
        }

        // Its clients go elsewhere; what they asked may still come to pass.
        foreach (Call call in node.Calls.ToArray())
        {
            this.Continue(call);
        }

        if (!this.scenario.Shared && this.random.OneIn(2))
        {
            node.CutSessions();
            this.StartLater(node);
        }
        else if (this.random.OneIn(4))
        {
            node.CutSessions();
        }

        this.world.After(this.random.Between(5, 12_000) * Milli, () =>
        {
            if (node.Incarnation == incarnation && node.IsUp)
            {
                node.Thaw();
                (this.zombie, this.hauntings) = this.scenario.Haunted ? (node, 1 + this.bending.Below(8)) : (null, 0);
                this.Count("zombie: host thawed");
            }
        });
    }

    private void Stop(SimNode node)
    {
        int incarnation = node.Incarnation;
        this.Count("host stopped");
        node.Stop(() =>
        {
            if (node.Incarnation == incarnation)
            {
                this.Crash(node);
            }
        });
    }

    private void SetClock(SimNode node)
    {
        // Wrong by a lot, and by so little that only a quick reading of the journal's clock can tell.
        long skew = this.random.Below(6) switch
        {
            0 => 0,
            1 => this.random.Between(-499, 499) * Milli,
            2 => this.random.Between(-20, 20) * Milli,
            3 => this.random.Between(-5_000, 5_000) * Milli,
            4 => this.random.Between(501, 1_500) * Milli,
            _ => this.random.Between(-1_500, -501) * Milli,
        };
        this.SetClock(node, skew);
    }

    private void SetClock(SimNode node, long skew)
    {
        foreach (Call call in node.Calls)
        {
            Auditor.OnSkew(call, skew);
            if (call.Guard is not null)
            {
                Auditor.OnSkew(call.Guard, skew);
            }
        }

        this.Count(skew < node.SkewNanos ? "clock set back" : "clock set on");
        node.SkewNanos = skew;
        if (Math.Abs(skew) > 500 * Milli)
        {
            this.world.After(this.random.Between(1, this.random.OneIn(2) ? 12_000 : 100) * Milli, () => this.SetClock(node, this.random.Between(-400, 400) * Milli));
        }
    }
}
