using System.Diagnostics;
using System.Globalization;

namespace OrleansBilling.Simulation.Mutants;

/// <summary>
/// A copy of the sources with all mutants in it, each behind a number, built once. The product itself has no such switch: the
/// copy lies in a folder of its own.
/// </summary>
internal sealed class MutantBuild : IDisposable
{
    private static readonly string[] Folders = ["Grains.Interfaces", "Grains", "Hosting", "tests/Simulation"];
    private readonly string folder = Directory.CreateTempSubdirectory("ob-mutants-").FullName;

    /// <summary>The simulator with the mutants in it.</summary>
    public string Program => Path.Combine(this.folder, "tests", "Simulation", "bin", "Release", "net10.0", "OrleansBilling.Simulation.dll");

    /// <summary>Copies, changes, builds.</summary>
    /// <param name="root">The repository's root.</param>
    /// <exception cref="InvalidOperationException">An edit does not fit the source any more, or the result does not compile.</exception>
    public static MutantBuild Make(string root)
    {
        MutantBuild build = new();
        foreach (string file in Directory.EnumerateFiles(root, "Directory.*.props").Append(Path.Combine(root, "global.json")))
        {
            File.Copy(file, Path.Combine(build.folder, Path.GetFileName(file)));
        }

        foreach (string project in Folders)
        {
            build.Copy(root, project);
        }

        List<string> misfits = [];
        for (int i = 0; i < Mutant.All.Count; i++)
        {
            foreach (Edit edit in Mutant.All[i].Edits)
            {
                build.Apply(edit, i + 1, Mutant.All[i].Name, misfits);
            }
        }

        if (misfits.Count > 0)
        {
            build.Dispose();
            throw new InvalidOperationException("Mutants do not fit the source any more; mend their edits:\n" + string.Join('\n', misfits));
        }

        File.WriteAllText(Path.Combine(build.folder, "Grains.Interfaces", "Bug.cs"), """
            namespace OrleansBilling;

            /// <summary>Which bug is switched on.</summary>
            public static class Bug
            {
                /// <summary>Its number; 0 is none.</summary>
                public static int Active;

                /// <summary>Whether it is this one.</summary>
                public static bool Is(int number) => Active == number;
            }

            """);
        build.Compile();
        return build;
    }

    /// <summary>Switches a bug on, in the copy; false where this is not the copy.</summary>
    public static bool Switch(int number)
    {
        System.Reflection.FieldInfo? active = typeof(Command).Assembly.GetType("OrleansBilling.Bug")?.GetField("Active");
        active?.SetValue(null, number);
        return active is not null;
    }

    public void Dispose() => Directory.Delete(this.folder, recursive: true);

    private void Copy(string root, string project)
    {
        string from = Path.Combine(root, project);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(from, file);
            string top = path.Split(Path.DirectorySeparatorChar)[0];
            if (top is not ("bin" or "obj"))
            {
                string to = Path.Combine(this.folder, project, path);
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        }
    }

    private void Apply(Edit edit, int number, string name, List<string> misfits)
    {
        string path = Path.Combine(this.folder, edit.File);
        string text = File.Exists(path) ? File.ReadAllText(path) : "";
        int at = text.IndexOf(edit.Search, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(edit.Search, at + 1, StringComparison.Ordinal) >= 0)
        {
            misfits.Add($"  {name}: {edit.File} has {(at < 0 ? "no" : "more than one")} \"{edit.Search.ReplaceLineEndings("\\n")}\"");
            return;
        }

        string bug = string.Create(CultureInfo.InvariantCulture, $"Bug.Is({number})");
        File.WriteAllText(path, text[..at] + edit.Replace.Replace("BUG", bug, StringComparison.Ordinal) + text[(at + edit.Search.Length)..]);
    }

    private void Compile()
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = this.folder };
        foreach (string argument in (string[])["build", "tests/Simulation", "-c", "Release", "-v", "quiet", "--nologo", "-p:Analyze=false", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            this.Dispose();
            throw new InvalidOperationException("The sources with the mutants in them do not compile:\n" + output);
        }
    }
}
