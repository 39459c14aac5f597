using OrleansBilling.Conformance.Broken;
using OrleansBilling.Conformance.Grains;
using OrleansBilling.Conformance.Journals;
using OrleansBilling.Hosting;
using Xunit;
using Xunit.Sdk;

namespace OrleansBilling.Conformance;

/// <summary>The suite of the engines can fail: whatever is broken on purpose is caught, and every case catches something.</summary>
public sealed class BrokenGrainsTests
{
    public static TheoryData<string> Names => [.. BrokenGrainsList.All.Select(broken => broken.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_broken_engine_is_caught(string name)
    {
        BrokenGrains broken = BrokenGrainsList.All.Single(b => b.Name == name);
        GrainsCase rule = GrainsConformance.Cases.Single(c => c.Name == broken.CaughtBy);
        TimeProvider time = rule.NewTime();
        await using GrainsKit kit = new(new MemoryKit(broken.Journal, time), time)
        {
            Wrap = broken.Engine,
            Kinds = broken.Kinds,
            Defaults = new EngineOptions { CallTime = TimeSpan.FromMilliseconds(500) },
            Patience = TimeSpan.FromSeconds(5),
        };
        Exception? failure = await Record.ExceptionAsync(() => rule.Run(kit).WaitAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken));
        Assert.True(
            failure is XunitException,
            $"What {name} was to fail the case '{rule.Name}', but there came: {failure?.ToString() ?? "nothing"}");
    }

    [Fact]
    public void Every_case_catches_something_broken() =>
        Assert.Empty(GrainsConformance.Cases.Select(c => c.Name).Except(BrokenGrainsList.All.Select(b => b.CaughtBy), StringComparer.Ordinal));
}
