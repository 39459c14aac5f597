using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;

namespace OrleansBilling.Hosting.Turns;

/// <summary>Brings grains into memory, each once however many ask for it, and never while rows of its last activation are unresolved.</summary>
internal sealed class Loader(
    IJournal journal, ActivationDirectory directory, FrozenDictionary<string, GrainKind> kinds, EngineOptions options,
    Action<StoredSnapshot> onSnapshot, ILogger logger)
{
    private readonly Lock gate = new();
    private readonly GroupedLoads reads = new(journal, options);
    private readonly Dictionary<string, Task<Activation>> loading = new(StringComparer.Ordinal);

    /// <summary>A usable activation of the grain.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be reached.</exception>
    /// <exception cref="GrainBrokenException">The grain's rows do not form a chain.</exception>
    public Task<Activation> LoadAsync(GrainId grain, Lane lane)
    {
        TaskCompletionSource<Activation> source;
        lock (this.gate)
        {
            if (this.loading.TryGetValue(grain.Path, out Task<Activation>? running))
            {
                return running;
            }

            source = new TaskCompletionSource<Activation>(TaskCreationOptions.RunContinuationsAsynchronously);
            this.loading.Add(grain.Path, source.Task);
        }

        _ = this.RunAsync(grain, lane, source);
        return source.Task;
    }

    private async Task RunAsync(GrainId grain, Lane lane, TaskCompletionSource<Activation> source)
    {
        Activation? loaded = null;
        Exception? failure = null;
        try
        {
            loaded = await this.ActivateAsync(grain, lane);
        }
        catch (Exception e)
        {
            failure = e;
        }

        lock (this.gate)
        {
            this.loading.Remove(grain.Path);
        }

        if (failure is null)
        {
            source.SetResult(loaded!);
        }
        else
        {
            source.SetException(failure);
            _ = source.Task.Exception;
        }
    }

    private async Task<Activation> ActivateAsync(GrainId grain, Lane lane)
    {
        while (true)
        {
            if (directory.Find(grain.Path) is { } present)
            {
                if (!present.Dropped && present.Epoch == lane.Epoch)
                {
                    return present;
                }

                if (!present.TryPutAway())
                {
                    await present.GoneAsync();
                }

                directory.Remove(present);
            }

            await lane.WhenReadyAsync();
            long epoch = lane.Epoch;
            FirstPage first = await this.reads.LoadAsync(grain);
            if (!lane.IsReady || lane.Epoch != epoch || await this.ReplayAsync(grain, first, lane, epoch) is not { } loaded)
            {
                continue;
            }

            Activation activation = new(grain, kinds[grain.Kind], lane, loaded, epoch);
            directory.Add(activation);
            if (activation.TrySnapshot(options.SnapshotTailRows) is { } snapshot)
            {
                onSnapshot(snapshot);
            }

            return activation;
        }
    }

    // Null when what was read may be of another server: the session was lost meanwhile, or one page does not know the row before it.
    private async Task<LoadedState?> ReplayAsync(GrainId grain, FirstPage first, Lane lane, long epoch)
    {
        GrainKind kind = kinds[grain.Kind];
        IReadOnlyList<JournalRow> rows = first.Stored.Rows;
        bool more = first.MayGoOn;
        Replay? replay = first.Stored.Snapshot is { } snapshot ? Replay.From(kind, snapshot) : new Replay(kind);
        if (replay is null)
        {
            Log.SnapshotNotRead(logger, grain, first.Stored.Snapshot!.Seq);
            replay = new Replay(kind);
            (rows, more) = ([], true);
        }

        try
        {
            replay.Add(rows);
            while (more)
            {
                // With the last row that is there already: if it is another one by now, the lane may not know of it yet.
                int known = replay.Seq > 0 ? 1 : 0;
                rows = await journal.ReadRowsAsync(grain, replay.Seq - known, options.LoadPageRows + known, CancellationToken.None);
                if (!lane.IsReady || lane.Epoch != epoch || (known > 0 && !replay.EndsWith(rows)))
                {
                    return null;
                }

                replay.Add(rows.Skip(known));
                more = rows.Count >= options.LoadPageRows + known;
            }
        }
        catch (GrainBrokenException e)
        {
            Log.GrainBroken(logger, grain, e.Message);
            throw;
        }

        return replay.Loaded;
    }
}
