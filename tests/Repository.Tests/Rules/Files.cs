using System.Text.RegularExpressions;

namespace OrleansBilling.Repository.Tests.Rules;

/// <summary>What belongs to the build, what is dead, and what every text file looks like.</summary>
public static partial class Files
{
    private const string Solution = "OrleansBilling.sln";
    private const string Migrations = "Journal.Postgres/Migrations/";

    public static IEnumerable<Rule> All =>
    [
        new("The solution has every project, and none that is gone", SolutionGaps,
            Sources.Of((Solution, ""), ("A/A.csproj", "<Project />")),
            Sources.Of((Solution, """= "A", "A\A.csproj", "{0}" """))),
        new("Every C# file belongs to a project", StrayCode,
            Sources.Of(("A/A.csproj", "<Project />"), ("B/B.cs", ""))),
        new("Migrations are numbered without gaps", MigrationGaps,
            Sources.Of((Migrations + "0002_b.sql", "")),
            Sources.Of((Migrations + "0001_a.sql", ""), (Migrations + "0001_b.sql", "")),
            Sources.Of((Migrations + "first.sql", ""))),
        new("The script's parts are all in use", UnusedScripts,
            Sources.Of(("dev", "#!/usr/bin/env bash\n"), ("deploy/dev/a.sh", "\n"))),
        new("Package versions stand in one place", ScatteredVersions,
            Sources.Of(("A/A.csproj", """<Project><ItemGroup><PackageReference Include="B" Version="1.0" /></ItemGroup></Project>""")),
            Sources.Of(("A/A.csproj", """<Project><ItemGroup><PackageReference Include="B"><VersionOverride>1</VersionOverride></PackageReference></ItemGroup></Project>"""))),
        new("Every package version is in use", UnusedVersions,
            Sources.Of(("Directory.Packages.props", """<Project><PackageVersion Include="Unused" Version="1.0" /></Project>""")),
            Sources.Of(("Directory.Packages.props", """<Project><PackageVersion Include="Microsoft.Orleans.Unused" Version="1.0" /></Project>"""))),
        new("Every project has its lock file", MissingLocks,
            Sources.Of(("A/A.csproj", "<Project />"))),
        new("Text files end in one newline, and lines in LF without blanks", UntidyText,
            Sources.Of(("a.md", "no end")),
            Sources.Of(("a.cs", "a\r\n")),
            Sources.Of(("a.sql", "a \nb\n")),
            Sources.Of(("a.cs", "a\n\n"))),
        new("Links between the documents lead somewhere", DeadLinks,
            Sources.Of(("docs/a.md", "[b](b.md)")),
            Sources.Of(("README.md", "see [a](docs/a.md#part)"))),
    ];

    private static IEnumerable<string> SolutionGaps(Sources files)
    {
        string text = files.Files.FirstOrDefault(f => f.Path == Solution)?.Text ?? "";
        HashSet<string> listed = ProjectEntry().Matches(text).Select(m => m.Groups[1].Value.Replace('\\', '/')).ToHashSet(StringComparer.Ordinal);
        HashSet<string> present = files.Projects.Select(p => p.Path).ToHashSet(StringComparer.Ordinal);
        return present.Except(listed, StringComparer.Ordinal).Select(p => $"{p}: is not in the solution; dotnet sln add {p}")
            .Concat(listed.Except(present, StringComparer.Ordinal).Select(p => $"{p}: is in the solution, but gone; dotnet sln remove {p}"));
    }

    private static IEnumerable<string> StrayCode(Sources files)
    {
        List<string> folders = [.. files.Projects.Select(p => p.Path[..(p.Path.LastIndexOf('/') + 1)])];
        return files.CSharp.Where(f => !folders.Exists(folder => f.Path.StartsWith(folder, StringComparison.Ordinal)))
            .Select(f => $"{f.Path}: belongs to no project");
    }

