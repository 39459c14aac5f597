using System.Xml.Linq;

namespace OrleansBilling.Repository.Tests;

/// <summary>One file of the repository.</summary>
/// <param name="Path">Relative to the root, with slashes.</param>
/// <param name="Text">All of it.</param>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>A C# file's text with comments and literals blanked out, made when first asked for.</summary>
    public string Code => field ??= CSharpText.WithoutCommentsAndLiterals(this.Text);

    public bool Is(string extension) => this.Path.EndsWith(extension, StringComparison.Ordinal);

    public bool IsUnder(params string[] folders) => folders.Any(f => this.Path.StartsWith(f + "/", StringComparison.Ordinal));
}

/// <summary>The text files of the repository, or of a sample that breaks a rule.</summary>
public sealed class Sources(IReadOnlyList<SourceFile> files)
{
    private static readonly string[] Generated = ["bin", "obj", ".git", ".data", ".vs", "TestResults"];

    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".json", ".md", ".sh", ".sql", ".txt", ".yml", ".lua", ".tsv", ".csv", ".html", ".css", ".js"];

    public IReadOnlyList<SourceFile> Files => files;

    public IEnumerable<SourceFile> CSharp => files.Where(f => f.Is(".cs"));

    public IEnumerable<SourceFile> Projects => files.Where(f => f.Is(".csproj"));

    public bool Has(string path) =>
        files.Any(f => f.Path == path || f.Path.StartsWith(path + "/", StringComparison.Ordinal));

    /// <summary>A sample of pairs: path, text.</summary>
    public static Sources Of(params (string Path, string Text)[] sample) =>
        new([.. sample.Select(s => new SourceFile(s.Path, s.Text))]);

    /// <summary>The repository that this test was built in.</summary>
    public static Sources Repository()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "OrleansBilling.sln")))
        {
            root = root.Parent;
        }

        string top = root?.FullName ?? throw new InvalidOperationException($"No OrleansBilling.sln above {AppContext.BaseDirectory}.");
        List<SourceFile> found = [];
        Collect(new DirectoryInfo(top), top, found);
        return new Sources([.. found.OrderBy(f => f.Path, StringComparer.Ordinal)]);
    }

    /// <summary>The name by which other projects and the rules call a project.</summary>
    public static string NameOf(SourceFile project) => Path.GetFileNameWithoutExtension(project.Path);

    public static XElement XmlOf(SourceFile project) => XElement.Parse(project.Text);

    /// <summary>The <c>Include</c> of all items of a kind.</summary>
    public static IEnumerable<string> Includes(SourceFile project, string item) =>
        XmlOf(project).Descendants(item).Select(e => (string?)e.Attribute("Include") ?? "").Where(i => i.Length > 0);

    private static void Collect(DirectoryInfo folder, string top, List<SourceFile> found)
    {
        foreach (FileInfo file in folder.EnumerateFiles())
        {
            string path = Path.GetRelativePath(top, file.FullName).Replace('\\', '/');
            if (TextExtensions.Contains(file.Extension, StringComparer.Ordinal) || path is "dev" or ".ci/run" or ".editorconfig" or ".gitignore")
            {
                found.Add(new SourceFile(path, File.ReadAllText(file.FullName)));
            }
        }

        foreach (DirectoryInfo child in folder.EnumerateDirectories())
        {
            if (!Generated.Contains(child.Name, StringComparer.Ordinal))
            {
                Collect(child, top, found);
            }
        }
    }
}
