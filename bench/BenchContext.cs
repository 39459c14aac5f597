using System.Diagnostics;
using OrleansBilling.Bench.Servers;

namespace OrleansBilling.Bench;

/// <summary>What the rows of one run share: options, a temp folder, servers started when first needed.</summary>
internal sealed class BenchContext : IAsyncDisposable
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Lazy<Task<BenchPostgres>> postgres;
    private readonly Lazy<Task<BenchRedis>> redis;
    private long lastRequest;

    public BenchContext(Options options)
    {
        this.Options = options;
        this.Folder = Directory.CreateTempSubdirectory("ob-bench-").FullName;
        this.postgres = new(() => BenchPostgres.StartAsync(options));
        this.redis = new(() => BenchRedis.StartAsync(Path.Combine(this.Folder, "redis")));
        this.lastRequest = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds * 1000;
    }

    public Options Options { get; }

    /// <summary>Gone at the end.</summary>
    public string Folder { get; }

    /// <summary>The one PostgreSQL that the engine and its SQL rivals are measured on.</summary>
    public Task<BenchPostgres> Postgres => this.postgres.Value;

    public Task<BenchRedis> Redis => this.redis.Value;

    /// <summary>The next of the run's unique request ids: 19 digits, growing with time.</summary>
    public long NextRequest() => Interlocked.Increment(ref this.lastRequest);

    /// <summary>Takes a range of request ids for a client that counts by itself.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The first.</returns>
    public long TakeRequests(long count) => Interlocked.Add(ref this.lastRequest, count) - count + 1;

    /// <summary>Says on standard error where the run is.</summary>
    public void Progress(string what) => Console.Error.WriteLine($"[{this.clock.Elapsed.TotalSeconds,6:F1} s] {what}");

    /// <summary>Writes a text that is embedded in this program to a file that every user may read.</summary>
    /// <param name="name">Its file name.</param>
    public async Task<string> ExtractAsync(string name)
    {
        string path = Path.Combine(this.Folder, name);
        await File.WriteAllTextAsync(path, Embedded(name));
        return path;
    }

    /// <summary>A text that is embedded in this program.</summary>
    /// <param name="name">Its file name.</param>
    public static string Embedded(string name)
    {
        System.Reflection.Assembly assembly = typeof(BenchContext).Assembly;
        string resource = assembly.GetManifestResourceNames().Single(n => n.EndsWith("." + name, StringComparison.Ordinal));
        using StreamReader reader = new(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (this.redis.IsValueCreated && this.redis.Value.IsCompletedSuccessfully)
        {
            await (await this.redis.Value).DisposeAsync();
        }

        if (this.postgres.IsValueCreated && this.postgres.Value.IsCompletedSuccessfully)
        {
            await (await this.postgres.Value).DisposeAsync();
        }

        Directory.Delete(this.Folder, recursive: true);
    }
}