    private static IEnumerable<string> MigrationGaps(Sources files)
    {
        int expected = 1;
        foreach (SourceFile file in files.Files.Where(f => f.Path.StartsWith(Migrations, StringComparison.Ordinal)).OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            if (!MigrationName().IsMatch(file.Path[Migrations.Length..]) || !file.Path[Migrations.Length..].StartsWith($"{expected:D4}_", StringComparison.Ordinal))
            {
                yield return $"{file.Path}: should be {Migrations}{expected:D4}_name.sql";
            }

            expected++;
        }
    }

    private static IEnumerable<string> UnusedScripts(Sources files)
    {
        string dev = files.Files.FirstOrDefault(f => f.Path == "dev")?.Text ?? "";
        return files.Files.Where(f => f.IsUnder("deploy/dev") && !dev.Contains($"\n. {f.Path}\n", StringComparison.Ordinal))
            .Select(f => $"{f.Path}: is not sourced by ./dev");
    }

    private static IEnumerable<string> ScatteredVersions(Sources files) =>
        from project in files.Projects
        from reference in Sources.XmlOf(project).Descendants("PackageReference")
        where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null
            || reference.Element("Version") is not null || reference.Element("VersionOverride") is not null
        select $"{project.Path}: has a version of {(string?)reference.Attribute("Include")}; it belongs into Directory.Packages.props";

    private static IEnumerable<string> UnusedVersions(Sources files) =>
        from central in files.Files
        where central.Path == "Directory.Packages.props"
        from name in Sources.Includes(central, "PackageVersion")
        where !files.Files.Any(f => f.Is("packages.lock.json") && f.Text.Contains($"\"{name}\"", StringComparison.Ordinal))

            // The committed lock files are those of a build without Orleans.
            && !(name.StartsWith("Microsoft.Orleans.", StringComparison.Ordinal)
                && files.Projects.Any(p => Sources.Includes(p, "PackageReference").Contains(name, StringComparer.Ordinal)))
        select $"{central.Path}: nothing uses {name}";

    private static IEnumerable<string> MissingLocks(Sources files) =>
        from project in files.Projects
        let path = project.Path[..(project.Path.LastIndexOf('/') + 1)] + "packages.lock.json"
        where !files.Has(path)
        select $"{path}: is missing; build, and commit it";

    private static IEnumerable<string> UntidyText(Sources files)
    {
        foreach (SourceFile file in files.Files.Where(f => !f.Is(".sln") && !f.Is("packages.lock.json") && f.Text.Length > 0))
        {
            if (!file.Text.EndsWith('\n') || file.Text.EndsWith("\n\n", StringComparison.Ordinal))
            {
                yield return $"{file.Path}: must end in one newline";
            }

            if (file.Text.Contains('\r', StringComparison.Ordinal))
            {
                yield return $"{file.Path}: lines must end in LF";
            }

            if (TrailingBlank().Match(file.Text) is { Success: true } match)
            {
                yield return $"{file.Path}: blanks at the end of line {1 + file.Text[..match.Index].Count(c => c == '\n')}";
            }
        }
    }

    private static IEnumerable<string> DeadLinks(Sources files)
    {
        foreach (SourceFile page in files.Files.Where(f => f.Is(".md")))
        {
            foreach (string target in Link().Matches(page.Text).Select(m => m.Groups[1].Value))
            {
                if (target.Contains(':', StringComparison.Ordinal))
                {
                    continue;
                }

                string folder = Path.GetDirectoryName("/" + page.Path)!;
                string path = Path.GetFullPath(Path.Combine(folder, target.TrimEnd('/')))[1..];
                if (!files.Has(path))
                {
                    yield return $"{page.Path}: links to {target}, which is not there";
                }
            }
        }
    }

    [GeneratedRegex("""= "[^"]+", "([^"]+\.csproj)",""")]
    private static partial Regex ProjectEntry();

    [GeneratedRegex(@"^\d{4}_[a-z0-9_]+\.sql$")]
    private static partial Regex MigrationName();

    [GeneratedRegex(@"[ \t]+\r?$", RegexOptions.Multiline)]
    private static partial Regex TrailingBlank();

    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
