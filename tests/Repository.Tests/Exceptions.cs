namespace OrleansBilling.Repository.Tests;

/// <summary>Where a rule does not hold, and why. Kept short; one that is no longer needed fails a test.</summary>
public static class Exceptions
{
    /// <summary>Files longer than others may be: path and reason.</summary>
    public static readonly IReadOnlyDictionary<string, string> LongFiles = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Tests that wait by the clock: path and reason.</summary>
    public static readonly IReadOnlyDictionary<string, string> WaitingTests = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["tests/Processes.Tests/Harness/Waiting.cs"] = "other processes can be asked, but not awaited; and a freeze lasts a time",
        ["tests/Simulation.Tests/SlowJournal.cs"] = "its delays are of the simulated clock, and take no time",
    };

    /// <summary>Tests that may be skipped: path and reason.</summary>
    public static readonly IReadOnlyDictionary<string, string> SkippedTests = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["tests/Hosting.Orleans.Tests/Hosting.Orleans.Tests.csproj"] = "needs Microsoft.Orleans.*, which not every registry has; runs wherever -p:Orleans=true is set, which ./dev does by itself",
        ["tests/Processes.Orleans.Tests/Processes.Orleans.Tests.csproj"] = "silos as processes: needs Microsoft.Orleans.* like the other one",
    };
}
