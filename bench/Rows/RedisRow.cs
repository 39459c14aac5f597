using System.Globalization;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Rows;

/// <summary>
/// The deduct as a Redis script by redis-benchmark, without pipelining. The server is what is busy (redis-benchmark takes a
/// third of a core beside it), so that no other client would show more.
/// </summary>
internal sealed class RedisRow(BenchContext bench, RedisRival rival, string name, bool hot, int quickClients) : IRow
{
    private int clients;
    private double lastPerSecond = 20_000;

    public string Name => name;

    public string How => $"redis-benchmark, {this.clients} clients";

    public async Task PrepareAsync()
    {
        await this.RunAsync(quickClients, TimeSpan.FromSeconds(0.5));
        this.clients = await ClientCount.ChooseAsync(bench, name, quickClients, [32, 64, 128, 256, 512], this.RunAsync);
    }

    public Task<Sample> RunAsync(TimeSpan duration) => this.RunAsync(this.clients, duration);

    private async Task<Sample> RunAsync(int count, TimeSpan duration)
    {
        BenchRedis redis = await bench.Redis;
        string script = await rival.SeededAsync();

        // redis-benchmark takes a number of requests, not a time; each __rand_int__ becomes 12 random digits below -r.
        string account = hot ? "000000000001" : "__rand_int__";
        string request = $"{bench.NextRequest() / 1000 % 1_000_000_000}__rand_int____rand_int__";
        string requests = ((long)(this.lastPerSecond * duration.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        string output = await ChildProcess.RunAsync(
            "redis-benchmark", "-s", redis.Socket, "-c", count.ToString(CultureInfo.InvariantCulture), "-n", requests,
            "-r", bench.Options.Accounts.ToString(CultureInfo.InvariantCulture), "--csv",
            "EVALSHA", script, "3", "b:" + account, "r:" + request, "s:" + account, SqlRival.Amount.ToString(CultureInfo.InvariantCulture), request);

        // "command","rps","avg","min","p50","p95","p99","max"
        string[] figures = [.. output.TrimEnd().Split('\n')[^1].Split("\",\"").Select(f => f.Trim('"'))];
        double Figure(int index) => double.Parse(figures[index], CultureInfo.InvariantCulture);
        this.lastPerSecond = Figure(1);
        return new Sample(Figure(1), Figure(4), Figure(6));
    }
}

/// <summary>The Redis script and its accounts.</summary>
internal sealed class RedisRival(BenchContext bench)
{
    private readonly Lazy<Task<string>> seeded = new(() => SeedAsync(bench));

    /// <summary>The script's name (SHA-1), once the accounts are there.</summary>
    public Task<string> SeededAsync() => this.seeded.Value;

    private static async Task<string> SeedAsync(BenchContext bench)
    {
        BenchRedis redis = await bench.Redis;
        string count = bench.Options.Accounts.ToString(CultureInfo.InvariantCulture);
        await redis.AskAsync("EVAL", "for i = 0, tonumber(ARGV[1]) - 1 do redis.call('SET', string.format('b:%012d', i), '1000000000000000') end", "0", count);
        return (await redis.AskAsync("SCRIPT", "LOAD", BenchContext.Embedded("deduct.lua"))).Trim();
    }
}
