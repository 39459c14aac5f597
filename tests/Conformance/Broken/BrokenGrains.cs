using OrleansBilling.Account;
using OrleansBilling.Conformance.Grains;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Account;
using OrleansBilling.Grains.Keys;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;
using static OrleansBilling.Conformance.Broken.Twisted;

namespace OrleansBilling.Conformance.Broken;

/// <summary>An engine, its journal or its core with one rule broken on purpose.</summary>
/// <param name="Name">What it does wrong.</param>
/// <param name="CaughtBy">The case that must fail on it.</param>
public sealed record BrokenGrains(string Name, string CaughtBy)
{
    /// <summary>Breaks each host's journal.</summary>
    public Func<MemoryJournal, IJournal>? Journal { get; init; }

    /// <summary>Breaks each host's engine.</summary>
    public Func<IGrains, IGrains> Engine { get; init; } = engine => engine;

    /// <summary>Breaks the core.</summary>
    public IReadOnlyList<GrainKind> Kinds { get; init; } = GrainKinds.All;
}

/// <summary>Every rule broken once, with the case that is there to catch it.</summary>
internal static class BrokenGrainsList
{
    public static readonly BrokenGrains[] All =
    [
        // A journal that an engine relies on, and should not have.
        new("has no fence", "two hosts that charge one account admit exactly its credit") { Journal = j => new TakesTakenNumbers(j) },
        new("checks the fence, then writes", "two hosts that charge one account admit exactly its credit") { Journal = j => new ChecksThenWrites(j) },
        new("never refuses", "two hosts record exactly what they acknowledge") { Journal = j => new NeverRefuses(j) },
        new("writes half batches", "two hosts record exactly what they acknowledge") { Journal = j => new WritesHalfBatches(j) },
        new("acknowledges and forgets", "what was acknowledged outlives a crash") { Journal = j => new AcknowledgesAndForgets(j) },
        new("forgets request ids", "a repeat finds its reply after a restart") { Journal = j => new ForgetsRequestIds(j) },
        new("forgets other hosts' request ids", "the other host's ids are repeated, not charged again") { Journal = j => new ForgetsRequestIds(j) },
        new("forgets request ids in a race", "one id at both hosts at once has one effect") { Journal = j => new ForgetsRequestIds(j) },
        new("finds no requests", "a repeat finds its reply after the grain was put away") { Journal = j => new FindsNoRequests(j) },
        new("finds no requests after the window", "a repeat finds its reply after its window") { Journal = j => new FindsNoRequests(j) },
        new("finds no requests after a burst", "a burst leaves no more in the window than there is room for") { Journal = j => new FindsNoRequests(j) },
        new("shares request ids among grains", "accounts do not share request ids") { Journal = j => new SharesRequestIds(j) },
        new("remembers heads", "no read from before the other host's reply") { Journal = j => new RemembersHeads(j) },
        new("remembers heads for denials", "no denial from before the other host's top-up") { Journal = j => new RemembersHeads(j) },
        new("caches loads", "no read from before the other host's reply") { Journal = j => new CachesLoads(j) },
        new("pings nobody", "a host alone that was overtaken knows it before it answers") { Journal = j => new PingsNobody(j) },
        new("takes no locks", "a second host alone decides nothing while the first is there") { Journal = j => new TakesNoLocks(j) },
        new("guesses what is in doubt", "what is in doubt is said to be, and a repeat settles it") { Journal = j => new GuessesInDoubt(j) },
        new("never opens again", "a read or a denial in doubt is decided again") { Journal = j => new NeverOpensAgain(j) },
        new("never opens again for charges", "a host recovers from a lost session by itself") { Journal = j => new NeverOpensAgain(j) },
        new("overlooks nonsense", "a grain whose rows make no sense is broken, and alone") { Journal = j => new LoadsNothingOfNonsense(j) },
        new("loads rows twice", "a grain comes back from its snapshot as it was") { Journal = j => new LoadsRowsTwice(j) },

        new("reads nothing before snapshots", "a grain whose snapshot cannot be read is replayed from its rows") { Journal = j => new ReadsNothingBeforeSnapshots(j) },
        new("keeps the first snapshot of a row", "what could not be read is replaced") { Journal = j => new KeepsTheFirstOfOneRow(j) },
        new("breaks pages off", "a long chain loads page by page, whatever is written meanwhile") { Journal = j => new BreaksPagesOff(j) },

        // An engine that decides wrongly.
        new("charges twice", "an account is opened, credited, charged and read") { Engine = Asks(AskTwice) },
        new("opens accounts by itself", "an account that is not there is denied and stays away") { Engine = Asks(OpenFirst) },
        new("denies without numbers", "a charge beyond the credit is denied with the numbers and changes nothing") { Engine = Replies(r => r is Denied d ? d with { Limit = null } : r) },
        new("overdraws", "of 200 charges at once a balance of 100 takes exactly 100")
        {
            Engine = Asks((inner, grain, command, ct) => inner.AskAsync(grain, command is OpenAccount open ? open with { CreditLimitNanos = 5 * Asking.Unit } : command, ct)),
        },
        new("mixes accounts up", "many accounts at once do not mix") { Engine = Asks((inner, grain, command, ct) => inner.AskAsync(new GrainId(grain.Path.Replace('7', '8')), command, ct)) },
        new("hides that it is full", "a full queue overloads, decides nothing, and empties") { Engine = Calls(Outcome.Overloaded, Outcome.Unavailable) },
        new("hides that it stops", "a stopped host decides nothing") { Engine = Calls(Outcome.Stopping, Outcome.Unavailable) },
        new("hides that its clock is wrong", "a host whose clock is wrong decides nothing") { Engine = Calls(Outcome.ClockSkew, Outcome.Unavailable) },
        new("hides that its clock was set", "a host whose clock is set decides nothing from then on") { Engine = Calls(Outcome.ClockSkew, Outcome.Unavailable) },

        // An engine that repeats wrongly.
        new("forgets that it repeats", "a repeat is answered with the first reply") { Engine = Replies(r => r is Accepted a ? a with { Replayed = false } : r) },
        new("forgets that it repeats behind a queue", "a repeat does not wait for what came after its first") { Engine = Replies(r => r is Accepted a ? a with { Replayed = false } : r) },
        new("ignores bodies", "the same id with another body is a mismatch") { Engine = engine => new IgnoresBodies(engine) },
        new("compares the server's part", "the server's part of a command is no part of its body") { Engine = Asks(CompareKeys) },
        new("ignores ids", "duplicates in flight have one effect and one reply") { Engine = Asks(WithoutId) },
        new("looks at ids after the rules", "a repeat is answered before the rules") { Engine = engine => new LooksAtIdsLast(engine) },
        new("remembers denials", "a denial is not remembered") { Engine = engine => new RemembersDenials(engine) },
        new("invents ids", "charges without an id never repeat one another") { Engine = Asks((inner, grain, command, ct) => inner.AskAsync(grain, command.IsRead ? command : command with { RequestId = command.RequestId ?? $"{command}" }, ct)) },
        new("caches keys", "the other host refuses a revoked key from its next charge on") { Engine = Asks(WithoutRevokedKey) },

        // An engine that answers too early, or without its journal.
        new("replies before it knows", "no reply before what it saw is durable") { Engine = Asks(ReplyAtOnce) },
        new("answers reads from memory", "a journal that cannot be reached makes the host unavailable") { Engine = engine => new RemembersViews(engine) },
        new("hides that it loads", "a call ends in time though its grain takes long to load, and a later one finds it loaded") { Engine = Calls(Outcome.Unavailable, Outcome.Overloaded) },
        new("refunds who gives up", "a caller who gives up takes nothing back") { Engine = Asks(RefundCancelled) },

        // An engine that guards wrongly.
        new("looks at the guard last", "a guard lets through what it allows, and nothing else is decided") { Engine = engine => new GuardsLate(engine) },
        new("forgets that it repeats behind a guard", "a guarded command is denied, repeated and refused like any other")
        {
            Engine = Replies(r => r is Accepted a ? a with { Replayed = false } : r),
        },
        new("never opens again behind a guard", "a guard outlives lost sessions, and what was in doubt is settled behind it") { Journal = j => new NeverOpensAgain(j) },
        new("remembers heads for guards", "a guard sees at once what another host changed") { Journal = j => new RemembersHeads(j) },
        new("remembers what guards said", "a host alone that was overtaken lets nothing through on what it remembers") { Engine = engine => new RemembersGuards(engine) },

        // An engine that orders wrongly.
        new("decides the last first", "commands in order find what those before them did") { Engine = engine => new DecidesTheLastFirst(engine) },
        new("denies on what may never have been", "a denial in order never rests on what was not recorded") { Engine = engine => new DeniesOnHopes(engine) },
        new("forgets request ids in an order", "ids that come late in an order are found, and those behind them go on") { Journal = j => new ForgetsRequestIds(j) },
        new("has no fence for orders", "two hosts that ask in order of one account admit exactly its credit, each in its order") { Journal = j => new TakesTakenNumbers(j) },

        // Time.
        new("never lets holds expire", "a hold expires when a charge looks") { Kinds = NeverDue.Kinds },
        new("never lets holds expire for reads", "a hold expires when a read looks, once") { Kinds = NeverDue.Kinds },
        new("never lets holds expire for denials", "a hold expires when a denial looks") { Kinds = NeverDue.Kinds },
        new("never lets holds expire at two hosts", "a hold expires at whichever host looks first, once") { Kinds = NeverDue.Kinds },
        new("lets time run back", "time never runs back in a grain") { Engine = Replies(r => r is Accepted a ? a with { AtNanos = a.AtNanos - a.Seq } : r) },
    ];

