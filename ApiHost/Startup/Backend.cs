using System.Text;
using OrleansBilling.ApiHost.Accounts;
using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Heads;
using OrleansBilling.ApiHost.Keys;
using OrleansBilling.ApiHost.Keys.Hashing;
using OrleansBilling.ApiHost.Pricing;
using OrleansBilling.ApiHost.Telemetry;
using OrleansBilling.Grains;
using OrleansBilling.Hosting;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Journal.Postgres;

namespace OrleansBilling.ApiHost.Startup;

/// <summary>Everything behind the front end: the journal on PostgreSQL, the grains here or elsewhere, the pepper.</summary>
internal sealed class Backend : IAsyncDisposable
{
    /// <summary>What to do about a missing database.</summary>
    public const string NoConnectionString =
        "Billing:ConnectionString is missing: set Billing__ConnectionString to a PostgreSQL database, such as 'Host=localhost;Database=billing;Username=billing'.";

    private const int MaxHostName = 32;

    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(30);

    /// <summary>How long a front end looks for its database and for a silo when it is asked whether it is ready.</summary>
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource ending = new();
    private readonly List<Task> running = [];
    private HeadsExport? heads;

    private readonly IAsyncDisposable grainsEnd;
    private readonly UsageTelemetry usageTelemetry;
    private EngineTelemetry? published;

    private Backend(PostgresJournal journal, IGrains grains, ICluster cluster, IAsyncDisposable grainsEnd, Pepper pepper, PriceBook prices, KeyHasher hasher)
    {
        this.Journal = journal;
        this.Cluster = cluster;
        this.Prices = prices;
        this.Grains = grains;
        this.grainsEnd = grainsEnd;
        this.Pepper = pepper;
        this.Hasher = hasher;
        this.Issuer = new KeyIssuer(grains, pepper, hasher);
        this.Uses = new KeyUseLog(journal.KeyUses, TimeProvider.System);
        this.usageTelemetry = new UsageTelemetry(journal.UsageProjector, TimeProvider.System);
    }

    /// <summary>The truth.</summary>
    public PostgresJournal Journal { get; }

    /// <summary>The grains.</summary>
    public IGrains Grains { get; }

    /// <summary>Who hosts them.</summary>
    public ICluster Cluster { get; }

    /// <summary>What keeps this process from doing its part, or null; no probe where the system account is asked for that.</summary>
    public Func<CancellationToken, ValueTask<Denied?>>? Probe { get; private init; }

    /// <summary>Proves keys.</summary>
    public Pepper Pepper { get; }

    /// <summary>The prices.</summary>
    public PriceBook Prices { get; }

    /// <summary>Makes and checks the hashes of keys.</summary>
    public KeyHasher Hasher { get; }

    /// <summary>Makes keys.</summary>
    public KeyIssuer Issuer { get; }

    /// <summary>Knows when keys were last used.</summary>
    public KeyUseLog Uses { get; }

