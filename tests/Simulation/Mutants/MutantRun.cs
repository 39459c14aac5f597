using System.Diagnostics;
using System.Globalization;
using OrleansBilling.Simulation.Campaigns;

namespace OrleansBilling.Simulation.Mutants;

/// <summary>The mutation check: builds the copy, runs it, and reads what it says.</summary>
internal static class MutantRun
{
    /// <summary>Has the copy run mutants; their results in order.</summary>
    /// <param name="build">The copy.</param>
    /// <param name="numbers">Which; none for all.</param>
    /// <param name="operations">Calls per seed.</param>
    /// <param name="seed">The first seed.</param>
    public static IEnumerable<MutantResult> Results(MutantBuild build, IEnumerable<int> numbers, int operations, ulong seed = 1)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])[build.Program, "--catch", string.Join(',', numbers), "--ops", operations.ToString(CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        WorldProcess.SetMemory(start);
        using Process process = Process.Start(start)!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            string[] cells = line.Split('\t');
            if (cells.Length == 4)
            {
                yield return new MutantResult(
                    int.Parse(cells[0], CultureInfo.InvariantCulture), cells[1], int.Parse(cells[2], CultureInfo.InvariantCulture), cells[3]);
            }
        }

        process.WaitForExit();
    }

    /// <summary>In the copy: a line per mutant.</summary>
    public static void Catch(string numbers, SimulationOptions options)
    {
        IEnumerable<int> which = numbers.Length == 0
            ? Enumerable.Range(1, Mutant.All.Count)
            : numbers.Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture));
        foreach (MutantResult result in MutantCampaign.Run(which, options))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Number}\t{result.Name}\t{result.Seeds}\t{result.Check}"));
        }
    }

    /// <summary>Prints the table; true when all were caught.</summary>
    public static bool PrintTable(string root, IEnumerable<int> numbers, int operations)
    {
        using MutantBuild build = MutantBuild.Make(root);
        bool all = true;
        Console.WriteLine("| bug | seeds needed | caught by |\n| --- | --- | --- |");
        foreach (MutantResult result in Results(build, numbers, operations))
        {
            all &= result.Seeds > 0;
            Console.WriteLine($"| {result.Name} | {(result.Seeds == 0 ? "–" : result.Seeds)} | {result.Check} |");
        }

        return all;
    }

    /// <summary>The repository that this program was built in.</summary>
    public static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansBilling.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The mutants are made from the sources, and this program lies outside of them.");
    }
}
