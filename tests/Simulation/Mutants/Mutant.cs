namespace OrleansBilling.Simulation.Mutants;

/// <summary>A change of one place in a source file.</summary>
/// <param name="File">The file, from the repository's root.</param>
/// <param name="Search">What stands there: exactly once, or the mutants cannot be built.</param>
/// <param name="Replace">What is to stand there; <c>BUG</c> is true when this mutant is switched on.</param>
internal sealed record Edit(string File, string Search, string Replace);

/// <summary>A bug made on purpose, which the simulation has to find.</summary>
/// <param name="Name">What is wrong then.</param>
/// <param name="Edits">How it is made.</param>
internal sealed record Mutant(string Name, params Edit[] Edits)
{
    /// <summary>All of them; a mutant's number is its place, from 1.</summary>
    public static IReadOnlyList<Mutant> All { get; } = [.. RunnerMutants.All, .. UpkeepMutants.All, .. CoreMutants.All];
}
