using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using OrleansBilling.Grains;
using OrleansBilling.Grains.Pricing;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Hosting.Turns;

namespace OrleansBilling.Hosting;

/// <summary>
/// Hosts grains in this process on a journal: loads them, runs their turns, commits in groups, and replies when what a turn has
/// seen is durable. All waiting and time go through the journal, the <see cref="TimeProvider"/> and the scheduler it is given.
/// </summary>
public sealed partial class Engine : IGrains, IAsyncDisposable
{
    private readonly IJournal journal;
    private readonly EngineOptions options;
    private readonly IPrices prices;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly FrozenDictionary<string, GrainKind> kinds;
    private readonly RecentReplies recent;
    private readonly RepeatForecast forecast;
    private readonly ActivationDirectory directory;
    private readonly Loader loader;
    private readonly RequestLookup lookup;
    private readonly RequestIdReader requestIds;
    private readonly SnapshotWriter snapshots;
    private readonly HostClock clock;
    private readonly Lane[] lanes;
    private readonly ConcurrentDictionary<string, long> resting = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stop = new();
    private Task housekeeping = Task.CompletedTask;
    private Task clockKeeping = Task.CompletedTask;
    private int underWay;
    // Asked at every call, and asking the dictionary would take all its locks.
    private volatile bool anyRests;
    private volatile bool started;
    private volatile bool stopping;

    /// <summary>Makes an engine; <see cref="StartAsync"/> starts it.</summary>
    /// <param name="journal">The truth. Not disposed by the engine.</param>
    /// <param name="options">How to run.</param>
    /// <param name="kinds">The kinds of grain to host.</param>
    /// <param name="prices">The prices in force.</param>
    /// <param name="time">The host's clock and timers.</param>
    /// <param name="logger">Where to say what an operator should know.</param>
    public Engine(
        IJournal journal, EngineOptions options, IReadOnlyList<GrainKind> kinds, IPrices prices, TimeProvider time, ILogger<Engine> logger)
    {
        this.journal = journal;
        this.options = options;
        this.prices = prices;
        this.time = time;
        this.logger = logger;
        this.kinds = kinds.ToFrozenDictionary(k => k.Name, StringComparer.Ordinal);
        RepeatFilter filter = new(options.RepeatFilterBits);
        this.recent = new RecentReplies(options.WindowSize, filter);
        this.forecast = new RepeatForecast(filter, time);
        this.requestIds = new RequestIdReader(journal, filter, this.forecast, options, logger);
        this.forecast.OnOftenRepeated = this.requestIds.Read;
        this.directory = new ActivationDirectory(options.MaxActivations) { OnPutAway = grain => this.LeftMemory?.Invoke(grain) };
        this.snapshots = new SnapshotWriter(journal, options, time, logger);
        this.loader = new Loader(journal, this.directory, this.kinds, options, this.snapshots.Add, logger);
        this.lookup = new RequestLookup(journal, options);
        this.clock = new HostClock(journal, options, time, logger);
        this.lanes = new Lane[journal.Lanes];
        for (int i = 0; i < this.lanes.Length; i++)
        {
            this.lanes[i] = new Lane(i, journal, options, time, logger)
            {
                OnSnapshot = this.snapshots.Add,
                OnRefused = grain => this.LeftMemory?.Invoke(grain),
                OnRefusedAgain = this.AskForRest,
                OnRepeatedId = this.forecast.Count,
            };
        }

        journal.RestRequested = this.Rest;
    }

    /// <summary>Whether the host decides now: started, its lanes open, its clock right.</summary>
    public bool IsReady => this.started && !this.stopping && this.clock.Agrees && Array.TrueForAll(this.lanes, l => l.IsReady);

    /// <summary>
    /// Told of a grain that is in memory no more, for want of room or use or because another host wrote it, so that whoever leads
    /// callers here may lead them elsewhere. Set before the start; called from any thread, and must not throw.
    /// </summary>
    public Action<GrainId>? LeftMemory { get; set; }

    /// <summary>How many grains are in memory.</summary>
    public int Activations => this.directory.Count;

    /// <summary>What the engine has done.</summary>
    public EngineMetrics Metrics => this.options.Metrics;

    /// <summary>Commands that are decided, or about to be, and not durable yet, on all lanes.</summary>
    public int Queued => this.lanes.Sum(l => l.Reserved);

    /// <summary>How many calls are not answered yet.</summary>
    public int CallsUnderWay => Volatile.Read(ref this.underWay);

    /// <summary>How many of each kind, every kind that is hosted.</summary>
    public IReadOnlyDictionary<string, int> ActivationsByKind => this.kinds.Keys.ToDictionary(k => k, this.directory.CountOf, StringComparer.Ordinal);

