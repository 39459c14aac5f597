namespace OrleansBilling.ApiHost.Tests;

/// <summary>Files of the repository that are made by the code and checked in. <c>./dev snapshots</c> writes them.</summary>
internal static class Snapshot
{
    private const string Switch = "BILLING_WRITE_SNAPSHOTS";

    /// <summary>Whether they are to be written, rather than compared.</summary>
    public static bool Writes { get; } = Environment.GetEnvironmentVariable(Switch) == "1";

    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Compares a file with what the code makes of it now, or writes it.</summary>
    /// <param name="path">The file, from the repository's folder.</param>
    /// <param name="text">What the code makes.</param>
    public static void Check(string path, string text)
    {
        string file = Path.Combine(Root, path);
        if (Writes)
        {
            File.WriteAllText(file, text);
        }

        Assert.True(File.Exists(file) && File.ReadAllText(file) == text, $"{path} is not what the code makes now. Look at the change; ./dev snapshots writes it.");
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansBilling.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No OrleansBilling.sln above {AppContext.BaseDirectory}.");
    }
}
