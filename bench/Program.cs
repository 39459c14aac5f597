using System.Text.Json;
using OrleansBilling.Bench;
#if ORLEANS
using OrleansBilling.Bench.Cluster;
#endif
using OrleansBilling.Bench.EngineRows;
using OrleansBilling.Bench.Http;
using OrleansBilling.Bench.Keys;
using OrleansBilling.Bench.Kills;
using OrleansBilling.Bench.Nodes;
using OrleansBilling.Bench.Report;
using OrleansBilling.Bench.Rows;
using OrleansBilling.Bench.Sketches;

if (args is [BareEndpoint.Verb, string url])
{
    await BareEndpoint.ServeAsync(url);
    return 0;
}

if (args is [AppendSketch.Verb, .. string[] words])
{
    await AppendSketch.RunAsync(words);
    return 0;
}

if (args is [Units.Verb, .. string[] settings])
{
    await Units.RunAsync(settings);
    return 0;
}

if (args.Contains("--help"))
{
    Console.WriteLine(Options.Usage);
    return 0;
}

try
{
    Options options = Options.Parse(args);
    await using BenchContext bench = new(options);
    if (options.Experiment(KillsExperiment.Name) is { } forms)
    {
        await KillsExperiment.RunAsync(bench, forms);
        return 0;
    }

    if (options.Experiment(KeysExperiment.Name) is { } parts)
    {
        await KeysExperiment.RunAsync(bench, parts);
        return 0;
    }

    SqlRival sql = new(bench);
    RedisRival redis = new(bench);
    await using EngineHost host = new(bench, "engine");
    await using ColdAccountRow cold = new(bench);
    await using VerifyRow verify = new(bench);
    await using BareRow bare = new(bench);

    // Two pairs: what one row leaves in memory would be news to the other row's nodes.
    await using TwoNodes byAccount = new(bench, "nodes2_affinity");
    await using TwoNodes inTurn = new(bench, "nodes2_roundrobin");
#if ORLEANS
    await using ClusterRows cluster = new(bench);
    IReadOnlyList<IRow> behindOrleans = cluster.All;
    const string? LeftOut = null;
#else
    IReadOnlyList<IRow> behindOrleans = [];
    const string? LeftOut = "The rows orleans_* are left out: this was built without Microsoft Orleans. ./dev builds with it wherever the package registry has its packages, and says which it lacks.";
#endif
    IRow[] all =
    [
        new BytesPerAccountRow(bench),
        cold,
        new EngineRow(bench, host, "engine_many_64", hot: false, callers: 64),
        new EngineRow(bench, host, "engine_many_1024", hot: false, callers: 1024),
        new EngineRow(bench, host, "engine_hot_64", hot: true, callers: 64),
        new EngineRow(bench, host, "engine_hot_1024", hot: true, callers: 1024),
        new PgbenchRow(bench, sql, "sql_many", hot: false, quickClients: 64),
        new PgbenchRow(bench, sql, "sql_hot", hot: true, quickClients: 8),
        new NpgsqlRow(bench, sql, "npgsql_many", hot: false, quickClients: 32),
        new NpgsqlRow(bench, sql, "npgsql_hot", hot: true, quickClients: 8),
        new RedisRow(bench, redis, "redis_many", hot: false, quickClients: 256),
        new RedisRow(bench, redis, "redis_hot", hot: true, quickClients: 256),
        verify,
        bare,
    ];
    if (!options.Quick || options.Only.Count > 0)
    {
        all =
        [
            .. all,
            new RepeatsRow(bench, host, "repeats_many", hot: false, callers: 1024),
            new RepeatsRow(bench, host, "repeats_hot", hot: true, callers: 1024),
            new TargetRow(bench, byAccount.ByAccount, "nodes2_affinity", "two engines in company, by account", hot: false, callers: 1024),
            new TargetRow(bench, inTurn.InTurn, "nodes2_roundrobin", "two engines in company, in turn", hot: false, callers: 1024),
            .. behindOrleans,
        ];
    }

    IRow[] rows = [.. all.Where(row => options.Wants(row.Name))];
    if (rows.Length == 0)
    {
        throw new UsageException($"--only names no row; there are {string.Join(", ", all.Select(r => r.Name))}. {LeftOut}");
    }

    IReadOnlyList<Result> results = await Rounds.RunAsync(bench, rows);
    Table.Print(Console.Out, results, options.Quick || (options.Only.Count > 0 && !options.Only.Any(o => o.StartsWith("orleans", StringComparison.Ordinal))) ? null : LeftOut);
    if (options.JsonFile is not null)
    {
        await File.WriteAllTextAsync(
            options.JsonFile, JsonSerializer.Serialize([.. results.Select(JsonRow.From)], ReportJsonContext.Default.JsonRowArray) + "\n");
    }

    return 0;
}
catch (BenchException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return e is UsageException ? 2 : 1;
}
