using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OrleansBilling.Repository.Tests.Rules;

/// <summary>Who may see whom: Grains.Interfaces ← Grains ← Hosting ← {Journal.Postgres, Hosting.Orleans} ← {Silo, ApiHost}.</summary>
public static partial class Arrows
{
    // What a project may reference, directly or through another one.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Grains.Interfaces"] = [],
        ["Grains"] = ["Grains.Interfaces"],
        ["Hosting"] = ["Grains", "Grains.Interfaces"],
        ["Journal.Postgres"] = ["Hosting", "Grains", "Grains.Interfaces"],
        ["Hosting.Orleans"] = ["Hosting", "Grains", "Grains.Interfaces"],
        ["Silo"] = ["Journal.Postgres", "Hosting.Orleans", "Hosting", "Grains", "Grains.Interfaces"],
        ["ApiHost"] = ["Journal.Postgres", "Hosting.Orleans", "Hosting", "Grains", "Grains.Interfaces"],
        ["Client"] = [],
    };

    public static IEnumerable<Rule> All =>
    [
        new("Projects reference only what the arrows allow", WrongReferences,
            Project("Grains", """<ProjectReference Include="../Hosting/Hosting.csproj" />"""),
            Project("Hosting", """<ProjectReference Include="..\Journal.Postgres\Journal.Postgres.csproj" />"""),
            Project("Client", """<ProjectReference Include="../Grains.Interfaces/Grains.Interfaces.csproj" />"""),
            Project("Unheard.Of", "")),
        new("The contracts reference no package, and the core none but NodaTime", WrongCorePackages,
            Project("Grains.Interfaces", """<PackageReference Include="NodaTime" />"""),
            Project("Grains", """<PackageReference Include="Npgsql" />"""),
            Project("Grains", """<FrameworkReference Include="Microsoft.AspNetCore.App" />""")),
        new("Npgsql stays in Journal.Postgres", files => Uses(files, NpgsqlUse(), ["Journal.Postgres"]),
            Project("Hosting", """<PackageReference Include="Npgsql" />"""),
            Code("ApiHost/A.cs", "using Npgsql;")),
        new("ASP.NET stays in the executables", files => Uses(files, AspNetUse(), ["ApiHost", "Silo", "Client"]),
            Project("Hosting", """<FrameworkReference Include="Microsoft.AspNetCore.App" />"""),
            Sources.Of(("Hosting/Hosting.csproj", """<Project Sdk="Microsoft.NET.Sdk.Web" />""")),
            Code("Journal.Postgres/A.cs", "class A(Microsoft.AspNetCore.Http.HttpContext c);")),
        new("Orleans' types stay in Hosting.Orleans and the executables",
            files => Uses(files, OrleansUse(), ["Hosting.Orleans", "Silo", "ApiHost"]),
            Project("Hosting", """<PackageReference Include="Microsoft.Orleans.Sdk" />"""),
            Code("Grains/A.cs", "using Orleans;")),
    ];

    private static Sources Project(string name, string items) =>
        Sources.Of(($"{name}/{name}.csproj", $"""<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{items}</ItemGroup></Project>"""));

    private static Sources Code(string path, string text) => Sources.Of((path, text));

    private static IEnumerable<SourceFile> Shipped(IEnumerable<SourceFile> files) => files.Where(f => !f.IsUnder("tests", "bench"));

    private static IEnumerable<string> WrongReferences(Sources files)
    {
        foreach (SourceFile project in Shipped(files.Projects))
        {
            if (!Allowed.TryGetValue(Sources.NameOf(project), out string[]? allowed))
            {
                yield return $"{project.Path}: has no place among the arrows; give it one in ARCHITECTURE.md and here";
                continue;
            }

            foreach (string include in Sources.Includes(project, "ProjectReference"))
            {
                string name = Path.GetFileNameWithoutExtension(include.Replace('\\', '/'));
                if (!allowed.Contains(name, StringComparer.Ordinal))
                {
                    yield return $"{project.Path}: must not reference {name}";
                }
            }
        }
    }

    private static IEnumerable<string> WrongCorePackages(Sources files)
    {
        foreach (SourceFile project in files.Projects.Where(p => Sources.NameOf(p) is "Grains" or "Grains.Interfaces"))
        {
            IEnumerable<XElement> references = Sources.XmlOf(project).Descendants()
                .Where(e => e.Name.LocalName is "PackageReference" or "FrameworkReference" or "Reference");
            foreach (XElement reference in references)
            {
                string name = (string?)reference.Attribute("Include") ?? "";
                bool analyzer = (string?)reference.Attribute("PrivateAssets") == "all";
                if (!analyzer && !(name == "NodaTime" && Sources.NameOf(project) == "Grains"))
                {
                    yield return $"{project.Path}: must not reference {name}";
                }
            }
        }
    }

    private static IEnumerable<string> Uses(Sources files, Regex use, string[] home)
    {
        IEnumerable<(SourceFile File, string Text)> texts = Shipped(files.CSharp).Select(f => (f, f.Code))
            .Concat(Shipped(files.Projects).Select(f => (f, f.Text)));
        foreach ((SourceFile file, string text) in texts.Where(t => !t.File.IsUnder(home)))
        {
            if (use.Match(text) is { Success: true } match)
            {
                yield return $"{file.Path}: must not use {match.Value}";
            }
        }
    }

    [GeneratedRegex("""\busing\s+(?:static\s+|global::)?Npgsql\b|\bNpgsql(?:Connection|DataSource|Command|Exception)|"Npgsql""")]
    private static partial Regex NpgsqlUse();

    [GeneratedRegex(@"\bMicrosoft\.AspNetCore\b|Microsoft\.NET\.Sdk\.Web")]
    private static partial Regex AspNetUse();

    [GeneratedRegex(@"\busing\s+(?:static\s+|global::)?Orleans\b|\bMicrosoft\.Orleans\b|global::Orleans\b")]
    private static partial Regex OrleansUse();
}
