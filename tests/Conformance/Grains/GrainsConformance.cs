using OrleansBilling.Conformance.Journals;
using Xunit;

namespace OrleansBilling.Conformance.Grains;

/// <summary>One rule of an engine, as something to run against a fresh store.</summary>
/// <param name="Name">The rule, as a sentence.</param>
/// <param name="Run">Fails where the rule is broken.</param>
/// <param name="Steps">Whether it moves the clock, so that the store's has to be a <see cref="SteppedTime"/>.</param>
public sealed record GrainsCase(string Name, Func<GrainsKit, Task> Run, bool Steps = false)
{
    /// <summary>A clock for the case's store and hosts.</summary>
    public TimeProvider NewTime() => this.Steps ? new SteppedTime() : TimeProvider.System;
}

/// <summary>Every rule that an engine keeps, whatever it and its journal are made of.</summary>
public abstract class GrainsConformance
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<GrainsCase> Cases { get; } =
        [.. DecidingCases.All, .. RepeatCases.All, .. CompanyCases.All, .. GuardCases.All, .. InOrderCases.All, .. FailureCases.All, .. LoadingCases.All, .. TimeCases.All];
}

/// <summary>The engine in process, on the journal in memory.</summary>
public sealed class MemoryGrainsConformance : GrainsConformance
{
    /// <summary>All rules' names.</summary>
    public static TheoryData<string> Rules => [.. Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Keeps_the_rule(string rule)
    {
        GrainsCase one = Cases.Single(c => c.Name == rule);
        TimeProvider time = one.NewTime();
        await using GrainsKit kit = new(new MemoryKit(time: time), time);
        await one.Run(kit);
    }
}