    /// <summary>Whether a grain is in memory; asking keeps it there no longer.</summary>
    /// <param name="grain">The grain.</param>
    public bool IsInMemory(GrainId grain) => this.directory.Contains(grain.Path);

    /// <summary>Rows committed by this engine, and in how many commits.</summary>
    public (long Rows, long Commits) Committed => (this.lanes.Sum(l => l.CommittedRows), this.lanes.Sum(l => l.Commits));

    /// <summary>Starts the loops. Returns at once; commands wait, at most their call time, until the journal can be reached.</summary>
    public async Task StartAsync()
    {
        await this.clock.CompareAsync();
        this.lookup.Start();
        this.snapshots.Start();
        Array.ForEach(this.lanes, l => l.Start());
        this.housekeeping = Task.Factory.StartNew(this.KeepHouseAsync, CancellationToken.None, TaskCreationOptions.None, this.options.Scheduler).Unwrap();
        this.clockKeeping = Task.Factory.StartNew(
            () => this.clock.KeepAsync(this.stop.Token), CancellationToken.None, TaskCreationOptions.None, this.options.Scheduler).Unwrap();
        this.started = true;
    }

    /// <summary>Refuses new calls, finishes those under way, commits, and writes snapshots.</summary>
    public async Task StopAsync()
    {
        if (!this.started || this.stopping)
        {
            return;
        }

        this.stopping = true;
        long began = this.time.GetTimestamp();
        while (Volatile.Read(ref this.underWay) > 0 && this.time.GetElapsedTime(began) < this.options.StopTime)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), this.time);
        }

        await Task.WhenAll(this.lanes.Select(l => l.StopAsync()));
        foreach (Activation activation in this.directory.Snapshot())
        {
            if (activation.TrySnapshot(this.options.SnapshotTailRows) is { } snapshot)
            {
                this.snapshots.Add(snapshot);
            }
        }

        await this.snapshots.DisposeAsync();
        await this.lookup.StopAsync();
        await this.requestIds.DisposeAsync();
        // Not CancelAsync: it would leave the scheduler that runs this.
#pragma warning disable CA1849, MA0042
        this.stop.Cancel();
#pragma warning restore CA1849, MA0042
        await this.housekeeping;
        await this.clockKeeping;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.StopAsync();
        this.stop.Dispose();
    }

    /// <summary>Writes a grain's snapshot and takes it out of memory, when nothing of it is pending.</summary>
    /// <param name="grain">The grain.</param>
    /// <returns>Whether it is out of memory now.</returns>
    public bool PutAway(GrainId grain)
    {
        if (this.directory.Find(grain.Path) is not { } activation)
        {
            return true;
        }

        if (activation.TrySnapshot(1) is { } snapshot)
        {
            this.snapshots.Add(snapshot);
        }

        if (!activation.TryPutAway())
        {
            return false;
        }

        this.directory.Remove(activation);
        return true;
    }

    private Lane LaneOf(GrainId grain) => this.lanes.Length == 1 ? this.lanes[0] : this.lanes[LaneHash.Of(grain, this.lanes.Length)];

    private async Task KeepHouseAsync()
    {
        int Ticks(TimeSpan span) => (int)Math.Max(1, span / this.options.HousekeepingInterval);
        while (true)
        {
            try
            {
                await Task.Delay(this.options.HousekeepingInterval, this.time, this.stop.Token);
                this.directory.Tick(Ticks(this.options.IdleTime));
                this.ForgetRests();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                Log.LoopFailed(this.logger, e);
            }
        }
    }

    private void Rest(GrainId grain)
    {
        this.resting[grain.Path] = this.time.GetTimestamp() + (long)(this.options.RestTime.TotalSeconds * this.time.TimestampFrequency);

        this.anyRests = true;

        // What is in memory is about to be overtaken; the next turn loads anew instead of being refused first.
        if (this.PutAway(grain))
        {
            this.LeftMemory?.Invoke(grain);
        }
    }

    private void ForgetRests()
    {
        long now = this.time.GetTimestamp();
        foreach (KeyValuePair<string, long> rest in this.resting)
        {
            if (rest.Value < now)
            {
                this.resting.TryRemove(rest);
            }
        }

        // One that comes in between is lost, which is only a courtesy missed.
        this.anyRests = !this.resting.IsEmpty;
    }

    private void AskForRest(GrainId grain) => _ = this.AskForRestAsync(grain);

    private async Task AskForRestAsync(GrainId grain)
    {
        try
        {
            await this.journal.AskForRestAsync(grain, CancellationToken.None);
        }
        catch (JournalUnavailableException e)
        {
            Log.CannotOpen(this.logger, 0, e.Message);
        }
    }
}
