using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Journal.Postgres;

/// <summary>
/// Ends writer sessions that block this one for more than a second: a frozen host must not keep others from writing. It looks
/// only while an append takes that long, on a pooled session.
/// </summary>
internal sealed class Blockers : IAsyncDisposable
{
    // A look may come late, on a busy host, and find the next append, which has only just begun: the server says how long this one takes.
    private const string Sql = $"""
        SELECT a.pid, a.application_name, pg_terminate_backend(a.pid)
        FROM unnest(pg_blocking_pids($1)) AS b(pid) JOIN pg_stat_activity AS a ON a.pid = b.pid
        WHERE a.application_name LIKE '{Sessions.WriterPrefix}%' AND a.pid <> $1
          AND (SELECT s.query_start FROM pg_stat_activity AS s WHERE s.pid = $1) < clock_timestamp() - interval '900 milliseconds'
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly WriterIdentity self;
    private readonly NpgsqlDataSource pool;
    private readonly ILogger logger;
    private readonly ITimer timer;
    private int looking;
    private bool writing;

    public Blockers(WriterIdentity self, NpgsqlDataSource pool, TimeProvider time, ILogger logger)
    {
        this.self = self;
        this.pool = pool;
        this.logger = logger;
        this.timer = time.CreateTimer(static me => _ = ((Blockers)me!).LookAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>An append has begun.</summary>
    public void Watch()
    {
        Volatile.Write(ref this.writing, true);
        this.timer.Change(Patience, Interval);
    }

    /// <summary>It has ended.</summary>
    public void Rest()
    {
        Volatile.Write(ref this.writing, false);
        this.timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => this.timer.DisposeAsync();

    private async Task LookAsync()
    {
        if (!Volatile.Read(ref this.writing) || Interlocked.Exchange(ref this.looking, 1) != 0)
        {
            return;
        }

        try
        {
            await using NpgsqlCommand command = this.pool.CreateCommand(Sql);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = this.self.ProcessId });
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                Log.BlockerEnded(this.logger, this.self.Lane, reader.GetString(1), reader.GetInt32(0));
            }
        }
        catch (Exception e)
        {
            // The next look comes by itself; a database that cannot be asked ends the append by other means.
            Log.BlockersUnknown(this.logger, this.self.Lane, e.Message);
        }
        finally
        {
            Volatile.Write(ref this.looking, 0);
        }
    }
}
