using OrleansBilling.Conformance.Broken;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting.Journal;
using Xunit;
using Xunit.Sdk;

namespace OrleansBilling.Conformance;

/// <summary>The suite can fail: every rule broken on purpose is caught, and every case catches something.</summary>
public sealed class BrokenJournalTests
{
    public static TheoryData<string> Names => [.. BrokenJournals.All.Select(broken => broken.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_broken_journal_is_caught(string name)
    {
        BrokenJournal broken = BrokenJournals.All.Single(b => b.Name == name);
        JournalCase rule = JournalConformance.Cases.Single(c => c.Name == broken.CaughtBy);
        await using MemoryKit kit = new(broken.Break);
        Exception? failure = await Record.ExceptionAsync(() => rule.Run(kit).WaitAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken));
        Assert.True(
            failure is XunitException or JournalOccupiedException or JournalInDoubtException or JournalUnavailableException,
            $"The journal that {name} was to fail the case '{rule.Name}', but there came: {failure?.ToString() ?? "nothing"}");
    }

    [Fact]
    public void Every_case_catches_a_broken_journal() =>
        Assert.Empty(JournalConformance.Cases.Select(c => c.Name).Except(BrokenJournals.All.Select(b => b.CaughtBy), StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(JournalConformance.Rules), MemberType = typeof(JournalConformance))]
    public async Task A_wrapper_that_breaks_nothing_keeps_the_rule(string rule)
    {
        await using MemoryKit kit = new(journal => new BreaksNothing(journal));
        await JournalConformance.Cases.Single(c => c.Name == rule).Run(kit);
    }

    private sealed class BreaksNothing(IJournal inner) : JournalWrapper(inner);
}
