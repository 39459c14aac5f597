using Xunit;

namespace OrleansBilling.Conformance.Journals;

/// <summary>One rule of a journal, as something to run against a fresh store.</summary>
/// <param name="Name">The rule, as a sentence.</param>
/// <param name="Run">Fails where the rule is broken.</param>
public sealed record JournalCase(string Name, Func<JournalKit, Task> Run);

/// <summary>Every rule that a journal keeps, whatever it is made of.</summary>
public abstract class JournalConformance
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<JournalCase> Cases { get; } =
        [.. FenceCases.All, .. RequestCases.All, .. SnapshotCases.All, .. LoadCases.All, .. SessionCases.All, .. RaceCases.All];

    /// <summary>The rules' names.</summary>
    public static TheoryData<string> Rules => [.. Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Keeps_the_rule(string rule)
    {
        await using JournalKit kit = await this.OpenAsync();
        await Cases.Single(c => c.Name == rule).Run(kit);
    }

    /// <summary>Opens a fresh store.</summary>
    protected abstract Task<JournalKit> OpenAsync();
}

/// <summary>The journal in memory.</summary>
public sealed class MemoryJournalConformance : JournalConformance
{
    protected override Task<JournalKit> OpenAsync() => Task.FromResult<JournalKit>(new MemoryKit());
}