    private static async ValueTask<Reply> AskTwice(IGrains inner, GrainId grain, Command command, CancellationToken ct)
    {
        if (command is Charge)
        {
            await inner.AskAsync(grain, command, ct);
        }

        return await inner.AskAsync(grain, command, ct);
    }

    private static async ValueTask<Reply> OpenFirst(IGrains inner, GrainId grain, Command command, CancellationToken ct)
    {
        Reply reply = await inner.AskAsync(grain, command, ct);
        if (reply.Outcome != Outcome.AccountNotFound)
        {
            return reply;
        }

        await inner.AskAsync(grain, new OpenAccount { Currency = "USD", Zone = "UTC" }, ct);
        return await inner.AskAsync(grain, command, ct);
    }

    private static ValueTask<Reply> WithoutId(IGrains inner, GrainId grain, Command command, CancellationToken ct) =>
        inner.AskAsync(grain, command with { RequestId = null }, ct);

    private static ValueTask<Reply> CompareKeys(IGrains inner, GrainId grain, Command command, CancellationToken ct) =>
        inner.AskAsync(grain, command is CreateKey create ? create with { Name = create.Key } : command, ct);

    private static async ValueTask<Reply> WithoutRevokedKey(IGrains inner, GrainId grain, Command command, CancellationToken ct)
    {
        Reply reply = await inner.AskAsync(grain, command, ct);
        return reply.Outcome == Outcome.KeyRevoked && command is Charge charge ? await inner.AskAsync(grain, charge with { Key = null }, ct) : reply;
    }

