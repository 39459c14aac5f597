namespace OrleansBilling;

/// <summary>A grain's answer to one command.</summary>
/// <param name="Outcome">What became of it.</param>
public abstract record Reply(Outcome Outcome);

/// <summary>The command was decided and is durable. The event is the reply: a repeat reads it back from its row.</summary>
/// <param name="Event">What was recorded.</param>
/// <param name="Seq">The row's number in the grain's chain; it names charges, holds and grants.</param>
/// <param name="AtNanos">When, in nanos since the Unix epoch.</param>
/// <param name="Replayed">True when an earlier command under the same request id is answered again.</param>
public sealed record Accepted(Event Event, long Seq, long AtNanos, bool Replayed) : Reply(Outcome.Accepted);

/// <summary>The command was refused and changed nothing.</summary>
/// <param name="Outcome">Why; never <see cref="Outcome.Accepted"/>.</param>
/// <param name="Limit">The limit that refused it, where there is one.</param>
/// <param name="Field">The field that was wrong, for <see cref="Outcome.Invalid"/>.</param>
/// <param name="Detail">A sentence for the caller, where the outcome alone does not say enough.</param>
public sealed record Denied(Outcome Outcome, Limit? Limit = null, string? Field = null, string? Detail = null) : Reply(Outcome);

/// <summary>One limit, and where a grain stands against it.</summary>
/// <param name="Name">For example <c>daily_cap</c>, <c>key_total_cap</c>, <c>quota:api_request</c>, <c>available_credit</c>.</param>
/// <param name="Max">The limit, in nanos, or a count for quotas.</param>
/// <param name="Used">What is used of it, after an accepted command and before a denied one.</param>
/// <param name="Requested">What the command wanted.</param>
/// <param name="ResetsAtNanos">When the window ends, in nanos since the Unix epoch; 0 where it never does.</param>
public sealed record Limit(string Name, long Max, long Used, long Requested, long ResetsAtNanos = 0);
