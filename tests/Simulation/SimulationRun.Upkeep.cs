using OrleansBilling.Account;
using OrleansBilling.Hosting;
using OrleansBilling.Keys;
using OrleansBilling.Simulation.Database;
using OrleansBilling.Simulation.Nodes;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation;

/// <content>What hosts do unasked, looked at when nothing is wrong any more: giving room back, making room, keeping snapshots, ending in order.</content>
internal sealed partial class SimulationRun
{
    // No more than the smallest queue takes at once.
    private const int AskedAtTheEnd = 3;

    // Each puts away what it can of 64.
    private const int Newcomers = 8;

    // Commands decided and not durable yet are counted; beyond the bound none is decided.
    private void CheckRoom()
    {
        foreach (SimNode node in this.nodes.Where(n => n.IsUp))
        {
            int queued = node.Engine!.Queued;
            if (queued < 0 || queued > this.scenario.Engine.MaxQueuedCommands * this.scenario.Lanes)
            {
                this.auditor.Report(new Violation("room", $"{node} counts {queued} commands that are not durable yet, of {this.scenario.Engine.MaxQueuedCommands} on each of {this.scenario.Lanes} lanes"));
            }
        }
    }

    private void CheckUpkeep()
    {
        foreach (SimNode node in this.nodes.Where(n => n.IsUp))
        {
            this.CheckIdle(node, this.scenario.Engine.MaxActivations);
        }

        SimNode host = this.nodes.First(n => n.IsUp && n.Engine!.IsReady);
        this.CheckSnapshots(host, this.shelves[0]);
        this.CheckPutAway(host);
        this.CheckLoads(host);
        this.CheckStop(host);
    }

    // With nothing under way.
    private void CheckIdle(SimNode node, int activationsMax)
    {
        Engine engine = node.Engine!;
        if (engine.Queued != 0 || engine.CallsUnderWay != 0)
        {
            throw new Violation("room", $"with nothing to do, a host counts {engine.Queued} commands that are not durable yet and {engine.CallsUnderWay} calls");
        }

        // Those with something pending stay, until one more comes and finds them without.
        for (int i = 0; i < Newcomers && engine.Activations > activationsMax; i++)
        {
            this.AskLast(node, new Shelf(GrainId.ForKey($"newcomer{i}")), new GetKeyProof());
            this.Must("one more grain", this.world.NowNanos + (60 * Second), () => this.underWay == 0);
        }

        if (engine.Activations > activationsMax || engine.Activations != engine.ActivationsByKind.Values.Sum())
        {
            throw new Violation("room", $"a host has {engine.Activations} grains in memory, and room for {activationsMax}: {string.Join(", ", engine.ActivationsByKind)}");
        }
    }

    // Of a grain that is written again and again one is written on the way, not only when it is loaded or put away.
    private void CheckSnapshots(SimNode host, Shelf shelf)
    {
        EngineOptions engine = this.scenario.Engine;
        if (!this.auditor.Of(shelf.Grain).IsOpen)
        {
            return;
        }

        long before = this.auditor.Of(shelf.Grain).Seq;
        this.Write(host, shelf, engine.SnapshotRows);
        this.Until(this.world.NowNanos + Second, () => false);
        if (this.database.Snapshots.GetValueOrDefault(shelf.Grain) is not { } kept || kept.Seq <= before)
        {
            throw new Violation("snapshot", $"{shelf.Grain} had {before} rows, {engine.SnapshotRows} were written at one host since, and none of the states between was kept");
        }
    }

    // What is not used leaves memory, and whoever leads callers is told.
    private void CheckPutAway(SimNode host)
    {
        if (this.scenario.Engine.IdleTime + (3 * this.scenario.Engine.HousekeepingInterval) > TimeSpan.FromSeconds(1))
        {
            return;
        }

        this.AskAtOnce(host);
        this.Must("a few questions", this.world.NowNanos + (60 * Second), () => this.underWay == 0);
        List<GrainId> known = [.. this.shelves.Select(s => s.Grain).Where(host.Engine!.IsInMemory)];
        host.LeftMemory.Clear();
        this.Until(this.world.NowNanos + Second, () => false);
        if (host.Engine!.Activations > 0 || !known.TrueForAll(host.LeftMemory.Contains))
        {
            throw new Violation("room", $"after a second without use {host.Engine.Activations} grains are in memory; {known.Count} were, of {host.LeftMemory.Count} it was said that they left");
        }
    }

