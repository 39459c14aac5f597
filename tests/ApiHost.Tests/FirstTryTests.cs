using System.Diagnostics;
using System.Text.RegularExpressions;
using OrleansBilling.ApiHost.Startup;

namespace OrleansBilling.ApiHost.Tests;

/// <summary>What a newcomer pastes works, word for word: the README's first try, and the one that a starting host prints.</summary>
public sealed partial class FirstTryTests
{
    [Fact]
    public async Task The_readmes_lines_open_charge_and_refuse()
    {
        await using TestHost host = await TestHost.StartAsync();
        string readme = await File.ReadAllTextAsync(Path.Combine(Snapshot.Root, "README.md"), TestContext.Current.CancellationToken);
        string chapter = readme[readme.IndexOf("## First try", StringComparison.Ordinal)..readme.IndexOf("## What there is", StringComparison.Ordinal)];
        string[] blocks = [.. ShellBlock().Matches(chapter).Select(m => m.Groups["lines"].Value)];
        Assert.Equal(4, blocks.Length);
        Assert.Contains("http://127.0.0.1:8080", blocks[0], StringComparison.Ordinal);

        // The third block is the charge; the text asks to repeat it.
        string script = string.Concat(blocks[0], blocks[1], blocks[2], blocks[2], blocks[3])
            .Replace("http://127.0.0.1:8080", Url(host), StringComparison.Ordinal);
        string[] lines = await BashAsync(KeyLine().Replace(script, $"ADMIN={host.AdminKey}\n"));

        Assert.Equal(5, lines.Length);
        Assert.Contains("\"status\":\"active\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"balance\":10,", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"charged\":0.10308,\"balanceBefore\":10,\"balance\":9.89692,", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"balance\":9.89692,", lines[3], StringComparison.Ordinal);
        Assert.Contains("\"replayed\":true", lines[3], StringComparison.Ordinal);
        Assert.Contains("\"code\":\"insufficient_credit\"", lines[4], StringComparison.Ordinal);
        Assert.Contains("\"max\":9.89692,\"used\":0,\"requested\":50", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hosts_own_lines_charge()
    {
        await using TestHost host = await TestHost.StartAsync();
        string script = Banner.FirstTry(Url(host), host.AdminKey!);
        Assert.Equal(3, script.Split('\n').Length);
        string[] lines = await BashAsync(script);
        Assert.Contains("\"balance\":9.89692,", lines[^1], StringComparison.Ordinal);
    }

    private static string Url(TestHost host) => host.Client.BaseAddress!.ToString().TrimEnd('/');

    private static async Task<string[]> BashAsync(string script)
    {
        ProcessStartInfo start = new("bash", ["-eu", "-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process bash = Process.Start(start)!;
        Task<string> errors = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(bash.ExitCode == 0, $"bash ended with {bash.ExitCode} (is curl installed?): {await errors}\n{output}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex("```sh\n(?<lines>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("^ADMIN=.*\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyLine();
}