    /// <summary>Opens the journal, and starts the engine or connects to the cluster.</summary>
    /// <param name="options">The section Billing.</param>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="logs">Where it logs.</param>
    /// <exception cref="StartException">It cannot; the message says why and what to do.</exception>
    public static async Task<Backend> StartAsync(BillingOptions options, IConfiguration configuration, ILoggerFactory logs)
    {
        if (Argon2.Problem is { } problem)
        {
            throw new StartException(problem);
        }

        Pepper pepper = PepperSource.Take(options);
        KeyHasher hasher = new(options.KeyHashConcurrency, options.KeyHashQueue);
        PostgresJournal? journal = null;
        try
        {
            journal = await OpenAsync(options, logs);
            await PepperSource.ClaimAsync(pepper, fingerprint => journal.ClaimPepperAsync(fingerprint, CancellationToken.None));
            PriceBook prices = await PriceBook.OpenAsync(journal.Prices, options.Prices, CancellationToken.None);
            if (options.Engine == EngineKind.Orleans)
            {
                RemoteGrains remote = await RemoteGrains.ConnectAsync(options, configuration, logs);
                PostgresJournal read = journal;
                return new Backend(journal, remote.Grains, remote.Cluster, remote.Connection, pepper, prices, hasher) { Probe = ct => ProbeAsync(read, remote, ct) };
            }

            await RefuseBesideOthersAsync(journal);
            Engine engine = new(
                journal,
                new EngineOptions { MaxActivations = options.MaxActivations },
                GrainKinds.All,
                prices,
                TimeProvider.System,
                logs.CreateLogger<Engine>());
            EngineTelemetry telemetry = new(engine);
            await engine.StartAsync();
            LocalCluster self = new(engine, Environment.MachineName, journal.Shared, TimeProvider.System);
            return new Backend(journal, engine, self, engine, pepper, prices, hasher) { published = telemetry };
        }
        catch (Exception e)
        {
            if (journal is not null)
            {
                await journal.DisposeAsync();
            }

            throw e switch
            {
                JournalUnavailableException => new StartException(
                    $"{e.Message}. Is PostgreSQL running there, does the database exist, and does Billing:ConnectionString name the right host, port, user and password?"),
                JournalSetupException or JournalOccupiedException => new StartException(e.Message),
                _ => e,
            };
        }
    }

    /// <summary>Makes this host's pepper the database's.</summary>
    /// <param name="options">The section Billing.</param>
    /// <param name="logs">Where it logs.</param>
    /// <returns>What was done, for whoever asked.</returns>
    /// <exception cref="StartException">It cannot; the message says why and what to do.</exception>
    public static async Task<string> ReplacePepperAsync(BillingOptions options, ILoggerFactory logs)
    {
        Pepper pepper = PepperSource.Take(options);
        try
        {
            await using PostgresJournal journal = await OpenAsync(options, logs);
            string? old = await journal.ReplacePepperAsync(pepper.Fingerprint, CancellationToken.None);
            return old == pepper.Fingerprint
                ? $"This host's pepper, {pepper.Fingerprint}, is the database's already."
                : $"The database's pepper is {pepper.Fingerprint} now, instead of {old ?? "none"}. Give it to every host and start them again; move the exported heads away, the new ones are signed anew.";
        }
        catch (JournalUnavailableException e)
        {
            throw new StartException(e.Message);
        }
    }

    /// <summary>What the front end's routes stand on.</summary>
    /// <param name="options">The configuration.</param>
    public FrontendParts FrontendParts(BillingOptions options)
    {
        KeyProofs proofs = new(this.Journal, this.Grains, this.Pepper.Fingerprint, TimeProvider.System);
        return new FrontendParts(this.Grains, proofs, this.Pepper, options, TimeProvider.System)
        {
            Hasher = this.Hasher,
            Journal = this.Journal,
            Prices = this.Prices,
            Cluster = this.Cluster,
            Rows = this.Journal.ReadLastRowsAsync,
            Probe = this.Probe,
            Uses = this.Uses,
        };
    }

