namespace OrleansBilling.Simulation.Mutants;

/// <summary>Bugs of what hosts do for each other and for themselves: room, rests, snapshots, putting away, ending in order.</summary>
internal static class UpkeepMutants
{
    private const string AskFile = "Hosting/Engine.Ask.cs";
    private const string EngineFile = "Hosting/Engine.cs";
    private const string Clock = "Hosting/HostClock.cs";
    private const string Lane = "Hosting/Commit/Lane.cs";
    private const string Commit = "Hosting/Commit/Lane.Commit.cs";
    private const string Session = "Hosting/Commit/Lane.Session.cs";
    private const string Snapshots = "Hosting/Commit/SnapshotWriter.cs";
    private const string Decide = "Hosting/Turns/Activation.Decide.cs";
    private const string Loads = "Hosting/Turns/GroupedLoads.cs";
    private const string DirectoryFile = "Hosting/Turns/ActivationDirectory.cs";

    public static IEnumerable<Mutant> All =>
    [
        new("a host that stops does not wait for calls that are under way",
            new Edit(EngineFile, "while (Volatile.Read(ref this.underWay) > 0 &&", "while (!BUG && Volatile.Read(ref this.underWay) > 0 &&")),
        new("a host that stops keeps no snapshots",
            new Edit(EngineFile, "if (activation.TrySnapshot(this.options.SnapshotTailRows) is", "if (!BUG && activation.TrySnapshot(this.options.SnapshotTailRows) is")),
        new("a host that is refused on a grain again and again asks nobody for a rest",
            new Edit(EngineFile, "private void AskForRest(GrainId grain) => _ = this.AskForRestAsync(grain);", "private void AskForRest(GrainId grain) => _ = BUG ? Task.CompletedTask : this.AskForRestAsync(grain);")),
        new("a host that is asked to rest a grain goes on",
            new Edit(EngineFile, "        this.anyRests = true;", "        this.anyRests = !BUG;")),
        new("a call whose time is over ends the rest of others",
            new Edit(AskFile, "if (this.time.GetTimestamp() >= until)", "if (BUG || this.time.GetTimestamp() >= until)")),
        new("a reading of the journal's clock is good for ever",
            new Edit(Clock, "return most > MaxAgeNanos\n", "return most > MaxAgeNanos && !BUG\n")),
        new("a grain that is written again and again is in no snapshot",
            new Edit(Decide, "if (this.Seq - this.snapshotSeq >= inputs.Options.SnapshotRows)", "if (!BUG && this.Seq - this.snapshotSeq >= inputs.Options.SnapshotRows)")),
        new("snapshots are never written",
            new Edit(Snapshots, "        if (!this.stopping)\n        {\n            this.due = true;", "        if (!this.stopping && !BUG)\n        {\n            this.due = true;")),
        new("room in the queue is given back twice",
            new Edit(Commit, "Interlocked.Add(ref this.reserved, first - i);", "Interlocked.Add(ref this.reserved, (BUG ? 2 : 1) * (first - i));")),
        new("the queue has room for any number of commands",
            new Edit(Lane, "<= options.MaxQueuedCommands)", "<= options.MaxQueuedCommands * (BUG ? 1000L : 1))")),
        new("what was in a batch with a refused grain is decided again",
            new Edit(Commit, "            if (!byGrain.Contains(grain))\n            {\n                rest.Add(unit);", "            if (!BUG && !byGrain.Contains(grain))\n            {\n                rest.Add(unit);")),
        new("a row that cannot be stored fails its whole batch",
            new Edit(Commit, "        if (middle == 0)\n        {\n            this.Abandon", "        if (middle == 0 || BUG)\n        {\n            this.Abandon")),
        new("what passes is not tried again",
            new Edit(Commit, "                    Log.Retrying(logger, number, passing.Reason);", "                    if (BUG)\n                    {\n                        this.Abandon(units, passing.Reason);\n                        return;\n                    }\n\n                    Log.Retrying(logger, number, passing.Reason);")),
        new("memory is asked again and again while there is no session",
            new Edit(Session, "            this.ready = false;\n            this.epoch++;", "            this.ready = false;\n            this.epoch += BUG ? 0 : 1;")),
        new("what is beyond a group of loads is forgotten",
            new Edit(Loads, "this.waiting = group.GetRange(count, group.Count - count);", "this.waiting = BUG ? [] : group.GetRange(count, group.Count - count);")),
        new("no grain makes room for another",
            new Edit(DirectoryFile, "this.byPath.Count > capacity && tries", "this.byPath.Count > capacity && !BUG && tries")),
        new("a grain that is not used stays in memory",
            new Edit(DirectoryFile, "if (now - activation.UsedTick > idleTicks &&", "if (!BUG && now - activation.UsedTick > idleTicks &&")),
        new("grains of a kind are not counted down",
            new Edit(DirectoryFile, "out _)--;", "out _) -= BUG ? 0 : 1;")),
        new("nobody is told of a grain that was put away",
            new Edit(DirectoryFile, "                this.Remove(activation);\n                this.OnPutAway(activation.Id);", "                this.Remove(activation);\n                if (!BUG)\n                {\n                    this.OnPutAway(activation.Id);\n                }\n")),
        new("a grain is put away while its rows are on their way",
            new Edit(EngineFile, "        if (!activation.TryPutAway())\n        {\n            return false;", "        if (!activation.TryPutAway() && !BUG)\n        {\n            return false;")),
        new("what was queued when a session was lost is given up",
            new Edit(Session, "this.stopping ? Fate.Unwritten : Fate.Dropped", "this.stopping || BUG ? Fate.Unwritten : Fate.Dropped")),
        new("a call whose time is over is told that the queue is full",
            new Edit(AskFile, "TimeoutException => this.TimedOut(),", "TimeoutException => BUG ? new Denied(Outcome.Overloaded) : this.TimedOut(),")),
        new("what cannot be read of one grain fails those that were asked for with it",
            new Edit(Loads, "catch (Exception e) when (group.Count == 1)", "catch (Exception e) when (BUG || group.Count == 1)"),
            new Edit(Loads, "            group[0].Source.TrySetException(e);\n            _ = group[0].Source.Task.Exception;",
                "            group.ForEach(g =>\n            {\n                g.Source.TrySetException(e);\n                _ = g.Source.Task.Exception;\n            });")),
    ];
}
