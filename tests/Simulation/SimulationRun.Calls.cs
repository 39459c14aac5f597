using OrleansBilling.Account;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Nodes;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation;

/// <summary>What clients ask, and of whom.</summary>
internal sealed partial class SimulationRun
{
    // Of a host that was frozen something that it answered before, as the other hosts may have gone on with it.
    private Shelf PickShelf() =>
        this.hauntings > 0 && this.shelves.Find(s => s.Requests.Exists(c => c.Node == this.zombie)) is { } known ? known
        : this.random.OneIn(40) ? this.shelves[this.scenario.Accounts + this.random.Below(3)]
        : this.random.OneIn(3) ? this.shelves[0]
        : this.shelves[this.random.Below(this.scenario.Accounts)];

    private Call MakeCall(Shelf shelf, bool again, SimNode? at = null)
    {
        bool haunted = at is null && this.hauntings > 0 && this.zombie is { IsUp: true, IsFrozen: false };
        this.hauntings -= haunted ? 1 : 0;
        SimNode node = haunted ? this.zombie! : at ?? this.PickNode(shelf.Grain);
        bool account = shelf.Grain.Kind == GrainId.AccountKind;
        Command command;
        string? requestId = null;
        int body = ++this.bodies;
        bool storm = this.issued < this.stormEnd;
        Call? earlier = again ? shelf.Latest : shelf.Requests.Count == 0 || (storm ? this.random.OneIn(4) : !this.random.OneIn(9)) ? null
            : this.random.OneIn(3) ? shelf.Latest : this.random.Pick(shelf.Requests);
        earlier = haunted && this.bending.OneIn(2) ? shelf.Requests.Where(c => c.Node == node).MaxBy(static c => c.Id) ?? earlier : earlier;
        if (earlier?.Command.RequestId is not null)
        {
            requestId = earlier.Command.RequestId;
            if (this.random.OneIn(5))
            {
                command = this.maker.Other(earlier.Command, shelf, body);
            }
            else
            {
                // What the server fills in differs from one call to the next, and is not part of the body.
                command = this.maker.Again(earlier.Command, body);
                body = earlier.Body;
            }
        }
        else
        {
            command = !account ? this.maker.NextForKey()
                : !this.auditor.Of(shelf.Grain).IsOpen && !this.random.OneIn(4) ? this.maker.Open()
                : this.maker.Next(shelf);
            command = this.scenario.Zone is { } zone && command is OpenAccount open ? open with { Zone = zone } : command;
            command = account && this.scenario.ToTheNano ? this.ToTheNano(command, shelf) : command;
            if (!command.IsRead && !this.random.OneIn(4))
            {
                requestId = this.random.OneIn(50) ? $"{new string('é', this.random.Below(58))}{++this.requests}" : $"r{++this.requests}";
            }
        }

        this.Count(earlier is not null && requestId is not null ? body == earlier.Body ? "repeat" : "repeat with another body" : command.GetType().Name);
        Call? guard = null;
        if (this.random.OneIn(12) || (haunted && this.bending.OneIn(2)))
        {
            this.Count("call behind a guard");
            int guardId = this.auditor.Calls.Count;
            Command read = this.random.OneIn(3) ? new GetAccount() : new CheckKey($"k{1 + this.random.Below(7)}", null);
            guard = new Call
            {
                Id = guardId,
                Grain = haunted && account ? shelf.Grain : this.shelves[this.random.Below(this.scenario.Accounts)].Grain,
                Command = read with { Actor = $"c{guardId}" },
                Body = ++this.bodies,
                Node = node,
            };
        }

        int id = this.auditor.Calls.Count + (guard is null ? 0 : 1);
        bool poison = this.options.Faults && this.random.OneIn(2_000);
        return new Call
        {
            Id = id,
            Grain = shelf.Grain,
            Command = command with { RequestId = requestId, Actor = poison ? $"c{id}{SimDatabase.Poison}" : $"c{id}" },
            Body = body,
            Node = node,
            Guard = guard,
            PatienceNanos = guard is null && this.options.Faults && this.random.OneIn(100) ? this.random.Between(10_000, 20 * Milli) : 0,
        };
    }

    // Of a suspended account the first of these two is refused, of another one the second: in the wrong order neither is.
    private Call MakeTurn(Shelf shelf, bool suspends, SimNode at)
    {
        this.underWay++;
        this.issued++;
        int id = this.auditor.Calls.Count;
        Command command = suspends ? new SuspendAccount("x") : new ResumeAccount("x");
        return new Call
        {
            Id = id,
            Grain = shelf.Grain,
            Command = command with { RequestId = $"r{++this.requests}", Actor = $"c{id}" },
            Body = ++this.bodies,
            Node = at,
        };
    }

    private SimNode PickNode(GrainId grain)
    {
        List<SimNode> up = this.candidates;
        up.Clear();
        foreach (SimNode node in this.nodes)
        {
            if (node.IsUp && (!node.IsFrozen || this.random.OneIn(20)))
            {
                up.Add(node);
            }
        }

        if (up.Count == 0)
        {
            up.AddRange(this.nodes.FindAll(n => n.IsUp));
        }

        // Callers mostly know who serves.
        if (up.Exists(n => n.Engine!.IsReady) && !this.random.OneIn(this.scenario.Informed ? 400 : 8))
        {
            up.RemoveAll(n => !n.Engine!.IsReady);
        }

        if (this.scenario.Sticky && !this.random.OneIn(10))
        {
            int hash = 7;
            foreach (char c in grain.Path)
            {
                hash = unchecked((hash * 31) + c);
            }

            return up[(hash & int.MaxValue) % up.Count];
        }

        return this.random.Pick(up);
    }
}
