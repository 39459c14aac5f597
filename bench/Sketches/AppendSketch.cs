using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench.Sketches;

/// <summary>
/// What a group commit costs PostgreSQL alone, under different tables and settings: batches of 1,000 ready-made charge rows by
/// one prepared statement, without an engine. Shows rows per second, CPU of the writer's backend and WAL per event.
/// </summary>
internal static class AppendSketch
{
    /// <summary>The command line's first word that runs it.</summary>
    public const string Verb = "sketch-append";

    private const int BatchRows = 1000;

    /// <summary>Runs all variants, or those whose name contains a word.</summary>
    public static async Task RunAsync(string[] words)
    {
        Options options = Options.Parse([]);
        await using BenchContext bench = new(options);
        BenchPostgres postgres = await bench.Postgres;
        Console.WriteLine($"{"variant",-34} {"many/s",9} {"us CPU",7} {"WAL B",6}   {"one/s",9} {"us CPU",7} {"WAL B",6}");
        foreach (Variant variant in Variant.All.Where(v => words.Length == 0 || words.Any(w => v.Name.Contains(w, StringComparison.Ordinal))))
        {
            Figures many = await MeasureAsync(postgres, variant, bench, hot: false);
            Figures hot = await MeasureAsync(postgres, variant, bench, hot: true);
            Console.WriteLine($"{variant.Name,-34} {many} {hot}");
        }
    }

    private static async Task<Figures> MeasureAsync(BenchPostgres postgres, Variant variant, BenchContext bench, bool hot)
    {
        string database = "sketch" + bench.NextRequest().ToString(CultureInfo.InvariantCulture);
        string connection = await postgres.CreateDatabaseAsync(database);
        Figures figures;
        await using (NpgsqlDataSource source = NpgsqlDataSource.Create(connection))
        {
            await using (NpgsqlCommand create = source.CreateCommand(variant.Tables))
            {
                await create.ExecuteNonQueryAsync();
            }

            Writer[] writers = new Writer[variant.Lanes];
            for (int lane = 0; lane < writers.Length; lane++)
            {
                writers[lane] = await Writer.OpenAsync(source, variant, bench, hot, lane);
                await writers[lane].AppendAsync();
            }

            if (!hot)
            {
                // Pages of the indexes are there before it is measured.
                await Task.WhenAll(writers.Select(w => w.RunAsync(TimeSpan.FromSeconds(2))));
            }

            long walBefore = await Writer.WalAsync(source);
            double[] cpuBefore = [.. writers.Select(w => w.CpuMicros())];
            long started = Stopwatch.GetTimestamp();
            long events = (await Task.WhenAll(writers.Select(w => w.RunAsync(TimeSpan.FromSeconds(4))))).Sum();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            double cpu = writers.Select((w, i) => w.CpuMicros() - cpuBefore[i]).Sum();
            figures = new Figures(events / seconds, cpu / events, (double)(await Writer.WalAsync(source) - walBefore) / events);
            foreach (Writer writer in writers)
            {
                await writer.DisposeAsync();
            }
        }

        await postgres.ExecuteAsync($"DROP DATABASE {database} WITH (FORCE)");
        await postgres.ExecuteAsync("CHECKPOINT");
        return figures;
    }

    private readonly record struct Figures(double PerSecond, double CpuMicros, double WalBytes)
    {
        public override string ToString() => $"{this.PerSecond,9:N0} {this.CpuMicros,7:F1} {this.WalBytes,6:N0}  ";
    }

    private sealed class Writer(NpgsqlConnection connection, NpgsqlCommand insert, Variant variant, BenchContext bench, bool hot, int lane) : IAsyncDisposable
    {
        private readonly Dictionary<int, long> seqs = [];
        private readonly Random random = new(lane + 1);

        public static async Task<Writer> OpenAsync(NpgsqlDataSource source, Variant variant, BenchContext bench, bool hot, int lane)
        {
            NpgsqlConnection connection = await source.OpenConnectionAsync();
            if (variant.Session.Length > 0)
            {
                await using NpgsqlCommand set = new(variant.Session, connection);
                await set.ExecuteNonQueryAsync();
            }

            NpgsqlCommand insert = new(variant.Insert, connection);
            NpgsqlDbType[] types =
            [
                NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.TimestampTz, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Bytea,
                NpgsqlDbType.Bytea, NpgsqlDbType.Bytea,
            ];
            foreach (NpgsqlDbType type in types)
            {
                insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type });
            }

            await insert.PrepareAsync();
            return new Writer(connection, insert, variant, bench, hot, lane);
        }

        public static async Task<long> WalAsync(NpgsqlDataSource source)
        {
            await using NpgsqlCommand ask = source.CreateCommand("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint");
            return (long)(await ask.ExecuteScalarAsync())!;
        }

        public double CpuMicros()
        {
            string[] stat = File.ReadAllText($"/proc/{connection.ProcessID}/stat").Split(") ")[1].Split(' ');
            return (long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture)) * 10_000.0;
        }

        public async Task<long> RunAsync(TimeSpan duration)
        {
            long events = 0;
            long started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                events += await this.AppendAsync();
            }

            return events;
        }

        public async Task<int> AppendAsync()
        {
            int rows = hot ? Math.Max(1, BatchRows / variant.EventsPerRow) : BatchRows;
            int perRow = hot ? variant.EventsPerRow : 1;
            int[] accounts = new int[rows];
            for (int i = 0; i < rows; i++)
            {
                accounts[i] = hot ? lane : (this.random.Next(bench.Options.Accounts / variant.Lanes) * variant.Lanes) + lane;
            }

            string[] grains = new string[rows];
            string[] requests = new string[rows];
            string[] data = new string[rows];
            long[] seq = new long[rows];
            Array.Sort(accounts);
            for (int i = 0; i < rows; i++)
            {
                grains[i] = string.Create(CultureInfo.InvariantCulture, $"account/acct{accounts[i]:D7}");
                seq[i] = this.seqs[accounts[i]] = this.seqs.GetValueOrDefault(accounts[i]) + 1;
                requests[i] = bench.NextRequest().ToString(CultureInfo.InvariantCulture);
                string one = string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"amountNanos":1000,"balanceNanos":{{99_999_000 - seq[i]}}000,"totalSpentNanos":{{seq[i]}}000,"meter":"api_request","quantity":1,"takes":[{"grant":2,"nanos":1000,"priority":50}]}""");
                data[i] = perRow == 1 ? one : string.Concat(Enumerable.Repeat(one + requests[i], perRow));
            }

            object[] values =
            [
                grains, seq, Enumerable.Repeat(DateTime.UtcNow, rows).ToArray(), Enumerable.Repeat("charged", rows).ToArray(), Enumerable.Repeat("", rows).ToArray(),
                requests, requests.Select(r => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes("body"))).ToArray(),
                data.Select(System.Text.Encoding.UTF8.GetBytes).ToArray(), requests.Select(r => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(r))).ToArray(),
            ];
            for (int i = 0; i < values.Length; i++)
            {
                insert.Parameters[i].Value = values[i];
            }

            await insert.ExecuteNonQueryAsync();
            return rows * perRow;
        }

        public async ValueTask DisposeAsync()
        {
            await insert.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
