using System.Text;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.ApiHost.Telemetry;
using OrleansBilling.Grains;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Orleans;
using OrleansBilling.Hosting.Orleans.Cluster;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.Silo;

/// <summary>What a silo decides with: the journal, in company, and an engine on it.</summary>
internal sealed class JournalAndEngine : IAsyncDisposable
{
    private const int MaxHostName = 32;

    private readonly PostgresJournal journal;
    private readonly Engine engine;
    private readonly EngineTelemetry telemetry;

    private JournalAndEngine(PostgresJournal journal, Engine engine)
    {
        this.journal = journal;
        this.engine = engine;
        this.telemetry = new EngineTelemetry(engine);
        this.Grains = new EngineOfSilo(engine);
    }

    /// <summary>What the silo's grains lead to.</summary>
    public EngineOfSilo Grains { get; }

    /// <summary>Opens the journal, brings both schemas up to this release, and starts the engine.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="cluster">How long grains stay in memory.</param>
    /// <param name="name">The silo's name, for operators.</param>
    /// <param name="logs">Where it logs.</param>
    public static async Task<JournalAndEngine> StartAsync(BillingOptions options, ClusterSettings cluster, string name, ILoggerFactory logs)
    {
        PostgresJournalOptions place = new() { ConnectionString = options.ConnectionString!, HostName = HostName(name), Shared = true };
        ILogger<PostgresJournal> log = logs.CreateLogger<PostgresJournal>();
        PostgresJournal opened = await PostgresJournal.OpenAsync(options.Lanes is { } lanes ? place with { Lanes = lanes } : place, TimeProvider.System, log);
        try
        {
            await MembershipSchema.ApplyAsync(options.ConnectionString!, log);
            PriceBook prices = await PriceBook.OpenAsync(opened.Prices, options.Prices, CancellationToken.None);
            EngineOptions running = new()
            {
                MaxActivations = options.MaxActivations,

                // Orleans collects by age, and tells the engine; what Orleans never had, or gave up, goes a little later.
                IdleTime = cluster.CollectionAge + TimeSpan.FromMinutes(2),
            };
            Engine made = new(opened, running, GrainKinds.All, prices, TimeProvider.System, logs.CreateLogger<Engine>());
            JournalAndEngine parts = new(opened, made);
            await made.StartAsync();
            return parts;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.engine.DisposeAsync();
        this.telemetry.Dispose();
        await this.journal.DisposeAsync();
    }

    private static string HostName(string name)
    {
        StringBuilder text = new();
        foreach (char c in name.AsSpan(0, Math.Min(name.Length, MaxHostName)))
        {
            text.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-');
        }

        return text.ToString();
    }
}