    /// <summary>Makes sure that the system account and an admin key exist; waits a while for a journal that is just coming up.</summary>
    /// <returns>The first admin key, whole, where this call made it.</returns>
    /// <exception cref="StartException">The journal does not decide.</exception>
    public async Task<string?> EnsureSystemAsync()
    {
        FirstStart first = new(this.Grains, this.Issuer);
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await first.EnsureAsync();
            }
            catch (StartException) when (TimeProvider.System.GetElapsedTime(began) < PatienceAtStart)
            {
                // Each try waits for the journal itself; the log says what is in the way.
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    /// <summary>Starts to finish what a crash left of keys.</summary>
    /// <param name="log">Where trouble is told of.</param>
    public void StartOutbox(ILogger<KeyOutbox> log) =>
        this.running.Add(new KeyOutbox(this.Issuer, this.Journal.Outbox, TimeProvider.System, log).RunAsync(this.ending.Token));

    /// <summary>Starts to write when keys were last used; the last time is when the host stops.</summary>
    /// <param name="log">Where trouble is told of.</param>
    public void StartUses(ILogger<KeyUseLog> log) => this.running.Add(this.Uses.RunAsync(log, this.ending.Token));

    /// <summary>Starts to keep the directory of accounts.</summary>
    /// <param name="log">Where trouble is told of.</param>
    public void StartDirectory(ILogger<DirectoryProjection> log) =>
        this.running.Add(new DirectoryProjection(this.Journal.Directory, TimeProvider.System, log).RunAsync(this.ending.Token));

    /// <summary>Starts to keep the sums of usage.</summary>
    /// <param name="log">Where trouble is told of.</param>
    public void StartUsage(ILogger<UsageProjection> log) =>
        this.running.Add(new UsageProjection(this.Journal.UsageProjector, TimeProvider.System, log).RunAsync(this.ending.Token));

    /// <summary>Starts to export the heads of the chains, where that is configured; the last export is when the host stops.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="log">Where trouble is told of.</param>
    public void StartHeads(BillingOptions options, ILogger<HeadsExport> log)
    {
        if (options.HeadsInterval > TimeSpan.Zero)
        {
            this.heads = new HeadsExport(this.Journal.Heads, new HeadsFolder(options.HeadsFolder, this.Pepper), options.HeadsInterval, TimeProvider.System, log);
            this.running.Add(this.heads.RunAsync(this.ending.Token));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.ending.CancelAsync();
        await Task.WhenAll(this.running);
        this.usageTelemetry.Dispose();
        await this.grainsEnd.DisposeAsync();
        this.published?.Dispose();
        if (this.heads is not null)
        {
            await this.heads.ExportAsync(HeadsExport.LongestTimeAtStop, CancellationToken.None);
        }

        await this.Journal.DisposeAsync();
        this.Hasher.Dispose();
        this.ending.Dispose();
    }

    // What a front end needs of its own: the database, for keys' proofs and statements, and some silo. Not any one account's silo: one
    // that stands still must not have all front ends called down.
    private static async ValueTask<Denied?> ProbeAsync(PostgresJournal journal, RemoteGrains remote, CancellationToken ct)
    {
        Task<bool> connected = remote.IsConnectedAsync(ProbeTime, ct);
        try
        {
            await journal.ReadClockAsync(ct).WaitAsync(ProbeTime, ct);
        }
        catch (Exception e) when (e is JournalUnavailableException or TimeoutException)
        {
            return new Denied(Outcome.Unavailable, Detail: e.Message);
        }

        return await connected ? null : new Denied(Outcome.Unavailable, Detail: "No silo answers.");
    }

    private static Task<PostgresJournal> OpenAsync(BillingOptions options, ILoggerFactory logs)
    {
        PostgresJournalOptions journal = new()
        {
            ConnectionString = options.ConnectionString ?? throw new StartException(NoConnectionString),
            HostName = HostName(Environment.MachineName),
            Shared = options.Shared || options.Engine == EngineKind.Orleans,
        };
        if (options.Lanes is { } lanes)
        {
            journal = journal with { Lanes = lanes };
        }

        return PostgresJournal.OpenAsync(journal, TimeProvider.System, logs.CreateLogger<PostgresJournal>());
    }

    // The engine waits for its lanes for ever, as it has to once it runs; who starts a second host by mistake is to be told.
    private static async Task RefuseBesideOthersAsync(PostgresJournal journal)
    {
        for (int lane = 0; lane < journal.Lanes; lane++)
        {
            IJournalWriter free = await journal.OpenWriterAsync(lane, null, CancellationToken.None);
            await free.DisposeAsync();
        }
    }

    private static string HostName(string machine)
    {
        StringBuilder name = new();
        foreach (char c in machine.Length == 0 ? "host" : machine[..Math.Min(machine.Length, MaxHostName)])
        {
            name.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-');
        }

        return name.ToString();
    }
}
