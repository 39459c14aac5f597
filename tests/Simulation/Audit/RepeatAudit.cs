using OrleansBilling.Hosting.Journal;
using OrleansBilling.Simulation.Kernel;
using OrleansBilling.Simulation.Workload;

namespace OrleansBilling.Simulation.Audit;

/// <summary>
/// What late repeats cost others (rule 3): a repeat that its host had to foresee must not be sent, as the journal's refusal drops the
/// grain and has the rest of the batch sent again. What a host has to foresee: what it answered under the same session, what it has
/// read of the grain's ids, both for as long as its filter has room; and all there is while repeats nobody foresaw keep coming.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="idsMax">How many ids a host's filter must hold.</param>
internal sealed class RepeatAudit(SimWorld world, int idsMax)
{
    // Tasks that are ready wait for their turn, but not for so many others'.
    private const long StepsToAct = 20_000;
    private const long Second = 1_000_000_000;

    // Twice what fills a window of one second wherever it begins, less one.
    private const int ToAttend = 9;
    private const int ToRead = 3;

    private readonly Dictionary<object, Process> processes = new(ReferenceEqualityComparer.Instance);

    /// <summary>How often a repeat was sent and refused.</summary>
    public int Refused { get; private set; }

    /// <summary>A process committed a row under a request id.</summary>
    public void OnCommit(SimProcess process, RequestKey key)
    {
        Process own = this.Of(process.Client);
        own.Added++;
        own.Committed[key] = (process.Session, own.Added);
    }

    /// <summary>A process asks for a page of a grain's ids.</summary>
    public void OnIdsAsked(object client, GrainId grain, long afterSeq)
    {
        Process own = this.Of(client);
        own.Asked++;
        own.LastRead = (world.Steps, world.NowNanos);
        own.Begun.Add(grain);
        if (afterSeq == 0)
        {
            own.AddedBefore[grain] = own.Added;
        }
    }

    /// <summary>A process was given a page of a grain's ids, or could not read it.</summary>
    public void OnIdsRead(object client, GrainId grain, RequestIds? page, bool more)
    {
        Process own = this.Of(client);
        own.Asked--;
        own.LastRead = (world.Steps, world.NowNanos);
        if (page is null)
        {
            own.Reading.Remove(grain);
            return;
        }

        own.Reading[grain] = (world.Steps, world.NowNanos, page.LastSeq, more);
        foreach (string id in page.Ids)
        {
            own.Read[new RequestKey(grain, id)] = (world.Steps, world.NowNanos, ++own.Added);
        }
    }

    /// <summary>The server was replaced by a copy that lacks rows: other ids may stand where ids were read.</summary>
    public void OnSwitch()
    {
        foreach (Process own in this.processes.Values)
        {
            own.Reading.Clear();
        }
    }

    /// <summary>A process sent a repeat, and the journal refused it.</summary>
    /// <param name="process">The process.</param>
    /// <param name="key">The id.</param>
    /// <param name="call">The call that repeats.</param>
    /// <param name="first">The call that wrote the row, the row, and when that was durable.</param>
    public void OnRepeat(SimProcess process, RequestKey key, Call call, (Call Call, long Seq, long AtNanos) first)
    {
        Process own = this.Of(process.Client);
        this.Refused++;
        if (first.AtNanos < call.StartNanos)
        {
            this.Check(own, process, key, call, first.Call, first.Seq);
        }

        own.Repeats.Add((call, world.NowNanos, world.Steps));
    }

