namespace OrleansBilling.Bench.Servers;

/// <summary>A private Redis on a unix socket that writes every command to disk before it replies.</summary>
internal sealed class BenchRedis : IAsyncDisposable
{
    private readonly ChildProcess server;

    private BenchRedis(ChildProcess server, string socket)
    {
        this.server = server;
        this.Socket = socket;
    }

    /// <summary>The path of its socket.</summary>
    public string Socket { get; }

    /// <summary>Starts one in a folder.</summary>
    public static async Task<BenchRedis> StartAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        string socket = Path.Combine(folder, "redis.sock");

        // No rewrite of the log while it is measured: that would only slow it.
        ChildProcess started = ChildProcess.Start(
            ChildProcess.Terminate, null, "redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder, "--appendonly", "yes",
            "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0");
        BenchRedis redis = new(started, socket);
        try
        {
            await started.WaitForAsync("Redis", async () => (await redis.AskAsync("PING")).Trim() == "PONG");
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends one command with redis-cli and returns what it prints.</summary>
    public Task<string> AskAsync(params string[] command) => ChildProcess.RunAsync(["redis-cli", "-e", "-s", this.Socket, .. command]);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => this.server.DisposeAsync();
}
