using System.Globalization;
using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Http;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Servers;
#if ORLEANS
using Microsoft.Extensions.DependencyInjection;
using OrleansBilling.Bench.Cluster;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Orleans;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Hosting.Orleans.Gateways;
#endif

namespace OrleansBilling.Bench.Sketches;

/// <summary>What one charge, and one <c>/v1/verify</c>, use of disk, log, network and CPU; docs/scaling.md reckons with it. Needs <c>ss</c>.</summary>
internal static class Units
{
    /// <summary>The command line's first word that measures this.</summary>
    public const string Verb = "units";

    /// <summary>Measures and prints.</summary>
    /// <param name="args">As for the bench: <c>--seconds</c>, <c>--experiment</c>.</param>
    public static async Task RunAsync(string[] args)
    {
        Options options = Options.Parse([.. args, "--rounds", "1", "--experiment", "tcp"]);
        await using BenchContext bench = new(options);
        await EngineAsync(bench, hot: false);
        await EngineAsync(bench, hot: true);
        await VerifyAsync(bench);
#if ORLEANS
        await MemoryAsync();
        await VerifyOverSiloAsync(bench);
#endif
    }

    private static async Task EngineAsync(BenchContext bench, bool hot)
    {
        await using EngineHost host = new(bench, hot ? "units_hot" : "units_many");
        EngineRow row = new(bench, host, "units", hot, callers: 1024);
        await row.PrepareAsync();
        Consumption before = await Consumption.ReadAsync(host.ConnectionString);
        Sample sample = await row.RunAsync(bench.Options.Duration);
        Consumption after = await Consumption.ReadAsync(host.ConnectionString);
        Print($"a charge, {(hot ? "one account" : "100,000 accounts")}, in process, 1,024 callers", before, after, ("engine", sample.CpuMicros ?? 0));
    }

    private static async Task VerifyAsync(BenchContext bench)
    {
        string connection = await (await bench.Postgres).CreateDatabaseAsync("units_http");
        await using VerifyRow row = new(bench, Settings(bench, connection));
        await row.PrepareAsync();
        await WarmAsync(row);
        await MeasureVerifyAsync(bench, row, connection, "a verify with a charge, host with its own engine", null);
    }

    // CPU is what is asked for here, and it falls for as long as code is compiled again.
    private static Task<Sample> WarmAsync(VerifyRow row) => row.RunAsync(TimeSpan.FromSeconds(15));

    private static Dictionary<string, string> Settings(BenchContext bench, string connection) => new(StringComparer.Ordinal)
    {
        ["Billing__ConnectionString"] = connection,
        ["Billing__DataFolder"] = Path.Combine(bench.Folder, "units"),
    };

    private static async Task MeasureVerifyAsync(BenchContext bench, VerifyRow row, string connection, string what, (ChildProcess Process, int GatewayPort)? silo)
    {
        TimeSpan SiloCpu() => silo is { } s ? Consumption.CpuOf(s.Process.Id) : TimeSpan.Zero;
        async Task<long> GatewayAsync() => silo is { } s && await Consumption.SocketBytesAsync(s.GatewayPort) is var (sent, received) ? sent + received : 0;
        Consumption before = await Consumption.ReadAsync(connection);
        (TimeSpan host, TimeSpan siloCpu, long gateway) = (Consumption.CpuOf(row.ProcessId), SiloCpu(), await GatewayAsync());
        Sample sample = await row.RunAsync(bench.Options.Duration);
        (TimeSpan hostAfter, TimeSpan siloAfter, long gatewayAfter) = (Consumption.CpuOf(row.ProcessId), SiloCpu(), await GatewayAsync());
        Consumption after = await Consumption.ReadAsync(connection);
        double rows = after.Rows - before.Rows;
        Print(what, before, after, (silo is null ? "host" : "front end", (hostAfter - host).TotalMicroseconds / rows));
        Line("HTTP request", row.Bytes.Request, "B");
        Line("HTTP reply", row.Bytes.Reply, "B");
        if (silo is not null)
        {
            Line("CPU of the silo", (siloAfter - siloCpu).TotalMicroseconds / rows, "us");
            Line("front end and silo, both ways", (gatewayAfter - gateway) / rows, "B");
        }

        Line("per second", sample.PerSecond ?? 0, "");
    }

    private static void Print(string what, Consumption before, Consumption after, (string Where, double Micros) cpu)
    {
        double rows = after.Rows - before.Rows;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} ({rows:N0} rows)"));
        Line("log", (after.LogBytes - before.LogBytes) / rows, "B");
        Line("table", (after.TableBytes - before.TableBytes) / rows, "B");
        Line("indexes", (after.IndexBytes - before.IndexBytes) / rows, "B");
        Line("to PostgreSQL", (after.ReceivedBytes - before.ReceivedBytes) / rows, "B");
        Line("from PostgreSQL", (after.SentBytes - before.SentBytes) / rows, "B");
        Line("CPU of PostgreSQL", (after.PostgresCpu - before.PostgresCpu).TotalMicroseconds / rows, "us");
        Line("CPU of the " + cpu.Where, cpu.Micros, "us");
    }

    private static void Line(string what, double figure, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-30} {figure,10:N1} {unit}"));

#if ORLEANS
    private static async Task MemoryAsync()
    {
        const int Accounts = 100_000;
        await using SyntheticJournal journal = new();
        await using Engine engine = BytesPerAccountRow.New(journal, Accounts);
        EngineOfSilo host = new(engine);
        await engine.StartAsync();
        await using LocalSilo silo = await LocalSilo.StartAsync(s =>
        {
            ClusterSilo.Configure(s);
            s.Services.AddSingleton(host);
        });
        Line("heap per idle account on a silo", await BytesPerAccountRow.MeasureAsync(new OrleansGrains(new OneGateway(silo.Client), TimeProvider.System), Accounts), "B");
    }

    private static async Task VerifyOverSiloAsync(BenchContext bench)
    {
        string connection = await (await bench.Postgres).CreateDatabaseAsync("units_orleans");
        (ChildProcess Process, int GatewayPort) silo = await SiloProcess.StartAsync(connection);
        await using ChildProcess process = silo.Process;
        Dictionary<string, string> settings = Settings(bench, connection);
        settings["Billing__Engine"] = "orleans";
        settings["Billing__DataFolder"] = Path.Combine(bench.Folder, "units-orleans");
        await using VerifyRow row = new(bench, settings);
        await row.PrepareAsync();
        await WarmAsync(row);
        await MeasureVerifyAsync(bench, row, connection, "a verify with a charge, front end and one silo", silo);
    }
#endif
}
