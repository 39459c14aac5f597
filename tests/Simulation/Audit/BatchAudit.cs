using OrleansBilling.Hosting.Journal;
using OrleansBilling.Simulation.Kernel;
using OrleansBilling.Simulation.Nodes;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>
/// What one grain's trouble costs others (rule 3): the rows that a batch was not refused for are sent again as they were, and nobody
/// is told that the journal could not take them while there is time. And what hosts do that write the same grain (rule 11): who was
/// refused on it twice in a row asks the others for a rest, and who is asked gives it one.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="restNanos">How long a grain rests.</param>
/// <param name="callNanos">When a call ends, rest or no rest.</param>
/// <param name="authorOf">The call that wrote a row.</param>
internal sealed class BatchAudit(SimWorld world, long restNanos, long callNanos, Func<JournalRow, Call> authorOf)
{
    // Long before a batch is given up because its time is over.
    private const long EarlyNanos = 1_000_000_000;

    // Timers are set to whole milliseconds.
    private const long TimerNanos = 1_000_000;

    private readonly Dictionary<GrainId, long> guiltyAt = [];
    private readonly Dictionary<object, Session> sessions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(object Client, GrainId Grain), Fenced> fenced = [];
    private readonly Dictionary<(object Client, GrainId Grain), long> restsSince = [];

    /// <summary>A process sends a batch.</summary>
    public void OnSent(SimProcess process, IReadOnlyList<JournalRow> rows)
    {
        if (!this.sessions.TryGetValue(process.Session, out Session? own))
        {
            return;
        }

        foreach (GrainId grain in own.Fenced)
        {
            this.CountFenced(process.Client, grain);
        }

        own.Fenced.Clear();
        for (int i = 0; i < rows.Count && own.Spared.Count > 0; i++)
        {
            JournalRow row = rows[i];
            if (own.Spared.Remove((row.Actor, row.Type), out JournalRow? sent) && !ReferenceEquals(sent, row))
            {
                throw new Violation("alone", $"row {sent.Seq} of {row.Grain} by {row.Actor} was in a batch that failed for other grains, and was decided again");
            }
        }
    }

    /// <summary>A batch of a process came to nothing, for these grains of it.</summary>
    public void OnFailed(SimProcess process, IReadOnlyList<JournalRow> rows, HashSet<GrainId> guilty, IEnumerable<GrainId> fencedGrains)
    {
        if (!this.sessions.TryGetValue(process.Session, out Session? own))
        {
            this.sessions.Add(process.Session, own = new Session());
        }

        own.Fenced.AddRange(fencedGrains);
        foreach (GrainId grain in guilty)
        {
            this.guiltyAt[grain] = world.NowNanos;
        }

        foreach (JournalRow row in rows)
        {
            if (row.Actor.Length == 0)
            {
                continue;
            }

            bool spared = !guilty.Contains(row.Grain);
            authorOf(row).IsSpared = spared;
            if (spared)
            {
                own.Spared[(row.Actor, row.Type)] = row;
            }
            else
            {
                own.Spared.Remove((row.Actor, row.Type));
            }
        }
    }

    /// <summary>A process committed a row.</summary>
    public void OnCommit(SimProcess process, JournalRow row)
    {
        if (this.fenced.Count > 0)
        {
            this.fenced.Remove((process.Client, row.Grain));
        }

        if (this.restsSince.Count > 0 && row.Actor.Length > 0 && this.restsSince.TryGetValue((process.Client, row.Grain), out long since)
            && authorOf(row) is var call && call.StartNanos > since && world.NowNanos < since + restNanos - TimerNanos
            && world.NowNanos < call.StartNanos + callNanos - TimerNanos)
        {
            throw new Violation("rest", $"call {call.Id} on {row.Grain} began after its host was asked to rest the grain, and wrote row {row.Seq} before the rest was over: asked at {since}, began at {call.StartNanos}, wrote at {world.NowNanos}");
        }
    }

    /// <summary>A process asks the others to rest a grain.</summary>
    public void OnRestAsked(object client, GrainId grain) => this.Of(client, grain).HasAsked = true;

    /// <summary>A process was asked to rest a grain.</summary>
    public void OnRest(object client, GrainId grain) => this.restsSince[(client, grain)] = world.NowNanos;

    /// <summary>A call was answered that its journal could not take it.</summary>
    public void CheckUnavailable(Call call)
    {
        if (call.IsSpared && call.EndNanos - call.StartNanos < EarlyNanos)
        {
            throw new Violation("alone", $"call {call.Id} on {call.Grain} was in a batch that failed for others or for what passes, and was answered {call.Reply} after {call.EndNanos - call.StartNanos} ns");
        }

        // What is said soon has a reason: a row that cannot be stored, a read that failed, or a queue or a host that stood still before.
        // It may be told later to those who had waited for the same, and to who came meanwhile.
        SimNode host = call.Node;
        long since = call.StartNanos - EarlyNanos;
        if (!call.IsInOrder && !call.Excused && host.IsUp && call.EndNanos - call.StartNanos < EarlyNanos
            && this.guiltyAt.GetValueOrDefault(call.Grain) < since && host.FailedNanos < since
            && Math.Max(Math.Max(host.SlowNanos, host.AwakeSinceNanos), world.JumpedNanos) < call.StartNanos - (5 * EarlyNanos))
        {
            throw new Violation("alone", $"call {call.Id} on {call.Grain} was answered {call.Reply} after {call.EndNanos - call.StartNanos} ns, and nothing was wrong");
        }
    }

    private void CountFenced(object client, GrainId grain)
    {
        Fenced own = this.Of(client, grain);
        if (++own.InARow >= 2 && !own.HasAsked)
        {
            throw new Violation("rest", $"a host was refused on {grain} {own.InARow} times in a row, and did not ask the others for a rest");
        }

        own.HasAsked = false;
    }

    private Fenced Of(object client, GrainId grain)
    {
        if (!this.fenced.TryGetValue((client, grain), out Fenced? own))
        {
            this.fenced.Add((client, grain), own = new Fenced());
        }

        return own;
    }

    /// <summary>A writer session that had trouble.</summary>
    private sealed class Session
    {
        /// <summary>Rows of batches that failed for other grains, and were not sent again yet.</summary>
        public Dictionary<(string Actor, string Type), JournalRow> Spared { get; } = [];

        /// <summary>What the last batch was refused for by the fence; its host knows when it sends the next.</summary>
        public List<GrainId> Fenced { get; } = [];
    }

    /// <summary>How often a process was refused on a grain.</summary>
    private sealed class Fenced
    {
        public int InARow { get; set; }

        /// <summary>Whether it has asked for a rest since it was last refused.</summary>
        public bool HasAsked { get; set; }
    }
}
