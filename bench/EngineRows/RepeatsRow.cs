using System.Globalization;
using Npgsql;
using OrleansBilling.Bench.Measuring;
using OrleansBilling.Bench.Rows;

namespace OrleansBilling.Bench.EngineRows;

/// <summary>
/// As <see cref="EngineRow"/>, with 1% repeats of ids that were journaled before the engine was restarted, so that no window
/// holds them. Each old id is sent once before any is sent again.
/// </summary>
internal sealed class RepeatsRow(BenchContext bench, EngineHost host, string name, bool hot, int callers) : IRow
{
    private const int Kept = 200_000;

    private (GrainId Grain, string RequestId)[] old = [];
    private int nextOld = -1;
    private int nextCall;

    public string Name => name;

    public string How => $"in process, {callers} callers, 1% repeats of ids from before a restart";

    public async Task PrepareAsync()
    {
        await host.StartAsync(host.Options);
        await host.SeedAsync();
        EngineRow before = new(bench, host, name, hot, callers);
        await before.RunAsync(TimeSpan.FromSeconds(5));
        this.old = await this.ReadOldAsync();
        await host.RestartAsync(host.Options);
        await host.WarmAsync();
    }

    public Task<Sample> RunAsync(TimeSpan duration) => ClosedLoop.RunAsync(callers, duration, _ =>
    {
        if (Interlocked.Increment(ref this.nextCall) % 100 == 0)
        {
            (GrainId grain, string requestId) = this.old[(int)((uint)Interlocked.Increment(ref this.nextOld) % (uint)this.old.Length)];
            return host.ChargeAsync(grain, requestId, replayed: true);
        }

        return host.ChargeAsync(
            hot ? EngineHost.Hot : host.Accounts[Random.Shared.Next(host.Accounts.Length)], bench.NextRequest().ToString(CultureInfo.InvariantCulture));
    });

    private async Task<(GrainId Grain, string RequestId)[]> ReadOldAsync()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(host.ConnectionString);
        await using NpgsqlCommand ask = source.CreateCommand(
            $"SELECT grain, request_id FROM billing.journal WHERE type = 'charged' AND (grain = $1) = $2 ORDER BY hash LIMIT {Kept}");
        ask.Parameters.Add(new NpgsqlParameter { Value = EngineHost.Hot.Path });
        ask.Parameters.Add(new NpgsqlParameter { Value = hot });
        List<(GrainId, string)> found = [];
        await using NpgsqlDataReader reader = await ask.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            found.Add((new GrainId(reader.GetString(0)), reader.GetString(1)));
        }

        return [.. found];
    }
}
