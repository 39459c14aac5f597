using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using OrleansBilling.Grains;
using OrleansBilling.Hosting.Commit;
using OrleansBilling.Hosting.Journal;
using OrleansBilling.Json;

namespace OrleansBilling.Hosting.Turns;

/// <summary>A grain's rows do not form a chain, or cannot be read.</summary>
internal sealed class GrainBrokenException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Brings grains into memory, each once however many ask for it, and never while rows of its last activation are unresolved.</summary>
internal sealed class Loader(
    IJournal journal, ActivationDirectory directory, FrozenDictionary<string, GrainKind> kinds, EngineOptions options,
    Action<StoredSnapshot> onSnapshot, ILogger logger)
{
    private readonly Lock gate = new();
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
            StoredGrain stored = await journal.LoadAsync(grain, CancellationToken.None);
            if (!lane.IsReady || lane.Epoch != epoch)
            {
                continue;
            }

            Activation activation = new(grain, kinds[grain.Kind], lane, this.Replay(grain, stored), epoch);
            directory.Add(activation);
            if (activation.TrySnapshot(options.SnapshotTailRows) is { } snapshot)
            {
                onSnapshot(snapshot);
            }

            return activation;
        }
    }

    private LoadedState Replay(GrainId grain, StoredGrain stored)
    {
        GrainKind kind = kinds[grain.Kind];
        try
        {
            object? state = stored.Snapshot is null ? kind.NewState() : kind.ReadSnapshot(stored.Snapshot.Data);
            if (state is null)
            {
                throw new GrainBrokenException("its snapshot has a form this release does not read; delete the snapshot to replay its rows.");
            }

            long seq = stored.Snapshot?.Seq ?? 0;
            long at = stored.Snapshot?.AtNanos ?? 0;
            ChainHash hash = stored.Snapshot?.Hash ?? default;
            foreach (JournalRow row in stored.Rows)
            {
                if (row.Seq != seq + 1)
                {
                    throw new GrainBrokenException($"row {row.Seq} follows row {seq}.");
                }

                hash = ChainHash.Next(hash, row);
                if (hash != row.Hash)
                {
                    throw new GrainBrokenException($"row {row.Seq} does not have the hash that its content and the rows before it give.");
                }

                kind.Apply(state, EventJson.Read(row.Type, row.Data), row.Seq, row.AtNanos);
                seq = row.Seq;
                at = row.AtNanos;
            }

            return new LoadedState(state, seq, at, hash, stored.Snapshot?.Seq ?? 0);
        }
        catch (Exception e)
        {
            // Rows can be a chain and still not fit the state: whatever replaying them trips over, it is this grain that is broken.
            Log.GrainBroken(logger, grain, e.Message);
            throw new GrainBrokenException(e.Message, e);
        }
    }
}
