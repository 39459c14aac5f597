using System.Globalization;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Servers;
using OrleansBilling.Testing;

namespace OrleansBilling.Bench.Rows;

/// <summary>The SQL deduct by pgbench, prepared, one request at a time per client.</summary>
internal sealed class PgbenchRow(BenchContext bench, SqlRival rival, string name, bool hot, int quickClients) : IRow
{
    // Each client counts in steps of this from its own number.
    private const int MaxClients = 1000;

    private int clients;
    private string script = "";

    public string Name => name;

    public string How => $"pgbench -M prepared, {this.clients} clients";

    public async Task PrepareAsync()
    {
        await rival.SeededAsync();
        string statement = rival.Statement.Replace("@account", ":account", StringComparison.Ordinal)
            .Replace("@amount", SqlRival.Amount.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@request", ":request", StringComparison.Ordinal);
        string account = hot ? "1" : string.Create(CultureInfo.InvariantCulture, $"random(1, {bench.Options.Accounts})");
        this.script = Path.Combine(bench.Folder, name + ".pgbench");
        await File.WriteAllTextAsync(
            this.script, $"\\set account {account}\n\\set n :n + 1\n\\set request :first + :n * {MaxClients} + :client_id\n{statement};\n");
        this.clients = await ClientCount.ChooseAsync(bench, name, quickClients, hot ? [4, 8, 16, 32] : [16, 32, 64, 128], this.RunAsync);
    }

    public Task<Sample> RunAsync(TimeSpan duration) => this.RunAsync(this.clients, duration);

    private async Task<Sample> RunAsync(int count, TimeSpan duration)
    {
        BenchPostgres postgres = await bench.Postgres;
        string log = Path.Combine(Directory.CreateDirectory(Path.Combine(bench.Folder, name)).FullName, "log");
        int seconds = (int)Math.Ceiling(duration.TotalSeconds);
        string output = await ChildProcess.RunAsync(
            [Path.Combine(PostgresServer.BinFolder, "pgbench"), "-n", "-M", "prepared",
            "-c", Text(count), "-j", Text(Math.Min(count, Environment.ProcessorCount)), "-T", Text(seconds), "-f", this.script, "-D", "n=0",
            "-D", $"first={Text(bench.TakeRequests(seconds * 1_000_000L * MaxClients))}", "--log", "--sampling-rate=0.1", "--log-prefix=" + log,
            .. postgres.ClientArguments(SqlRival.Database)]);
        List<long> micros = [];
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(log)!))
        {
            micros.AddRange(File.ReadLines(file).Select(line => long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)));
            File.Delete(file);
        }

        micros.Sort();
        string rate = output.Split('\n').Single(l => l.StartsWith("tps = ", StringComparison.Ordinal)).Split(' ')[2];
        return new Sample(double.Parse(rate, CultureInfo.InvariantCulture), Percentile(micros, 0.5), Percentile(micros, 0.99));
    }

    private static double? Percentile(List<long> sorted, double share) =>
        sorted.Count == 0 ? null : sorted[Math.Min((int)(sorted.Count * share), sorted.Count - 1)] / 1000.0;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
