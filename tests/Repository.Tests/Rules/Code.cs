using System.Text.RegularExpressions;

namespace OrleansBilling.Repository.Tests.Rules;

/// <summary>What C# files look like.</summary>
public static partial class Code
{
    private const int LinesMax = 300;
    private const int TestLinesMax = 500;

    public static IEnumerable<Rule> All =>
    [
        new("Files are short: 300 lines, tests 500", LongFiles,
            Sample("Grains/A.cs", new string('\n', LinesMax + 1)),
            Sample("tests/A.Tests/A.cs", new string('\n', TestLinesMax + 1))),
        new("Nothing is left for later", Unfinished,
            Sample("Grains/A.cs", "// TO" + "DO: all of it"),
            Sample("deploy/a.sh", "# FIX" + "ME"),
            Sample("Hosting/A.cs", "throw new NotImplemented" + "Exception();")),
        new("No exception is swallowed without a word", SwallowedExceptions,
            Sample("Hosting/A.cs", "try { F(); } catch { }"),
            Sample("Hosting/A.cs", "try { F(); } catch (IOException) when (Late()) {\n}")),
        new("No thread sleeps", Sleeps,
            Sample("Hosting/A.cs", "Thread.Sleep(1);")),
        new("Tests wait for what they need, not for the clock", WaitingTests,
            Sample("tests/A.Tests/A.cs", "await Task.Delay(100);")),
        new("No test is skipped but those on the list", SkippedTests,
            Sample("tests/A.Tests/A.cs", "[Fact(Skip = \"later\")]"),
            Sample("tests/A.Tests/A.cs", "Assert.SkipWhen(true, \"here\");"),
            Sample("tests/A.Tests/A.cs", "[Theory(DisplayName = \"a\", Explicit = true)]"),
            Sample("tests/A.Tests/A.csproj", "<Project><PropertyGroup Condition=\"'$(B)' != 'true'\" /></Project>")),
        new("Money, time and counters are integers in the core", Floats,
            Sample("Grains/A.cs", "double price = 1;"),
            Sample("Grains.Interfaces/A.cs", "float F() => 1;")),
        new("The runner takes time and chance from its seams", AmbientTime,
            Sample("Hosting/A.cs", "long now = DateTime.UtcNow.Ticks;"),
            Sample("Hosting/A.cs", "Guid id = Guid.NewGuid();")),
        new("Log messages are source-generated, one file per project", LogMessages,
            Sample("Hosting/A.cs", "logger.LogWarning(\"a\");"),
            Sources.Of(("Hosting/A.cs", "[LoggerMessage(1)]"), ("Hosting/B.cs", "[LoggerMessage(2)]"))),
    ];

    private static Sources Sample(string path, string text) => Sources.Of((path, text));

    private static bool IsTest(SourceFile file) => file.IsUnder("tests");

    private static IEnumerable<string> LongFiles(Sources files) =>
        from file in files.CSharp
        let lines = file.Text.Count(c => c == '\n')
        where lines > (IsTest(file) ? TestLinesMax : LinesMax) && !Exceptions.LongFiles.ContainsKey(file.Path)
        select $"{file.Path}: has {lines} lines; one concept each, please";

    private static IEnumerable<string> Unfinished(Sources files) =>
        from file in files.Files
        where !file.Is(".md") && !file.IsUnder("tests/Repository.Tests")
        let match = LeftForLater().Match(file.Text)
        where match.Success
        select $"{file.Path}: says {match.Value}; do it, or make it an issue";

    private static IEnumerable<string> SwallowedExceptions(Sources files) =>
        from file in files.CSharp
        where EmptyCatch().IsMatch(CSharpText.WithoutLiterals(file.Text)) && !file.IsUnder("tests/Repository.Tests")
        select $"{file.Path}: has an empty catch; say why nothing is to be done, or do it";

    private static IEnumerable<string> Sleeps(Sources files) =>
        from file in files.CSharp
        where file.Code.Contains("Thread.Sleep(", StringComparison.Ordinal)
        select $"{file.Path}: blocks a thread; wait for what it waits for";

    private static IEnumerable<string> WaitingTests(Sources files) =>
        from file in files.CSharp
        where IsTest(file) && file.Code.Contains("Task.Delay(", StringComparison.Ordinal) && !Exceptions.WaitingTests.ContainsKey(file.Path)
        select $"{file.Path}: waits for the clock; wait for what it needs, or put it on the list with a reason";

    private static IEnumerable<string> SkippedTests(Sources files) =>
        from file in files.CSharp.Concat(files.Projects)
        where IsTest(file) && (file.Is(".csproj") ? file.Text.Contains("Condition=", StringComparison.Ordinal) : Skip().IsMatch(file.Code))
            && !Exceptions.SkippedTests.ContainsKey(file.Path)
        select $"{file.Path}: skips a test; let it run, or put it on the list with a reason";

    private static IEnumerable<string> Floats(Sources files) =>
        from file in files.CSharp
        where file.IsUnder("Grains", "Grains.Interfaces")
        let match = FloatingPoint().Match(file.Code)
        where match.Success
        select $"{file.Path}: uses {match.Value}; use integer nanos";

    private static IEnumerable<string> AmbientTime(Sources files) =>
        from file in files.CSharp
        where file.IsUnder("Hosting")
        let match = Ambient().Match(file.Code)
        where match.Success
        select $"{file.Path}: uses {match.Value}; take it from a seam, so that a simulator can own it";

    private static IEnumerable<string> LogMessages(Sources files)
    {
        List<SourceFile> shipped = [.. files.CSharp.Where(f => !f.IsUnder("tests", "bench"))];
        foreach (SourceFile file in shipped.Where(f => DirectLog().IsMatch(f.Code)))
        {
            yield return $"{file.Path}: logs directly; give the message a [LoggerMessage] method";
        }

        IEnumerable<IGrouping<string, SourceFile>> perProject = shipped
            .Where(f => f.Code.Contains("[LoggerMessage", StringComparison.Ordinal))
            .GroupBy(f => f.Path.Split('/')[0], StringComparer.Ordinal);
        foreach (IGrouping<string, SourceFile> project in perProject.Where(p => p.Count() > 1))
        {
            yield return $"{project.Key}: log messages in {string.Join(", ", project.Select(f => f.Path))}; one file, please";
        }
    }

    [GeneratedRegex(@"\bT[O]DO\b|\bFIX[M]E\b|\bNotImplemented[E]xception\b")]
    private static partial Regex LeftForLater();

    [GeneratedRegex(@"\bcatch\s*(\([^)]*\))?\s*(when\s*\([^{]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"[\[(,]\s*Skip\s*=|\bAssert\.Skip\w*\(|\bExplicit\s*=\s*true|\bSkip(When|Unless|Exceptions)\s*=")]
    private static partial Regex Skip();

    [GeneratedRegex(@"\b(double|float|Double|Half)\b")]
    private static partial Regex FloatingPoint();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bEnvironment\.TickCount|\bStopwatch\.|\bGuid\.(NewGuid|CreateVersion7)\(\)|\bRandom\.Shared\b|\bnew Random\(\)")]
    private static partial Regex Ambient();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex DirectLog();
}
