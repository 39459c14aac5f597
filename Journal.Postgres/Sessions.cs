using System.Globalization;
using Npgsql;

namespace OrleansBilling.Journal.Postgres;

/// <summary>How this host's connections are made.</summary>
internal sealed class Sessions
{
    /// <summary>Start of the names of all writer sessions in <c>pg_stat_activity</c>.</summary>
    public const string WriterPrefix = "billing-writer/";

    // Every statement here is known and goes by an index: a plan made while the table was small must not scan it when it is big.
    internal const string Plans = "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off";

    private readonly string host;
    private readonly string writer;
    private readonly string maintenance;
    private readonly string listener;

    public Sessions(PostgresJournalOptions options)
    {
        this.host = options.HostName;
        NpgsqlConnectionStringBuilder text;
        try
        {
            text = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        }
        catch (ArgumentException e)
        {
            // The message names the keyword, never a value.
            throw new JournalSetupException($"The connection string cannot be read: {e.Message} Write it as Npgsql does: Host=…;Database=…;Username=…;Password=…");
        }

        string? given = text.Options;
        text.Enlist = false;
        text.TcpKeepAlive = true;
        text.CancellationTimeout = 1000;
        if (text.Host?.Contains(',', StringComparison.Ordinal) == true)
        {
            // Of several servers only the primary: a read from a standby would be older than what was confirmed.
            text.TargetSessionAttributes = "primary";
        }

        NpgsqlConnectionStringBuilder pooled = new(text.ConnectionString)
        {
            ApplicationName = $"billing/{this.host}",
            Options = string.Join(' ', given, Plans, "-c statement_timeout=4000").Trim(),
            CommandTimeout = 5,
            Timeout = Math.Min(text.Timeout, 5),
            MaxAutoPrepare = 32,
            AutoPrepareMinUsages = 2,
        };
        this.Pool = new NpgsqlDataSourceBuilder(pooled.ConnectionString).Build();

        NpgsqlConnectionStringBuilder projection = new(text.ConnectionString)
        {
            ApplicationName = $"billing-usage/{this.host}",
            Options = string.Join(' ', given, "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c synchronous_commit=off -c lock_timeout=200 -c statement_timeout=60000").Trim(),
            CommandTimeout = 65,
            Timeout = Math.Min(text.Timeout, 5),
            MaxPoolSize = 2,
            MaxAutoPrepare = 16,
            AutoPrepareMinUsages = 2,
        };
        this.Projection = new NpgsqlDataSourceBuilder(projection.ConnectionString).Build();

        NpgsqlConnectionStringBuilder single = new(text.ConnectionString)
        {
            Pooling = false,
            Options = string.Join(' ', given, Plans, "-c statement_timeout=2000").Trim(),
            CommandTimeout = 8,
            Timeout = Math.Min(text.Timeout, 5),
            // A session that is given up is ended by the next one; to wait for its own end would take time from the calls.
            CancellationTimeout = -1,
            // One batch leaves in one piece, however this process is stopped in between.
            WriteBufferSize = 4 * 1024 * 1024,
        };
        this.writer = single.ConnectionString;

        this.maintenance = new NpgsqlConnectionStringBuilder(text.ConnectionString)
        {
            Pooling = false,
            ApplicationName = $"billing-setup/{this.host}",
            Options = string.Join(' ', given, "-c jit=off -c statement_timeout=0").Trim(),
            CommandTimeout = 0,
        }.ConnectionString;

        this.listener = new NpgsqlConnectionStringBuilder(text.ConnectionString)
        {
            Pooling = false,
            ApplicationName = $"billing-listener/{this.host}",
            KeepAlive = 10,
        }.ConnectionString;
    }

    /// <summary>Short statements.</summary>
    public NpgsqlDataSource Pool { get; }

    /// <summary>The projection of usage: few sessions, longer statements, and rows found by block ranges of the commit order.</summary>
    public NpgsqlDataSource Projection { get; }

    /// <summary>A lane's session, never pooled; not open yet.</summary>
    public NpgsqlConnection Writer(int lane) => new(new NpgsqlConnectionStringBuilder(this.writer)
    {
        ApplicationName = string.Create(CultureInfo.InvariantCulture, $"{WriterPrefix}{this.host}/{lane}"),
    }.ConnectionString);

    /// <summary>Long statements: migrations and proofs; not open yet.</summary>
    public NpgsqlConnection Maintenance() => new(this.maintenance);

    /// <summary>A session that only listens; not open yet.</summary>
    public NpgsqlConnection Listener() => new(this.listener);
}
