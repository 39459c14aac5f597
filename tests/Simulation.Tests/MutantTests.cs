using OrleansBilling.Simulation.Mutants;

namespace OrleansBilling.Simulation.Tests;

/// <summary>The mutation check: bugs made on purpose are caught. All of them take minutes, so the suite has some; `./dev sim --mutants` has all.</summary>
public class MutantTests(MutantTests.Copy copy) : IClassFixture<MutantTests.Copy>
{
    /// <summary>One of every sort: the fence, half commands, repeats, acknowledgements, snapshots, expiries, windows, money.</summary>
    private static readonly string[] Some =
    [
        "the fence is skipped", "half of a command's rows are written", "the body's hash is forgotten", "acknowledged before the commit",
        "an expiry is read but not appended", "a snapshot off by one row", "a denial is confirmed from stale state", "rounded down",
        "grants are spent in the wrong order", "windows in UTC instead of the zone", "the total spent is not restored", "credit is spent that is not there",
    ];

    [Fact]
    public void There_is_a_mutant_for_each_bug_of_the_list_and_each_has_a_name_of_its_own()
    {
        Assert.True(Mutant.All.Count >= 33);
        Assert.Equal(Mutant.All.Count, Mutant.All.Select(m => m.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain(Mutant.All, m => m.Edits.Length == 0 || !m.Edits.Any(e => e.Replace.Contains("BUG", StringComparison.Ordinal)));
        Assert.All(Some, name => Assert.Contains(Mutant.All, m => m.Name == name));
    }

    // Also proves that every edit still fits the sources, and that all of them compile.
    [Fact]
    public void Bugs_made_on_purpose_are_caught()
    {
        MutantResult[] results = [.. MutantRun.Results(copy.Build, Some.Select(NumberOf), 10_000)];

        Assert.Equal(Some, results.Select(r => r.Name), StringComparer.Ordinal);
        Assert.All(results, r => Assert.InRange(r.Seeds, 1, MutantCampaign.SeedsMax));
    }

    // A change of what worlds are made of makes other worlds of the same seeds; then others have to be kept.
    [Theory]
    [MemberData(nameof(SimulationTests.KeptSeeds), MemberType = typeof(SimulationTests))]
    public void A_kept_seed_finds_its_bug(ulong seed, string bug)
    {
        MutantResult result = MutantRun.Results(copy.Build, [NumberOf(bug)], 10_000, seed).Single();
        ulong caught = seed + (ulong)result.Seeds - 1;
        Assert.True(caught == seed, $"Seed {seed} does not find \"{bug}\" any more: keep {(result.Seeds == 0 ? "another one" : $"{caught}")} in its place.");
    }

    [Fact]
    public void What_is_tested_has_no_switch_for_bugs() => Assert.False(MutantBuild.Switch(1));

    private static int NumberOf(string name) => 1 + Mutant.All.TakeWhile(m => m.Name != name).Count();

    /// <summary>The copy of the sources, built once.</summary>
    public sealed class Copy : IDisposable
    {
        internal MutantBuild Build { get; } = MutantBuild.Make(MutantRun.FindRoot());

        /// <inheritdoc/>
        public void Dispose() => this.Build.Dispose();
    }
}