    private void Check(Process own, SimProcess process, RequestKey key, Call call, Call first, long firstSeq)
    {
        // A call that reads what it refers to first may see the id leave the window meanwhile.
        if (own.Committed.TryGetValue(key, out (object Session, int Added) committed) && ReferenceEquals(committed.Session, process.Session)
            && first.State == CallState.Ended && first.Reply is Accepted && first.EndNanos < call.StartNanos
            && own.Added - committed.Added < idsMax && call.Command.RefersTo == 0)
        {
            throw new Violation("repeat", $"call {call.Id} repeats {key.RequestId} of {key.Grain}, which its host wrote and answered, and was sent all the same");
        }

        if (own.Read.TryGetValue(key, out (long Steps, long AtNanos, int Added) read) && call.StartSteps > read.Steps + StepsToAct
            && call.Node.AwakeSinceNanos < read.AtNanos && own.Added - read.Added < idsMax)
        {
            throw new Violation("repeat", $"call {call.Id} repeats {key.RequestId} of {key.Grain}, which its host had read, and was sent all the same");
        }

        bool reading = own.Reading.TryGetValue(key.Grain, out (long Steps, long AtNanos, long LastSeq, bool More) page);
        if (reading && own.Asked == 0 && (page.More || firstSeq <= page.LastSeq) && call.StartSteps > page.Steps + StepsToAct
            && call.Node.AwakeSinceNanos < page.AtNanos && own.Added - own.AddedBefore[key.Grain] < idsMax)
        {
            throw new Violation("repeat", $"call {call.Id} repeats {key.RequestId} of {key.Grain}, whose ids its host has read without this one, and was sent all the same");
        }

        if (!own.Begun.Contains(key.Grain) && own.Asked == 0 && MustRead(own, call))
        {
            throw new Violation("repeat", $"call {call.Id} repeats {key.RequestId} of {key.Grain}, whose ids its host had reason to read, and has not");
        }

        if (!own.Begun.Contains(key.Grain) && MustAttend(own, call))
        {
            throw new Violation("repeat", $"call {call.Id} repeats {key.RequestId} of {key.Grain}, and its host looked nothing up after {ToAttend} that it did not foresee");
        }
    }

    // Its host has got the refusal: it has answered with the first reply.
    private static bool IsKnown(Call repeat, Call call) =>
        repeat.State == CallState.Ended && repeat.EndNanos < call.StartNanos && repeat.Reply is Accepted { Replayed: true } or Denied { Outcome: Outcome.IdempotencyMismatch };

    private static bool MustRead(Process own, Call call)
    {
        int known = own.Repeats.Count(r => r.Call.Grain == call.Grain && IsKnown(r.Call, call) && call.StartSteps > r.Steps + StepsToAct && r.AtNanos > call.Node.AwakeSinceNanos);
        return known >= ToRead && call.StartSteps > own.LastRead.Steps + StepsToAct && (own.LastRead.AtNanos == 0 || call.Node.AwakeSinceNanos < own.LastRead.AtNanos);
    }

    private static bool MustAttend(Process own, Call call)
    {
        int answered = 0;
        long last = 0;
        for (int i = own.Repeats.Count - 1; i >= 0; i--)
        {
            (Call repeat, long at, _) = own.Repeats[i];
            if (!IsKnown(repeat, call) || own.Begun.Contains(repeat.Grain))
            {
                continue;
            }

            last = answered == 0 ? at : last;
            if (at < last - (Second / 2) || last < call.StartNanos - (4 * Second))
            {
                return false;
            }

            if (++answered == ToAttend)
            {
                return true;
            }
        }

        return false;
    }

    private Process Of(object client)
    {
        if (!this.processes.TryGetValue(client, out Process? own))
        {
            this.processes.Add(client, own = new Process());
        }

        return own;
    }

    /// <summary>What a process knows.</summary>
    private sealed class Process
    {
        /// <summary>Ids that have come into its filter, at most.</summary>
        public int Added { get; set; }

        public Dictionary<RequestKey, (object Session, int Added)> Committed { get; } = [];

        public Dictionary<RequestKey, (long Steps, long AtNanos, int Added)> Read { get; } = [];

        /// <summary>Grains of which it has read ids.</summary>
        public HashSet<GrainId> Begun { get; } = [];

        /// <summary>The page of a grain's ids that was read last, and whether there were more.</summary>
        public Dictionary<GrainId, (long Steps, long AtNanos, long LastSeq, bool More)> Reading { get; } = [];

        /// <summary>How many ids its filter had at most when it began to read a grain's.</summary>
        public Dictionary<GrainId, int> AddedBefore { get; } = [];

        /// <summary>Pages that it waits for.</summary>
        public int Asked { get; set; }

        /// <summary>When it last asked for a page or got one, in tasks of the world and in time.</summary>
        public (long Steps, long AtNanos) LastRead { get; set; }

        public List<(Call Call, long AtNanos, long Steps)> Repeats { get; } = [];
    }
}

/// <summary>Who wrote: a process, by one of its writer sessions.</summary>
internal readonly record struct SimProcess(object Client, object Session);
