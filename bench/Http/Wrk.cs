using System.Globalization;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Http;

/// <summary>Runs wrk with a script that ends in <c>report.lua</c>.</summary>
internal static class Wrk
{
    /// <summary>Open connections, each with one request at a time.</summary>
    public const int Connections = 256;

    /// <summary>Writes a script with the report appended.</summary>
    /// <param name="bench">The run.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="text">The script.</param>
    public static async Task<string> WriteScriptAsync(BenchContext bench, string name, string text)
    {
        string path = Path.Combine(bench.Folder, name);
        await File.WriteAllTextAsync(path, text + "\n" + BenchContext.Embedded("report.lua"));
        return path;
    }

    /// <summary>Runs it.</summary>
    /// <param name="script">The script's path.</param>
    /// <param name="url">The server.</param>
    /// <param name="duration">Rounded up to seconds.</param>
    /// <exception cref="BenchException">More than one answer in a thousand was not a 2xx.</exception>
    public static async Task<Sample> RunAsync(string script, Uri url, TimeSpan duration)
    {
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(duration.TotalSeconds):F0}s");
        string output = await ChildProcess.RunAsync(
            "wrk", "-t", "2", "-c", Connections.ToString(CultureInfo.InvariantCulture), "-d", seconds, "-s", script, url.ToString());
        string? line = output.Split('\n').SingleOrDefault(l => l.StartsWith("RESULT ", StringComparison.Ordinal));
        double[] figures = line is null
            ? throw new BenchException($"wrk did not report:\n{output}")
            : [.. line.Split(' ').Skip(1).Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
        (double requests, double micros, double p50Ms, double p99Ms, double bad) = (figures[0], figures[1], figures[2], figures[3], figures[4]);
        return bad * 1000 <= requests
            ? new Sample((requests - bad) / micros * 1e6, p50Ms, p99Ms)
            : throw new BenchException($"{bad:N0} of {requests:N0} answers of {url} were errors:\n{output}");
    }
}