    // However many grains are asked for at once, each is loaded; what cannot be read of one fails no other.
    private void CheckLoads(SimNode host)
    {
        if (this.scenario.Accounts < 8)
        {
            return;
        }

        this.shelves.ForEach(s => host.PutAway(s.Grain));
        this.Until(this.world.NowNanos + Second, () => false);
        List<Call> asked = [.. this.shelves.Select(s => this.AskLast(host, s, s.Grain.Kind == GrainId.AccountKind ? new GetAccount() : new GetKeyProof()))];
        this.AskLast(host, new Shelf(SimJournal.Unreadable), new GetAccount());
        this.Must("all grains at once", this.world.NowNanos + (60 * Second), () => this.underWay == 0);
        if (asked.Find(c => c.Reply?.Outcome is null or Outcome.Unavailable) is { } call)
        {
            throw new Violation("liveness", $"{asked.Count} grains were asked for at once, with nothing wrong, and call {call.Id} on {call.Grain} was answered {call.Reply}");
        }
    }

    // What is under way is finished, and what is not in a snapshot is put into one.
    private void CheckStop(SimNode host)
    {
        Shelf shelf = this.shelves[0];
        EngineOptions engine = this.scenario.Engine;
        bool open = this.auditor.Of(shelf.Grain).IsOpen;
        long kept = this.database.Snapshots.GetValueOrDefault(shelf.Grain)?.Seq ?? 0;
        // Where there is no room for all, it may have gone before.
        bool stays = open && engine.MaxActivations >= this.shelves.Count;
        if (stays && engine.SnapshotTailRows < engine.SnapshotRows)
        {
            this.Write(host, shelf, (int)Math.Max(1, engine.SnapshotTailRows + kept - this.auditor.Of(shelf.Grain).Seq));
        }

        List<Call> asked = this.AskAtOnce(host);

        this.Must("the beginning of calls", this.world.NowNanos + (60 * Second), () => host.Engine!.CallsUnderWay == asked.Count(c => c.State == CallState.UnderWay));
        bool stopped = false;
        host.Stop(() => stopped = true);
        this.Must("a host that stops", this.world.NowNanos + (60 * Second), () => stopped);
        host.Crash();
        if (asked.Find(c => c.Reply?.Outcome is null or Outcome.Unavailable or Outcome.InDoubt or Outcome.Stopping) is { } call)
        {
            throw new Violation("stop", $"call {call.Id} on {call.Grain} was under way when its host was stopped, and was answered {call.Reply}");
        }

        long seq = this.auditor.Of(shelf.Grain).Seq;
        long last = this.database.Snapshots.GetValueOrDefault(shelf.Grain)?.Seq ?? 0;
        if (stays && last < seq && seq - kept >= engine.SnapshotTailRows && last == kept)
        {
            throw new Violation("snapshot", $"{shelf.Grain} has {seq} rows, its snapshot {last}, and its host has stopped");
        }
    }

    // So many rows, one after the other.
    private void Write(SimNode host, Shelf shelf, int rows)
    {
        for (int i = 0; i < rows && !this.Stopped; i++)
        {
            this.AskLast(host, shelf, LastCommand(shelf));
            this.Must("one more row", this.world.NowNanos + (60 * Second), () => this.underWay == 0);
        }
    }

    private List<Call> AskAtOnce(SimNode host) => [.. this.shelves.Take(AskedAtTheEnd).Select(shelf => this.AskLast(host, shelf, LastCommand(shelf)))];

    // One that writes whatever became of the account.
    private static Command LastCommand(Shelf shelf) => shelf.Grain.Kind == GrainId.AccountKind ? new EraseProfile(null) : new GetKeyProof();

    private Call AskLast(SimNode host, Shelf shelf, Command command)
    {
        int id = this.auditor.Calls.Count;
        Call call = new() { Id = id, Grain = shelf.Grain, Command = command with { Actor = $"c{id}" }, Body = ++this.bodies, Node = host };
        this.underWay++;
        this.Ask(call, static () => { });
        return call;
    }
}
