namespace OrleansBilling.Grains.Tests;

/// <summary>Files of what was once released.</summary>
internal static class Golden
{
    public static string[] Lines(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", file);
        Assert.True(File.Exists(path), $"The golden file {file} is missing from tests/Grains.Tests/Golden.");
        return File.ReadAllLines(path);
    }

    /// <summary>On a difference, what was found lies beside the test's binaries, to be looked at.</summary>
    public static void Holds(string file, IReadOnlyList<string> lines)
    {
        string found = Path.Combine(AppContext.BaseDirectory, file + ".found");
        File.WriteAllLines(found, lines);
        Assert.Equal(string.Join('\n', Lines(file)), string.Join('\n', lines));
        File.Delete(found);
    }
}
