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
/// <param name="idsForgotten">After how many more it has surely forgotten what it held.</param>
internal sealed class RepeatAudit(SimWorld world, int idsMax, int idsForgotten)
{
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
        own.Commits++;
        foreach (GrainId grain in own.ReadAt.Where(r => own.Commits - r.Value >= idsForgotten).Select(r => r.Key).ToArray())
        {
            own.Forget(grain, world.NowNanos);
        }

        own.Committed[key] = (process.Session, own.Added);
    }

    /// <summary>A process asks for a page of a grain's ids.</summary>
    public void OnIdsAsked(object client, GrainId grain, long afterSeq)
    {
        Process own = this.Of(client);
        own.Asked++;
        own.LastRead = (world.Rests, world.NowNanos);
        own.AskedNanos = world.NowNanos;
        own.Begun.Add(grain);
        own.ReadAt.Remove(grain);
        if (afterSeq == 0)
        {
            own.Pages[grain] = [];
        }
    }

    /// <summary>A process was given a page of a grain's ids, or could not read it.</summary>
    public void OnIdsRead(object client, GrainId grain, RequestIds? page, bool more)
    {
        Process own = this.Of(client);
        own.Asked--;
        own.LastRead = (world.Rests, world.NowNanos);
        if (page is null)
        {
            own.Forget(grain, world.NowNanos);
            return;
        }

        if (!more)
        {
            own.ReadAt[grain] = own.Commits;
        }

        if (own.Pages.TryGetValue(grain, out List<Page>? pages))
        {
            pages.Add(new Page(world.Rests, own.AskedNanos, world.NowNanos, own.Added, page.LastSeq, more));
        }

        own.Added += page.Ids.Count;
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
            this.Check(own, process, key, call, first);
        }

        own.Repeats.Add((call, world.NowNanos));
    }

    private void Check(Process own, SimProcess process, RequestKey key, Call call, (Call Call, long Seq, long AtNanos) first)
    {
        // A call that reads what it refers to first may see the id leave the window meanwhile.
        if (own.Committed.TryGetValue(key, out (object Session, int Added) committed) && ReferenceEquals(committed.Session, process.Session)
            && first.Call is { State: CallState.Ended, Reply: Accepted } && first.Call.EndNanos < call.StartNanos
            && own.Added - committed.Added < idsMax && call.Command.RefersTo == 0)
        {
            throw new Violation("repeat", $"call {call.Id} repeats {key.RequestId} of {key.Grain}, which its host wrote and answered, and was sent all the same");
        }

        // Pages are read one after the other: what comes before the end of one is known, also while others are on their way. A row
        // that was durable before the page was asked for, and still is, was on that server.
        if (own.Pages.TryGetValue(key.Grain, out List<Page>? pages)
            && pages.Find(p => p.LastSeq >= first.Seq || (p == pages[^1] && p.More && own.Asked == 0)) is { } page && own.Added - page.AddedBefore < idsMax
            && first.AtNanos < page.AskedNanos && call.StartRests > page.Rests && call.Node.AwakeSinceNanos < page.AtNanos)
        {
            throw new Violation("repeat", $"call {call.Id} repeats {key.RequestId} of {key.Grain}, row {first.Seq}, whose ids its host has read, and was sent all the same");
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
        int known = own.Repeats.Count(r => r.Call.Grain == call.Grain && IsKnown(r.Call, call) && call.StartRests > r.Call.EndRests && r.AtNanos > call.Node.AwakeSinceNanos
            && r.AtNanos > own.ForgottenAt.GetValueOrDefault(call.Grain));
        return known >= ToRead && call.StartRests > own.LastRead.Rests && (own.LastRead.AtNanos == 0 || call.Node.AwakeSinceNanos < own.LastRead.AtNanos);
    }

    private static bool MustAttend(Process own, Call call)
    {
        int answered = 0;
        long last = 0;
        for (int i = own.Repeats.Count - 1; i >= 0; i--)
        {
            (Call repeat, long at) = own.Repeats[i];
            if (!IsKnown(repeat, call) || own.Begun.Contains(repeat.Grain) || at <= own.ForgottenAt.GetValueOrDefault(repeat.Grain))
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

        /// <summary>Rows under ids that it has committed.</summary>
        public int Commits { get; set; }

        /// <summary>How many rows it had committed when it had read all ids of a grain.</summary>
        public Dictionary<GrainId, int> ReadAt { get; } = [];

        /// <summary>When it could not read a grain's ids, or had forgotten them for certain.</summary>
        public Dictionary<GrainId, long> ForgottenAt { get; } = [];

        /// <summary>Grains of which it has read ids.</summary>
        public HashSet<GrainId> Begun { get; } = [];

        /// <summary>What it has read of grains' ids.</summary>
        public Dictionary<GrainId, List<Page>> Pages { get; } = [];

        /// <summary>When it last asked for a page.</summary>
        public long AskedNanos { get; set; }

        /// <summary>Pages that it waits for.</summary>
        public int Asked { get; set; }

        /// <summary>When it last asked for a page or got one, in rests of the world and in time.</summary>
        public (long Rests, long AtNanos) LastRead { get; set; }

        public List<(Call Call, long AtNanos)> Repeats { get; } = [];

        /// <summary>What it knew of a grain's ids is worth nothing any more; repeats that keep coming are to have them read again.</summary>
        public void Forget(GrainId grain, long nowNanos)
        {
            this.Pages.Remove(grain);
            this.Begun.Remove(grain);
            this.ReadAt.Remove(grain);
            this.ForgottenAt[grain] = nowNanos;
        }
    }

    /// <summary>A page of a grain's ids.</summary>
    /// <param name="Rests">When it was got, in rests of the world.</param>
    /// <param name="AskedNanos">When it was asked for.</param>
    /// <param name="AtNanos">When it was got.</param>
    /// <param name="AddedBefore">How many ids the filter had at most before.</param>
    /// <param name="LastSeq">The last row in it.</param>
    /// <param name="More">Whether more were to be asked for.</param>
    private sealed record Page(long Rests, long AskedNanos, long AtNanos, int AddedBefore, long LastSeq, bool More);
}

/// <summary>Who wrote: a process, by one of its writer sessions.</summary>
internal readonly record struct SimProcess(object Client, object Session);
