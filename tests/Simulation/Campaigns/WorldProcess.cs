using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OrleansBilling.Simulation.Campaigns;

/// <summary>
/// A process that runs one world after another. With a process per core each has its memory for itself: it is collected between
/// two worlds, when nothing in it is alive, and not in the middle of one.
/// </summary>
internal sealed class WorldProcess
{
    /// <summary>Says to the program that it is such a process.</summary>
    public const string Argument = "--serve";

    // A world allocates 100 MB, as a rule. A list of its calls is large, and would be kept with all it holds until a full collection.
    // One that never ends allocates all there is: it fails instead.
    private static readonly (string Name, string Hexadecimal)[] Memory =
    [
        ("DOTNET_GCgen0size", "20000000"),
        ("DOTNET_GCSegmentSize", "80000000"),
        ("DOTNET_GCLOHThreshold", "1000000"),
        ("DOTNET_GCHeapHardLimit", "100000000"),
    ];

    // With its reduction, where it fails.
    private static readonly TimeSpan WorldMax = TimeSpan.FromMinutes(10);

    private readonly Process process;

    private WorldProcess(Process process) => this.process = process;

    /// <summary>Starts one, of this program.</summary>
    /// <param name="arguments">What to simulate, as on the command line.</param>
    public static WorldProcess Start(IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])[typeof(WorldProcess).Assembly.Location, .. arguments, Argument])
        {
            start.ArgumentList.Add(argument);
        }

        SetMemory(start);
        return new WorldProcess(Process.Start(start)!);
    }

    /// <summary>Settings for a process that runs worlds. Only the environment can say them.</summary>
    public static void SetMemory(ProcessStartInfo start)
    {
        foreach ((string name, string value) in Memory)
        {
            start.Environment[name] = value;
        }
    }

    /// <summary>Has it run a world.</summary>
    /// <returns>Null when it ended instead, or went on for ten minutes.</returns>
    public WorldReport? Run(ulong seed)
    {
        try
        {
            this.process.StandardInput.WriteLine(seed.ToString(CultureInfo.InvariantCulture));
            this.process.StandardInput.Flush();
        }
        catch (IOException)
        {
            return null;
        }

        using Timer hang = new(_ => this.process.Kill(), null, WorldMax, Timeout.InfiniteTimeSpan);
        return this.process.StandardOutput.ReadLine() is { } line ? JsonSerializer.Deserialize(line, WorldReportJson.Default.WorldReport) : null;
    }

    /// <summary>Has it end, and waits for that.</summary>
    /// <returns>Its exit code.</returns>
    public int End()
    {
        using (this.process)
        {
            this.process.StandardInput.Close();
            this.process.WaitForExit();
            return this.process.ExitCode;
        }
    }
}
