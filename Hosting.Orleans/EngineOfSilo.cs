using System.Collections.Concurrent;
using OrleansBilling.Hosting.Orleans.Grains;
using OrleansBilling.Hosting.Orleans.Wire;

namespace OrleansBilling.Hosting.Orleans;

/// <summary>The engine that a silo's grains lead to, and which of them are active there.</summary>
public sealed class EngineOfSilo
{
    private readonly Engine engine;
    private readonly ConcurrentDictionary<string, IGrainContext> active = new(StringComparer.Ordinal);

    /// <summary>Takes an engine that is not started yet; whoever made it starts and stops it.</summary>
    /// <param name="engine">The engine.</param>
    public EngineOfSilo(Engine engine)
    {
        this.engine = engine;
        engine.LeftMemory = this.Deactivate;
    }

    /// <summary>Whether the silo decides now.</summary>
    public bool IsReady => this.engine.IsReady;

    /// <summary>How many grains Orleans has on this silo.</summary>
    public int Activations => this.active.Count;

    /// <summary>What the silo has in memory.</summary>
    internal SiloReport Report() => new(this.engine.IsReady, this.engine.CallsUnderWay, new Dictionary<string, int>(this.engine.ActivationsByKind, StringComparer.Ordinal));

    /// <summary>Has the engine decide a command, on the thread pool: what the engine starts must not live in one grain's scheduler.</summary>
    internal async Task<byte[]> AskAsync(GrainId grain, byte[] message)
    {
        Command command = CommandMessage.Read(message);
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Reply reply = await this.engine.AskAsync(grain, command, CancellationToken.None).ConfigureAwait(false);
        return ReplyMessage.Write(reply);
    }

    /// <summary>Has the engine decide several commands in their order, on the thread pool.</summary>
    internal async Task<byte[][]> AskInOrderAsync(GrainId grain, byte[][] messages)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Command[] commands = Array.ConvertAll(messages, static m => CommandMessage.Read(m));
        Reply[] replies = await this.engine.AskInOrderAsync(grain, commands, CancellationToken.None).ConfigureAwait(false);
        return Array.ConvertAll(replies, ReplyMessage.Write);
    }

    /// <summary>Takes note of an activation.</summary>
    internal void Enter(GrainId grain, IGrainContext context) => this.active[grain.Path] = context;

    /// <summary>Forgets an activation and writes its snapshot. Rows that are under way yet keep the grain in the engine, which puts it away by its age.</summary>
    internal void Leave(GrainId grain, IGrainContext context)
    {
        // A later activation of the same grain may be here already.
        if (this.active.TryRemove(KeyValuePair.Create(grain.Path, context)))
        {
            this.engine.PutAway(grain);
        }
    }

    private void Deactivate(GrainId grain)
    {
        if (this.active.TryGetValue(grain.Path, out IGrainContext? context))
        {
            context.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The engine has it in memory no more."));
        }
    }
}
