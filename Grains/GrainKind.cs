using OrleansBilling.Grains.Pricing;

namespace OrleansBilling.Grains;

/// <summary>What a decision may know besides the grain's own state.</summary>
/// <param name="NowNanos">The turn's time, in nanos since the Unix epoch, whole microseconds; never before the grain's last event.</param>
/// <param name="Prices">The prices in force.</param>
/// <param name="Referenced">The event of the row that <see cref="Command.RefersTo"/> names, or null when there is none.</param>
/// <param name="ReferencedAtNanos">That row's time.</param>
public readonly record struct TurnContext(long NowNanos, IPrices Prices, Event? Referenced = null, long ReferencedAtNanos = 0);

/// <summary>
/// One kind of grain: pure code over its state. No I/O, clock, chance or task; the same inputs give the same outputs on any
/// host and in any release. The runner calls it inside turns, one at a time per grain.
/// </summary>
public abstract class GrainKind
{
    /// <summary>The kind's name, the first part of its grains' paths.</summary>
    public abstract string Name { get; }

    /// <summary>The state of a grain to which nothing has happened.</summary>
    public abstract object NewState();

    /// <summary>
    /// The next event that is due by itself (an expiry), in due order, or null. The runner applies it and asks again, before
    /// every decision, reads and denials included.
    /// </summary>
    /// <param name="state">The grain's state.</param>
    /// <param name="nowNanos">The turn's time.</param>
    public abstract Event? NextDue(object state, long nowNanos);

    /// <summary>Decides one command. Changes nothing.</summary>
    /// <param name="state">The grain's state, with everything due applied.</param>
    /// <param name="seq">The number of the grain's last row; the first event of an acceptance becomes the next.</param>
    /// <param name="command">The command.</param>
    /// <param name="context">Time, prices, the row referred to.</param>
    public abstract Decision Decide(object state, long seq, Command command, in TurnContext context);

    /// <summary>Applies one event to the state. Never fails on an event that <see cref="Decide"/> made on that state.</summary>
    /// <param name="state">The grain's state; changed in place.</param>
    /// <param name="e">The event.</param>
    /// <param name="seq">Its row's number.</param>
    /// <param name="atNanos">Its row's time.</param>
    public abstract void Apply(object state, Event e, long seq, long atNanos);

    /// <summary>Writes the state, byte for byte the same for equal states.</summary>
    /// <param name="state">The grain's state.</param>
    /// <param name="output">Receives the bytes.</param>
    public abstract void WriteSnapshot(object state, System.Buffers.IBufferWriter<byte> output);

    /// <summary>Reads a state back; null when it was written in another form than this release writes, so that rows are replayed instead.</summary>
    /// <param name="snapshot">The bytes.</param>
    public abstract object? ReadSnapshot(ReadOnlySpan<byte> snapshot);
}

/// <summary>
/// What a grain decided: to accept, with at least one event, of which the first carries the request id and is the reply; or to
/// answer, with nothing to record.
/// </summary>
public readonly struct Decision
{
    private Decision(Reply? answer, Event? accepted, Event? followedBy)
    {
        this.Answer = answer;
        this.Accepted = accepted;
        this.FollowedBy = followedBy;
    }

    /// <summary>The reply of a denial or a read; null when accepted.</summary>
    public Reply? Answer { get; }

    /// <summary>The event that is the reply; null for an answer.</summary>
    public Event? Accepted { get; }

    /// <summary>A second event of the same command, decided by the first's consequences; or null.</summary>
    public Event? FollowedBy { get; }

    /// <summary>Accepts.</summary>
    /// <param name="e">The event that is the reply.</param>
    /// <param name="followedBy">A second event, or null.</param>
    public static Decision Accept(Event e, Event? followedBy = null) => new(null, e, followedBy);

    /// <summary>Refuses.</summary>
    /// <param name="outcome">Why.</param>
    /// <param name="limit">The limit that refused it.</param>
    public static Decision Deny(Outcome outcome, Limit? limit = null) => new(new Denied(outcome, limit), null, null);

    /// <summary>Refuses, and says more than the outcome does.</summary>
    /// <param name="outcome">Why.</param>
    /// <param name="field">The field's name in the contract.</param>
    /// <param name="detail">What was wrong with it.</param>
    public static Decision Deny(Outcome outcome, string field, string detail) => new(new Denied(outcome, null, field, detail), null, null);

    /// <summary>Refuses a field.</summary>
    /// <param name="field">The field's name in the contract.</param>
    /// <param name="detail">What was wrong, with the value and what to do.</param>
    public static Decision Invalid(string field, string detail) => new(new Denied(Outcome.Invalid, null, field, detail), null, null);

    /// <summary>Answers a read.</summary>
    /// <param name="reply">The reply.</param>
    public static Decision Reply(Reply reply) => new(reply, null, null);
}