    private static async ValueTask<Reply> ReplyAtOnce(IGrains inner, GrainId grain, Command command, CancellationToken ct)
    {
        ValueTask<Reply> reply = inner.AskAsync(grain, command, ct);
        return command is not Charge || reply.IsCompleted ? await reply : new Denied(Outcome.InsufficientCredit);
    }

    private static async ValueTask<Reply> RefundCancelled(IGrains inner, GrainId grain, Command command, CancellationToken ct)
    {
        Reply reply = await inner.AskAsync(grain, command, CancellationToken.None);
        if (ct.IsCancellationRequested && command is Charge charge)
        {
            await inner.AskAsync(grain, Asking.Topup(charge.AmountNanos!.Value), CancellationToken.None);
        }

        return reply;
    }

    /// <summary>An account on which nothing is ever due.</summary>
    private sealed class NeverDue : GrainKind
    {
        private readonly GrainKind inner = AccountGrain.Instance;

        public static IReadOnlyList<GrainKind> Kinds { get; } = [new NeverDue(), KeyGrain.Instance];

        public override string Name => this.inner.Name;

        public override object NewState() => this.inner.NewState();

        public override Event? NextDue(object state, long nowNanos) => null;

        public override Decision Decide(object state, long seq, Command command, in TurnContext context) => this.inner.Decide(state, seq, command, context);

        public override void Apply(object state, Event e, long seq, long atNanos) => this.inner.Apply(state, e, seq, atNanos);

        public override void WriteSnapshot(object state, System.Buffers.IBufferWriter<byte> output) => this.inner.WriteSnapshot(state, output);

        public override object? ReadSnapshot(ReadOnlySpan<byte> snapshot) => this.inner.ReadSnapshot(snapshot);
    }
}
