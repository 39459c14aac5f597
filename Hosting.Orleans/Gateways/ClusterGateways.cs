using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Messaging;
using OrleansBilling.Hosting.Orleans.Cluster;

namespace OrleansBilling.Hosting.Orleans.Gateways;

/// <summary>
/// A connection to every silo of a cluster, by a client of its own. Orleans' client also keeps one to each, but chooses among them
/// by the grain's id and learns only from the membership that one stands still; here a call goes straight to the silo where the
/// grain lives, and around one that is silent.
/// </summary>
internal sealed class ClusterGateways : IGateways, IAsyncDisposable
{
    /// <summary>How often the membership table is looked at.</summary>
    private static readonly TimeSpan LookTime = TimeSpan.FromMilliseconds(400);

    // The calls under way on a silo that leaves the cluster have ended by then.
    private static readonly TimeSpan Farewell = OrleansGrains.CallTime + OrleansGrains.CallTime;

    private readonly KnownGateways known = new();
    private readonly ClusterSettings settings;
    private readonly IGatewayListProvider table;
    private readonly ILoggerFactory logs;
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<IPEndPoint, Task<GatewayConnection>> opening = [];
    private readonly List<Task> closing = [];
    private ImmutableArray<GatewayConnection> open = [];
    private Task watch = Task.CompletedTask;
    private Exception? trouble;

    private ClusterGateways(ClusterSettings settings, IGatewayListProvider table, ILoggerFactory logs)
    {
        this.settings = settings;
        this.table = table;
        this.logs = logs;
    }

    /// <summary>Connects; waits until one silo, of those listed, is connected.</summary>
    /// <param name="settings">The cluster.</param>
    /// <param name="table">Lists the gateways of the silos that are active.</param>
    /// <param name="logs">Where it logs.</param>
    /// <param name="patience">How long to wait.</param>
    /// <exception cref="ClusterUnreachableException">None was.</exception>
    public static async Task<ClusterGateways> ConnectAsync(ClusterSettings settings, IGatewayListProvider table, ILoggerFactory logs, TimeSpan patience)
    {
        ClusterGateways gateways = new(settings, table, logs);
        long began = TimeProvider.System.GetTimestamp();
        do
        {
            await gateways.LookAsync();
            await Task.WhenAny(Task.Delay(LookTime), gateways.opening.Count > 0 ? Task.WhenAll(gateways.opening.Values) : Task.Delay(LookTime));
            await gateways.LookAsync();
        }
        while (gateways.open.IsEmpty && TimeProvider.System.GetElapsedTime(began) < patience);
        if (gateways.open.IsEmpty)
        {
            await gateways.DisposeAsync();
            throw new ClusterUnreachableException(
                $"No silo of cluster '{settings.ClusterId}' (service '{settings.ServiceId}') could be reached within {patience.TotalSeconds:0} s: {gateways.trouble?.Message ?? "the membership table lists none that is active."} Start one on this database, under the same Cluster:ClusterId and Cluster:ServiceId.",
                gateways.trouble);
        }

        gateways.watch = Task.Run(gateways.WatchAsync);
        return gateways;
    }

    /// <inheritdoc/>
    public Gateway To(GrainId grain) => this.known.To(grain);

    /// <inheritdoc/>
    public Gateway At(int silo) => this.known.At(silo);

    /// <inheritdoc/>
    public Gateway Next(Gateway? tried = null) => this.known.Next(tried);

    /// <inheritdoc/>
    public void Learn(GrainId grain, int silo) => this.known.Learn(grain, silo);

    /// <inheritdoc/>
    public async Task<bool> IsConnectedAsync(TimeSpan patience, CancellationToken ct)
    {
        long began = TimeProvider.System.GetTimestamp();
        List<Task<int>> beats = [.. this.open.Select(static c => c.BeatAsync())];
        while (beats.Count > 0 && patience - TimeProvider.System.GetElapsedTime(began) is { Ticks: > 0 } left)
        {
            try
            {
                Task<int> ended = await Task.WhenAny(beats).WaitAsync(left, ct);
                beats.Remove(ended);
                await ended;
                beats.ForEach(Lost.Observe);
                return true;
            }
            catch (Exception e) when (Lost.Is(e))
            {
                // Of this silo, or of the time for all: the loop's condition says.
                continue;
            }
        }

        beats.ForEach(Lost.Observe);
        return false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await this.stop.CancelAsync();
        await this.watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (Task<GatewayConnection> attempt in this.opening.Values)
        {
            this.closing.Add(CloseAsync(attempt));
        }

        await Task.WhenAll(this.closing.Concat(this.open.Select(static c => c.DisposeAsync().AsTask())));
        this.stop.Dispose();
    }

    private static async Task CloseAsync(Task<GatewayConnection> attempt)
    {
        try
        {
            await (await attempt).DisposeAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It never came to be.
            return;
        }
    }

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(LookTime);
        while (await timer.WaitForNextTickAsync(this.stop.Token))
        {
            await this.LookAsync();
        }
    }

    // One look at the table. Only one is under way at a time.
    private async Task LookAsync()
    {
        IPEndPoint[] listed;
        try
        {
            listed = [.. (await this.table.GetGateways()).Select(static g => g.ToIPEndPoint()).OfType<IPEndPoint>()];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The database is away. Silos that are known go on answering, if only that it is.
            this.trouble = e;
            return;
        }

        List<GatewayConnection> now = [.. this.open];
        foreach ((IPEndPoint endpoint, Task<GatewayConnection> attempt) in this.opening.Where(static o => o.Value.IsCompleted).ToArray())
        {
            this.opening.Remove(endpoint);
            if (attempt.IsCompletedSuccessfully)
            {
                now.Add(await attempt);
            }
            else
            {
                this.trouble = attempt.Exception?.GetBaseException();
            }
        }

        foreach (IPEndPoint endpoint in listed.Where(e => !this.opening.ContainsKey(e) && !now.Exists(c => c.Endpoint.Equals(e))))
        {
            this.opening.Add(endpoint, GatewayConnection.ConnectAsync(this.settings, endpoint, this.logs, this.stop.Token));
        }

        // Who is listed no more is dead or leaving; but there has to be somebody left to ask.
        GatewayConnection[] gone = [.. now.Where(c => !listed.Contains(c.Endpoint))];
        if (gone.Length < now.Count)
        {
            now.RemoveAll(gone.Contains);
            this.closing.RemoveAll(static c => c.IsCompleted);
            this.closing.AddRange(gone.Select(this.LeaveAsync));
        }

        this.open = [.. now];
        this.known.All = [.. now.Select(static c => c.Gateway)];
    }

    private async Task LeaveAsync(GatewayConnection connection)
    {
        await Task.Delay(Farewell, this.stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync();
    }
}
