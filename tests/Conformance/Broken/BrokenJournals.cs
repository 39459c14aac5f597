using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Memory;

namespace OrleansBilling.Conformance.Broken;

/// <summary>A journal with one rule broken on purpose.</summary>
/// <param name="Name">What it does wrong.</param>
/// <param name="CaughtBy">The case that must fail on it.</param>
/// <param name="Break">Breaks a good journal.</param>
public sealed record BrokenJournal(string Name, string CaughtBy, Func<MemoryJournal, IJournal> Break);

/// <summary>Every rule broken once, with the case that is there to catch it.</summary>
internal static class BrokenJournals
{
    public static readonly BrokenJournal[] All =
    [
        // The fence, no gaps, no halves.
        new("takes numbers that are taken", "a number that is taken is refused", j => new TakesTakenNumbers(j)),
        new("takes a row twice", "the last row sent again is refused", j => new TakesTakenNumbers(j)),
        new("takes gaps", "a gap is refused", j => new TakesGaps(j)),
        new("takes gaps at the start", "the first row is number 1", j => new TakesGaps(j)),
        new("takes gaps inside a batch", "a gap inside a batch is refused", j => new TakesGaps(j)),
        new("ignores hashes", "a row that does not chain on the head is refused", j => new IgnoresHashes(j)),
        new("ignores what a row says it follows", "a row that says it follows another row than the head is refused", j => new IgnoresHashes(j)),
        new("ignores the first hash", "a first row that chains on something is refused", j => new IgnoresHashes(j)),
        new("checks, then writes", "of two racing writers exactly one wins each number", j => new ChecksThenWrites(j)),
        new("checks requests, then writes", "of two racing writers exactly one uses each request id", j => new ChecksThenWrites(j)),
        new("lets a second host overwrite", "of two hosts only the first writes a number", j => new TakesTakenNumbers(j)),
        new("acknowledges and forgets", "rows are read back as they were written", j => new AcknowledgesAndForgets(j)),
        new("acknowledges large batches and forgets", "a batch of many grains is one", j => new AcknowledgesAndForgets(j)),
        new("never refuses", "every refused grain is named", j => new NeverRefuses(j)),
        new("writes half batches", "one refused grain leaves the rest of its batch sendable", j => new WritesHalfBatches(j)),
        new("writes half grains", "a grain's rows go all or none", j => new WritesHalfGrains(j)),
        new("writes up to poison", "a row that cannot be kept is rejected and nothing is written", j => new WritesUpToPoison(j)),
        new("blames the whole batch", "one refused grain leaves the rest of its batch sendable", j => new BlamesTheWholeBatch(j)),
        new("names only the first refused grain", "every refused grain is named", j => new NamesOnlyTheFirstRefusal(j)),
        new("normalises data", "rows are read back as they were written", j => new NormalisesData(j)),

        // Request ids.
        new("forgets request ids", "a repeated request id is refused and named", j => new ForgetsRequestIds(j)),
        new("forgets request ids inside a batch", "a request id twice in one batch is refused and named", j => new ForgetsRequestIds(j)),
        new("forgets other hosts' request ids", "a request id of another host is found and refused", j => new ForgetsRequestIds(j)),
        new("does not name request ids", "a repeated request id is refused and named", j => new DoesNotNameRequestIds(j)),
        new("names only the first refusal", "every refusal of a batch is named", j => new NamesOnlyTheFirstRefusal(j)),
        new("claims request ids before it writes", "a refused row leaves no request id behind", j => new RemembersRefusedRequests(j)),
        new("shares request ids among grains", "a request id of one grain is free in another", j => new SharesRequestIds(j)),
        new("compares request ids without case", "request ids differ by every character", j => new FoldsRequestIds(j)),
        new("takes no id for an id", "rows without a request id never repeat one another", j => new TakesNoIdForAnId(j)),
        new("takes the last id for the last row", "request ids are read in order, page by page, past rows without one", j => new EndsWithTheLastId(j)),
        new("finds no requests", "requests are found in the order asked, with null for none", j => new FindsNoRequests(j)),
        new("leaves out missing requests", "requests are found in the order asked, with null for none", j => new LeavesOutMissingRequests(j)),
        new("finds in its own order", "requests are found in the order asked, with null for none", j => new FindsInItsOwnOrder(j)),

        // Loads, snapshots, heads.
        new("believes snapshots ahead", "a snapshot ahead of the rows is ignored", j => new BelievesSnapshotsAhead(j)),
        new("believes snapshots of nothing", "a snapshot of a grain without rows is ignored", j => new BelievesSnapshotsAhead(j)),
        new("believes one snapshot ahead among good ones", "snapshots of several grains are kept each by its own rule", j => new BelievesSnapshotsAhead(j)),
        new("believes foreign snapshots", "a snapshot with another hash than its row is ignored", j => new BelievesForeignSnapshots(j)),
        new("goes back to old snapshots", "an older snapshot does not replace a newer one", j => new GoesBackToOldSnapshots(j)),
        new("keeps the first snapshot", "a newer snapshot replaces an older one", j => new KeepsTheFirstSnapshot(j)),
        new("loads rows twice", "a grain loads as its snapshot and the rows after it", j => new LoadsRowsTwice(j)),
        new("loads at two instants", "snapshot and rows are read at one instant", j => new LoadsAtTwoInstants(j)),
        new("caches loads", "a load sees what any host has written before", j => new CachesLoads(j)),
        new("loads a row of nothing", "a grain without rows loads empty", j => new LoadsNothingAsSomething(j)),
        new("loads without a limit", "a load takes the first rows after the snapshot, as many as asked", j => new LoadsWithoutLimit(j)),
        new("loads the last rows", "a load takes the first rows after the snapshot, as many as asked", j => new LoadsTheLastRows(j)),
        new("sorts loads", "many grains load at once, each as it would alone", j => new SortsLoads(j)),
        new("limits loads together", "many grains load at once, each as it would alone", j => new LimitsLoadsTogether(j)),
        new("overlaps pages", "rows are read in pages, from any row on", j => new OverlapsPages(j)),
        new("breaks pages off", "rows are read in pages, from any row on", j => new BreaksPagesOff(j)),
        new("reads nothing before snapshots", "rows are read in pages, from any row on", j => new ReadsNothingBeforeSnapshots(j)),
        new("caches pages", "a page shows what any host has written before", j => new CachesPages(j)),
        new("keeps the first snapshot of a row", "a snapshot of the same row replaces the one that is there", j => new KeepsTheFirstOfOneRow(j)),
        new("remembers heads", "heads show what another host has written", j => new RemembersHeads(j)),
        new("sorts heads", "heads stand in the order asked, and say where there is no row", j => new SortsHeads(j)),
        new("leaves out missing heads", "heads stand in the order asked, and say where there is no row", j => new LeavesOutMissingHeads(j)),
        new("tells heads without hashes", "heads show what another host has written", j => new TellsNoHashes(j)),

        // Sessions and hosts.
        new("takes no locks", "a host alone excludes another alone", j => new TakesNoLocks(j)),
        new("takes no locks against company", "a host alone excludes company", j => new TakesNoLocks(j)),
        new("takes no locks in company", "company excludes a host alone", j => new TakesNoLocks(j)),
        new("locks out company", "company admits company, on every lane", j => new LocksOutCompany(j)),
        new("keeps locks", "an ended writer frees its lane", j => new KeepsLocks(j)),
        new("outlives its host", "a host that is gone frees its lanes", j => new OutlivesItsHost(j)),
        new("leaves old sessions", "an old session cannot write once the new one is open, alone", j => new LeavesOldSessions(j)),
        new("leaves old sessions in company", "an old session cannot write once the new one is open, in company", j => new LeavesOldSessions(j)),
        new("ends everybody's sessions", "a new session in company leaves the other host's alone", j => new EndsEverybodysSessions(j)),
        new("never opens again", "a lost session is followed by a new one", j => new NeverOpensAgain(j)),
        new("reconnects in silence", "a cut session cannot append", j => new ReconnectsInSilence(j)),
        new("guesses what is in doubt", "a cut session cannot append", j => new GuessesInDoubt(j)),
        new("calls doubt unreachable", "a cut session cannot append", j => new CallsDoubtUnreachable(j)),
        new("pings nobody", "a cut session cannot be pinged", j => new PingsNobody(j)),
        new("reads heads elsewhere", "a cut session reads no heads", j => new ReadsHeadsElsewhere(j)),
        new("tells micros", "the clock is in nanos and runs on", j => new TellsMicros(j)),
        new("tells nobody to rest", "a host asks the others to rest a grain, not itself", j => new TellsNobodyToRest(j)),
        new("rests itself", "a host asks the others to rest a grain, not itself", j => new RestsItself(j)),
    ];
}
