using System.Globalization;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Http;

/// <summary>Posts requests with wrk, all with the same script.</summary>
internal sealed class Wrk
{
    /// <summary>Open connections, each with one request at a time.</summary>
    public const int Connections = 256;

    private readonly BenchContext bench;
    private readonly string script;
    private readonly Uri server;

    private Wrk(BenchContext bench, string script, Uri server)
    {
        this.bench = bench;
        this.script = script;
        this.server = server;
    }

    /// <summary>What a request and its reply are long, in the bytes of HTTP; known after a run.</summary>
    public (double Request, double Reply) Bytes { get; private set; }

    /// <summary>Writes the script.</summary>
    /// <param name="bench">The run.</param>
    /// <param name="server">The server.</param>
    /// <param name="path">The route.</param>
    /// <param name="service">The service's key.</param>
    /// <param name="keys">The customers' keys.</param>
    public static async Task<Wrk> PrepareAsync(BenchContext bench, Uri server, string path, string service, IEnumerable<string> keys)
    {
        string file = Path.Combine(bench.Folder, path.Replace('/', '-')[1..] + ".lua");
        string settings = $"path = \"{path}\"\nservice = \"{service}\"\nkeys = {{ {string.Join(", ", keys.Select(k => $"\"{k}\""))} }}\n";
        await File.WriteAllTextAsync(file, settings + BenchContext.Embedded("post.lua"));
        return new Wrk(bench, file, server);
    }

    /// <summary>Runs until the server's code is compiled for good: its first 100,000 requests cost three times as much as later ones.</summary>
    public Task WarmAsync() => this.RunAsync(TimeSpan.FromSeconds(this.bench.Options.Quick ? 2 : 6));

    /// <summary>Runs it.</summary>
    /// <param name="duration">Rounded up to seconds.</param>
    /// <exception cref="BenchException">More than one answer in a thousand was not a 2xx.</exception>
    public async Task<Sample> RunAsync(TimeSpan duration)
    {
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(duration.TotalSeconds):F0}s");
        string run = (this.bench.TakeRequests(1_000_000) / 1_000_000).ToString(CultureInfo.InvariantCulture);
        string output = await ChildProcess.RunAsync(
            "wrk", "-t", "2", "-c", Connections.ToString(CultureInfo.InvariantCulture), "-d", seconds, "-s", this.script, this.server.ToString(), "--", run);
        string? line = output.Split('\n').SingleOrDefault(l => l.StartsWith("RESULT ", StringComparison.Ordinal));
        double[] figures = line is null
            ? throw new BenchException($"wrk did not report:\n{output}")
            : [.. line.Split(' ').Skip(1).Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
        (double requests, double micros, double p50Ms, double p99Ms, double bad) = (figures[0], figures[1], figures[2], figures[3], figures[4]);
        this.Bytes = (figures[5], figures[6] / requests);
        return bad * 1000 <= requests
            ? new Sample((requests - bad) / micros * 1e6, p50Ms, p99Ms)
            : throw new BenchException($"{bad:N0} of {requests:N0} answers of {this.server} were errors:\n{output}");
    }
}
